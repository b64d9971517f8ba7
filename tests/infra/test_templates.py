"""CloudFormation's own schemas, and what the templates promise each other and the reader."""

import json
import re

import pytest

from breakages import put
from conftest import INFRA, findings

TEMPLATES = sorted(path.name for path in INFRA.glob("*.yaml"))
LETTER = {"attach.yaml": "A", "region.yaml": "R", "site.yaml": "S", "watch.yaml": "W"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_cloudformation_takes_it(name, template):
    assert findings(template(name)) == []


def test_schemas_are_really_checked(template):
    misspelt, wrong = template("site.yaml"), template("site.yaml")
    put("Resources.EdgeFunction.Properties.Timeouts", 5)(misspelt)
    put("Resources.Distribution.Properties.DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy", "tls")(wrong)
    assert any("Timeouts" in message for _, message in findings(misspelt))
    assert any("'tls' is not one of" in message for _, message in findings(wrong))


def test_attaching_makes_the_same_function_as_a_new_site(template):
    site, attach = template("site.yaml"), template("attach.yaml")
    for section in ("Parameters", "Rules", "Conditions", "Resources", "Outputs"):
        for name, part in attach[section].items():
            assert site[section][name] == part, f"{section}.{name} differs between site.yaml and attach.yaml"


def test_readme_lists_every_parameter_and_output(template):
    readme = (INFRA / "README.md").read_text()
    for section, following in (("Parameters", "Outputs"), ("Outputs", "##")):
        table = readme.split(f"## {section}\n")[1].split(f"## {following}" if following == "Outputs" else "\n## ")[0]
        listed = {}
        for names, where in re.findall(r"^\| (`[^|]+`) \| ([SAWR ]+) \|", table, re.MULTILINE):
            listed.update({name: set(where.split()) for name in re.findall(r"`(\w+)`", names)})
        there = {}
        for file, letter in LETTER.items():
            for name in template(file).get(section, {}):
                there.setdefault(name, set()).add(letter)
        assert listed == there


def test_readme_lists_the_defaults(template):
    readme = (INFRA / "README.md").read_text()
    for file in TEMPLATES:
        for name, parameter in template(file)["Parameters"].items():
            default = re.search(rf"^\| `{name}` \| [SAWR ]+ \| ([^|]*) \|", readme, re.MULTILINE)[1].strip("` ")
            assert default == {None: "required", "": "empty"}.get(parameter.get("Default"), str(parameter.get("Default"))), name


# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
CLOUDFRONT = {"Requests", "CacheHitRate", "4xxErrorRate", "403ErrorRate", "5xxErrorRate", "502ErrorRate", "503ErrorRate", "504ErrorRate",
    "LambdaExecutionError", "LambdaValidationError", "LambdaLimitExceededErrors"}
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
LAMBDA = {"Invocations", "Errors", "Duration", "ConcurrentExecutions", "Throttles"}


def asked_for(widgets):
    """Each metric's namespace, name, dimensions and Region, with what a dashboard leaves out of a line because it stands above.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html"""
    for widget in widgets:
        above = []
        for line in widget["properties"]["metrics"]:
            options = line[-1] if isinstance(line[-1], dict) else {}
            words = [word for word in line if not isinstance(word, dict)]
            if words[0] == "...":
                words = above[:len(above) - len(words) + 1] + words[1:]
            words = [above[at] if word == "." else word for at, word in enumerate(words)]
            above = words
            dimensions = dict(zip(words[2::2], words[3::2]))
            yield words[0], words[1], dimensions, options.get("region", widget["properties"]["region"])


def test_dashboard_asks_for_metrics_that_there_are(template):
    """Those of the function's own words are made by region.yaml, where each is tried on real lines (tests/journeys/metrics.rs)."""
    made = {one["MetricName"]["Fn::Sub"]: one["MetricNamespace"]
        for resource in template("region.yaml")["Resources"].values() if resource["Type"] == "AWS::Logs::MetricFilter"
        for one in resource["Properties"]["MetricTransformations"]}
    assert set(made.values()) == {"x402"}
    body = template("watch.yaml")["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    # The placeholders stay, as names.
    widgets = json.loads(body)["widgets"]
    shown, regions = set(), {}
    for namespace, name, dimensions, region in asked_for(widgets):
        if namespace == "x402":
            assert name in made and dimensions == {}, name
            shown.add(name)
            regions.setdefault(name, set()).add(region)
        elif namespace == "AWS/CloudFront":
            assert name in CLOUDFRONT and region == "us-east-1"
            assert dimensions == {"Region": "Global", "DistributionId": "${DistributionId}"}
        else:
            assert namespace == "AWS/Lambda" and name in LAMBDA and dimensions == {"FunctionName": "us-east-1.${FunctionName}"}
            regions.setdefault(name, set()).add(region)
    assert shown == set(made), "made and paid for, and not shown"
    edge = re.search(r"const EDGE: .*?= \[(.*?)\];", (INFRA.parent / "deployment/src/regions.rs").read_text(), re.DOTALL)[1]
    assert all(there == set(re.findall(r'"([a-z0-9-]+)"', edge)) for there in regions.values()), regions
    places = [(widget["x"], widget["y"]) for widget in widgets]
    assert len(set(places)) == len(places), "widgets lie on each other"


def test_web_acl_answers_as_the_function_does(template):
    bodies = template("site.yaml")["Resources"]["EdgeWebAcl"]["Properties"]["CustomResponseBodies"]
    codes = (INFRA.parent / "docs/codes.md").read_text()
    for name, body in bodies.items():
        answer = json.loads(body["Content"])
        assert set(answer["paywall"]) == {"code", "message", "retryable", "resendSamePayment", "nextStep"}
        assert answer["error"] == answer["paywall"]["code"] == name.replace("-", "_")
        assert f"429 `{answer['error']}`" in codes


def test_the_tool_knows_the_parameters_of_the_watching_stack(template):
    """Those that a user may give are kept apart from the site's; the others the tool finds out."""
    source = (INFRA.parent / "deployment/src/watch.rs").read_text()
    own = re.search(r"const OWN: .*?= \[(.*?)\];", source, re.DOTALL)[1]
    given = set(re.findall(r'"(\w+)"', own))
    found = set(re.findall(r'\("([A-Z]\w+)", ', source)) | {"CreateAdditionalMetrics"}
    assert given | found == set(template("watch.yaml")["Parameters"])
    assert not given & set(template("site.yaml")["Parameters"])


def test_the_tool_knows_the_parameters_of_the_regional_stack(template):
    source = (INFRA.parent / "deployment/src/regional.rs").read_text()
    assert set(re.findall(r'\("([A-Z]\w+)", ', source)) == set(template("region.yaml")["Parameters"])


def test_texts_name_the_functions_log_group(template):
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html"""
    group = template("site.yaml")["Resources"]["EdgeFunctionLogGroup"]["Properties"]["LogGroupName"]["Fn::Sub"]
    right = re.escape(group).replace(re.escape("${AWS::StackName}"), r"(\$?STACK|shop)")
    root, named = INFRA.parent, 0
    for path in [*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("infra/*.md"), *root.glob("deployment/src/*.rs"), *root.glob("ship/src/**/*.rs")]:
        for name in re.findall(r"(?:logs tail|--log-group-name(?:-prefix)?|FunctionLogGroupName=) ?(/[^\s`]+)", path.read_text()):
            assert re.fullmatch(right, name), f"{path}: {name}"
            named += 1
        # UNTRIED.md says that Lambda's default group must not be there.
        assert path.name == "UNTRIED.md" or "/aws/lambda/" not in path.read_text(), path
    assert named >= 4


def test_no_template_names_an_account(template):
    for name in TEMPLATES:
        # AWS's own example account is in a hint.
        assert set(re.findall(r"\b\d{12}\b", json.dumps(template(name)))) <= {"111122223333"}
