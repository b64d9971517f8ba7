"""The construct makes what attach.yaml makes, and no distribution with a way round it. CDK names a copy of infra/cdk with its packages."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from conftest import HERE, INFRA, findings
from local_edge import sells
from settle import settle

pytestmark = pytest.mark.skipif(not os.environ.get("CDK"), reason="Node.js is missing")
FOLDER = Path(os.environ.get("CDK", "."))
PACKAGE = {"CodeBucketName": "x402-artifacts-111122223333", "CodeObjectKey": "shop/edge-fn.zip", "CodeSha256": "A" * 43 + "="}
EVERYTHING = PACKAGE | {
    "CodeObjectVersion": "v1", "FunctionRuntime": "python3.14", "FunctionTimeout": 5, "FunctionMemory": 256, "Attempt": "second",
    "SecretsParameterName": "/x402/shop", "SecretsParameterRegion": "eu-west-1",
    "SecretsKmsKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/new,arn:aws:kms:eu-west-1:111122223333:key/old",
    "RedemptionsBucketName": "shop-sales", "CreateRedemptionsBucket": "yes", "RedemptionsPrefix": "a/b/", "RedemptionsKeepDays": 90,
    "LogRetentionDays": 7, "SystemLogLevel": "WARN", "WebAcl": "on", "PaymentRateLimit": 50, "RequestRateLimit": "",
    "NetworkRateLimit": "20000", "VouchedValue": "5a" * 32,
}  # fmt: skip
# What the rules ask of parameters, where the construct writes values; and CDK's own parameter, which its command reads.
ABOUT_PARAMETERS = {
    ("E9019", "EdgeFunctionVersion: CodeSha256 is not a parameter, so new code would make no new version"),
    ("E9019", "EdgeFunctionVersion: tried again after a roll-back, the function would be that of a version; it needs a parameter in Description"),
    ("E9022", "EdgeFunctionLogGroup: RetentionInDays is not set by a parameter"),
    ("E9025", "BootstrapVersion takes anything: give it AllowedPattern, AllowedValues, MinValue"),
    ("E9025", "BootstrapVersion is in 0 groups of AWS::CloudFormation::Interface, not in one"),
}


def node(script, **environment):
    done = subprocess.run(["node", script], cwd=FOLDER, env=os.environ | environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def cases():
    (FOLDER / "cases.js").write_text((HERE / "cdk_cases.js").read_text())
    return json.loads(node("cases.js").stdout)


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """The synthesized example, and what CDK said of it."""
    folder = tmp_path_factory.mktemp("cdk")
    context = json.dumps(json.loads((INFRA / "cdk/cdk.json").read_text())["context"])
    said = node("example/app.js", CDK_OUTDIR=str(folder), CDK_CONTEXT_JSON=context)
    return folder / "shop.template.json", said.stdout + said.stderr


def same(one, other):
    """As CloudFormation reads it: GetAtt has two forms, numbers may be texts."""
    if isinstance(one, dict) and isinstance(other, dict):
        parts = [".".join(it["Fn::GetAtt"]) if isinstance(it.get("Fn::GetAtt"), list) else it.get("Fn::GetAtt") for it in (one, other)]
        return parts[0] == parts[1] if parts[0] else set(one) == set(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is not bool and str(one) == str(other) or one is other


@pytest.mark.parametrize("case, given", [
    ("default", PACKAGE), ("everything", EVERYTHING), ("without web acl", PACKAGE | {"WebAcl": "off"}), ("no Region", PACKAGE)])
def test_the_construct_makes_what_attach_makes(case, given, cases, template):
    made, wanted = cases[case]["template"], settle(template("attach.yaml"), given)
    for section in ("Resources", "Outputs"):
        ours = {name: one for name, one in made[section].items() if name != "CDKMetadata"}
        assert set(ours) == set(wanted[section])
        for name, one in wanted[section].items():
            one.pop("Condition", None)
            for key in one.keys() | ours[name].keys():
                assert same(ours[name].get(key), one.get(key)), f"{section}.{name}.{key}: {ours[name].get(key)}, not {one.get(key)}"
    assert made["Rules"]["OnlyInUsEast1"] == template("attach.yaml")["Rules"]["OnlyInUsEast1"]
    assert [error for error in findings(made) if error[0].startswith("E")] == []


def test_its_properties_are_the_parameters(template):
    source = (INFRA / "cdk/paywall-function.ts").read_text()
    body = re.search(r"interface PaywallFunctionProps \{(.*?)\n\}", source, re.DOTALL)[1]
    properties = {name[0].upper() + name[1:] for name in re.findall(r"readonly (\w+)\??:", body)}
    assert properties - {"FreePaths"} == set(template("attach.yaml")["Parameters"])


def test_wrong_settings_are_all_told(cases):
    problems = cases["wrong settings"]["error"].splitlines()
    for property, says in {
        "codeBucketName": "A bucket name, as in", "codeObjectKey": "is missing", "codeSha256": "44 characters", "functionTimeout": "from 1 to 30",
        "webAcl": "One of on, off", "codeSha": "is unknown"}.items():  # fmt: skip
        assert any(problem.startswith(f"{property} ") and says in problem for problem in problems), (property, problems)
    assert len(problems) == 6


@pytest.mark.parametrize("case, says", [
    ("other Region", "live in us-east-1, and this stack is in eu-central-1"),
    ("two in a stack", "a stack has one PaywallFunction"),
    ("unnamed path", "behaviour /assets/* lacks the function"),
    ("free path of the same bucket", "behaviour /assets/* reaches a bucket that another behaviour sells"),
    ("viewer-request alone", "behaviour /b/* lacks the function"),
    ("default behaviour", "the default behaviour lacks the function"),
    ("error page", "the error page of 403"),
    ("root object", "defaultRootObject"),
    ("origin group", "an origin group"),
])
def test_a_way_round_the_function_is_refused(case, says, cases):
    assert says in cases[case].get("error", "it was synthesized")


@pytest.mark.parametrize("case", ["guarded", "free path", "error without page", "no function at all"])
def test_what_is_no_way_round_is_synthesized(case, cases):
    assert "error" not in cases[case]


def test_the_example_keeps_the_rules(example, policies):
    path, said = example
    template = json.loads(path.read_text())
    assert set(findings(template, policies)) == ABOUT_PARAMETERS
    assert [error for error in findings(template) if error[0].startswith("E")] == []
    assert "WARNING" not in said and "ERROR" not in said, said


def test_the_example_sells(example):
    sells(example[0])


def test_a_behaviour_without_the_function_is_found(example, policies, tmp_path):
    template = json.loads(example[0].read_text())
    (config,) = (one["Properties"]["DistributionConfig"] for one in template["Resources"].values() if one["Type"] == "AWS::CloudFront::Distribution")
    default = config["DefaultCacheBehavior"]
    config["CacheBehaviors"] = [{key: one for key, one in default.items() if key != "LambdaFunctionAssociations"} | {"PathPattern": "/reports/*"}]
    assert any(rule == "E9001" and "has no function" in message for rule, message in findings(template, policies))
    # The sample is sealed: what nobody gates is not there, and not free.
    (tmp_path / "open.json").write_text(json.dumps(template))
    sells(tmp_path / "open.json", unpaid=403)
