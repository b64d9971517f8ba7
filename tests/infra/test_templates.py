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


def test_dashboard_is_json_that_reads_real_metrics(template):
    body = template("watch.yaml")["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(re.sub(r"\$\{\w+\}", "x", body))["widgets"]
    for widget in widgets:
        assert widget["properties"]["metrics"][0][0] in ("AWS/CloudFront", "AWS/Lambda")
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
