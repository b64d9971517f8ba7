"""The module plans what attach.yaml makes."""

import base64
import json
import os
import re

import pytest

from conftest import INFRA
from local_edge import sells
from planned import ACCOUNT, distribution_config, plan, ready, resources, root, terraform
from settle import settle

pytestmark = pytest.mark.skipif(not os.environ.get("TF_PROVIDERS"), reason="Terraform or its provider is missing")
PACKAGE = {"code_bucket_name": "x402-artifacts-111122223333", "code_object_key": "shop/edge-fn.zip", "code_sha256": "A" * 43 + "="}
KEYS = [f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{name}" for name in ("new", "old")]
EVERYTHING = PACKAGE | {
    "code_object_version": "v1", "function_runtime": "python3.13", "function_timeout": 5, "function_memory": 256, "attempt": "second",
    "secrets_parameter_name": "/x402/shop", "secrets_parameter_region": "eu-west-1", "secrets_kms_key_arns": KEYS,
    "redemptions_bucket_name": "shop-sales", "create_redemptions_bucket": True, "redemptions_prefix": "a/b/", "redemptions_keep_days": 90,
    "log_retention_days": 7, "system_log_level": "WARN", "web_acl": True, "payment_rate_limit": 50, "request_rate_limit": None,
    "network_rate_limit": 20000, "vouched_value": "5a" * 32,
}  # fmt: skip
CASES = {
    "default": PACKAGE,
    "everything": EVERYTHING,
    "records-elsewhere": PACKAGE | {
        "secrets_parameter_name": "/x402/shop", "redemptions_bucket_name": "shop-sales", "create_redemptions_bucket": False, "web_acl": False},
}  # fmt: skip


def parameters(settings):
    """As attach.yaml calls and writes them."""
    given = {}
    for name, value in settings.items():
        name = "".join(part.capitalize() for part in name.removesuffix("s" if name == "secrets_kms_key_arns" else "").split("_"))
        if isinstance(value, bool):
            value = {"WebAcl": ("off", "on")}.get(name, ("no", "yes"))[value]
        given[name] = ",".join(value) if isinstance(value, list) else "" if value is None else value
    return given


def expected(template, settings):
    """attach.yaml in a stack named shop. Other resources stand as their Ref."""
    text = json.dumps(settle(template("attach.yaml"), parameters(settings)))
    made = json.loads(text.replace("${AWS::StackName}", "shop").replace("${AWS::AccountId}", ACCOUNT), object_hook=unsubstituted)
    return {name: one["Properties"] for name, one in made["Resources"].items()}


def unsubstituted(node):
    """A Sub of nothing is its text; a GetAtt has two forms."""
    if isinstance(node.get("Fn::Sub"), str) and "${" not in node["Fn::Sub"]:
        return node["Fn::Sub"]
    return {"Fn::GetAtt": ".".join(node["Fn::GetAtt"])} if isinstance(node.get("Fn::GetAtt"), list) else node


def texts(node):
    """Numbers as texts: CloudFormation takes both."""
    if isinstance(node, dict):
        return {key: texts(one) for key, one in node.items()}
    return [texts(one) for one in node] if isinstance(node, list) else node if isinstance(node, bool) else str(node)


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """One plan with all cases."""
    folder = tmp_path_factory.mktemp("terraform")
    root(folder, CASES)
    shown, said = plan(folder)
    assert shown, said
    return shown


@pytest.fixture(params=CASES)
def case(request, template, shown):
    """What attach.yaml makes, and what is planned."""
    return expected(template, CASES[request.param]), resources(shown, request.param), CASES[request.param]


def test_role(case):
    attach, module, _ = case
    wanted, role = attach["EdgeFunctionRole"], module["aws_iam_role.function"]
    assert role["description"] == wanted["Description"]
    assert json.loads(role["assume_role_policy"]) == wanted["AssumeRolePolicyDocument"]
    policies = {one["name"]: json.loads(one["policy"]) for address, one in module.items() if address.startswith("aws_iam_role_policy.")}
    assert policies == {one["PolicyName"]: one["PolicyDocument"] for one in wanted["Policies"]}


def test_function(case):
    attach, module, _ = case
    wanted, version, function = attach["EdgeFunction"], attach["EdgeFunctionVersion"], module["aws_lambda_function.paywall"]
    (logging,) = function["logging_config"]
    assert texts({
        "Description": function["description"], "Runtime": function["runtime"], "Handler": function["handler"],
        "Architectures": function["architectures"], "MemorySize": function["memory_size"], "Timeout": function["timeout"],
        "Code": {key: one for key, one in (("S3Bucket", function["s3_bucket"]), ("S3Key", function["s3_key"]),
            ("S3ObjectVersion", function["s3_object_version"])) if one},
        "LoggingConfig": {"LogGroup": {"Ref": "EdgeFunctionLogGroup"}, "LogFormat": logging["log_format"],
            "SystemLogLevel": logging["system_log_level"]},
        "Role": {"Fn::GetAtt": "EdgeFunctionRole.Arn"},
    }) == texts(wanted)  # fmt: skip
    assert logging["log_group"] == attach["EdgeFunctionLogGroup"]["LogGroupName"]
    assert function["source_code_hash"] == version["CodeSha256"] and function["publish"] is True
    # What Lambda@Edge refuses, and what DeletionPolicy keeps.
    for refused in ("environment", "vpc_config", "dead_letter_config", "layers", "file_system_config", "image_config"):
        assert not function.get(refused), refused
    assert function["skip_destroy"] is True


def test_log_group(case):
    attach, module, _ = case
    group, wanted = module["aws_cloudwatch_log_group.function"], attach["EdgeFunctionLogGroup"]
    assert texts({"LogGroupName": group["name"], "RetentionInDays": group["retention_in_days"]}) == texts(wanted)


def test_web_acl(case):
    attach, module, settings = case
    if not settings.get("web_acl", True):
        assert "EdgeWebAcl" not in attach and not any(address.startswith("aws_wafv2") for address in module)
        return
    wanted, acl = attach["EdgeWebAcl"], module["aws_wafv2_web_acl.edge[0]"]
    rules = json.loads(acl["rule_json"])
    for rule in rules:
        for match in [one for name, one in rule["Statement"].items() if name == "ByteMatchStatement"]:
            match["SearchString"] = base64.b64decode(match["SearchString"]).decode()
    assert texts(rules) == texts(wanted["Rules"])
    bodies = {one["key"]: (one["content_type"], json.loads(one["content"])) for one in acl["custom_response_body"]}
    assert bodies == {name: (one["ContentType"], json.loads(one["Content"])) for name, one in wanted["CustomResponseBodies"].items()}
    (visibility,) = acl["visibility_config"]
    assert (acl["name"], acl["scope"], visibility["metric_name"]) == (wanted["Name"], wanted["Scope"], wanted["VisibilityConfig"]["MetricName"])
    assert visibility["sampled_requests_enabled"] and visibility["cloudwatch_metrics_enabled"]
    (action,) = acl["default_action"]
    assert action["allow"] and not action["block"] and wanted["DefaultAction"] == {"Allow": {}}


def test_bucket_of_records(case):
    attach, module, _ = case
    buckets = {address.split(".")[0]: one for address, one in module.items() if address.startswith("aws_s3_")}
    if "RedemptionsBucket" not in attach:
        assert buckets == {}
        return
    wanted = attach["RedemptionsBucket"]
    assert buckets["aws_s3_bucket"]["bucket"] == wanted["BucketName"]
    block = buckets["aws_s3_bucket_public_access_block"]
    assert {key: block[re.sub("(?<!^)([A-Z])", r"_\1", key).lower()] for key in wanted["PublicAccessBlockConfiguration"]} == (
        wanted["PublicAccessBlockConfiguration"])
    (owner,), (encryption,) = buckets["aws_s3_bucket_ownership_controls"]["rule"], buckets["aws_s3_bucket_server_side_encryption_configuration"]["rule"]
    assert [{"ObjectOwnership": owner["object_ownership"]}] == wanted["OwnershipControls"]["Rules"]
    assert encryption["apply_server_side_encryption_by_default"][0]["sse_algorithm"] == "AES256"
    assert texts([
        {"Id": rule["id"], "Status": rule["status"], "Prefix": rule["filter"][0]["prefix"], "ExpirationInDays": rule["expiration"][0]["days"]}
        for rule in buckets["aws_s3_bucket_lifecycle_configuration"]["rule"]
    ]) == texts(wanted["LifecycleConfiguration"]["Rules"])  # fmt: skip
    policy = json.loads(buckets["aws_s3_bucket_policy"]["policy"])
    (statement,) = policy["Statement"]
    statement["Resource"] = [{"Fn::GetAtt": "RedemptionsBucket.Arn"}, {"Fn::Sub": "${RedemptionsBucket.Arn}/*"}]
    assert policy == attach["RedemptionsBucketPolicy"]["PolicyDocument"]


def test_nothing_more_and_nothing_less(case):
    attach, module, _ = case
    made_by = {"aws_iam_role": "EdgeFunctionRole", "aws_lambda_function": "EdgeFunction", "aws_cloudwatch_log_group": "EdgeFunctionLogGroup",
        "aws_wafv2_web_acl": "EdgeWebAcl", "aws_s3_bucket": "RedemptionsBucket", "aws_s3_bucket_policy": "RedemptionsBucketPolicy"}  # fmt: skip
    kinds = {address.split(".")[0] for address in module if not address.startswith("data.")}
    parts = {"aws_iam_role_policy"} | {kind for kind in kinds if kind.startswith("aws_s3_bucket_") and kind != "aws_s3_bucket_policy"}
    # publish makes the version.
    assert {made_by[kind] for kind in kinds - parts} | {"EdgeFunctionVersion"} == set(attach)


def test_variables_and_outputs_are_those_of_attach(template, shown):
    module = shown["configuration"]["root_module"]["module_calls"]["default"]["module"]
    attach = template("attach.yaml")
    given = {name: one.get("default") for name, one in module["variables"].items() if name != "name"}
    defaults = {name: str(one.get("Default", "")) for name, one in attach["Parameters"].items()}
    assert {name: str(one) for name, one in parameters(given).items()} == defaults
    assert {"".join(part.capitalize() for part in name.split("_")) for name in module["outputs"]} == set(attach["Outputs"])


def test_wrong_settings_are_all_told(tmp_path):
    wrong = {
        "name": "9", "code_bucket_name": "Bucket", "code_object_key": "/a", "code_sha256": "abc", "function_runtime": "provided.al2023",
        "function_timeout": 60, "function_memory": 64, "attempt": "a b", "secrets_parameter_name": "shop", "secrets_parameter_region": "mars",
        "secrets_kms_key_arns": ["alias/aws/ssm"], "redemptions_bucket_name": "a.b", "redemptions_prefix": "/", "redemptions_keep_days": 1,
        "log_retention_days": 2, "system_log_level": "DEBUG", "payment_rate_limit": 1, "request_rate_limit": 1, "network_rate_limit": 1,
        "vouched_value": "yes",
    }  # fmt: skip
    root(tmp_path, {"paywall": wrong})
    said = json.loads(terraform(tmp_path, "validate", "-json").stdout)
    refused = " ".join(one["snippet"]["code"] for one in said["diagnostics"])
    assert said["error_count"] == len(wrong) and all(f'"{name}"' in refused for name in wrong), refused


def test_other_regions_are_refused(tmp_path):
    root(tmp_path, {"paywall": PACKAGE}, region="eu-central-1")
    shown, said = plan(tmp_path)
    assert shown is None and "Lambda@Edge functions live in us-east-1, and aws.us_east_1 is a provider of eu-central-1" in " ".join(said.split()).replace("│ ", "")


def test_the_module_is_formatted():
    done = terraform(INFRA / "terraform", "fmt", "-check", "-recursive", "-list=true")
    assert done.returncode == 0, done.stdout


def test_the_example_is_planned_and_sells(tmp_path):
    """Its behaviour is as ours, with the function on both events."""
    for path in (INFRA / "terraform").rglob("*.tf"):
        copy = tmp_path / path.relative_to(INFRA / "terraform")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text())
    folder = tmp_path / "examples/attach"
    ready(folder)
    shown, said = plan(folder, *(f"-var={name}={value}" for name, value in PACKAGE.items()), "-var=content_bucket_name=shop-content")
    assert shown, said
    (distribution,) = (one["values"] for one in shown["planned_values"]["root_module"]["resources"] if one["type"] == "aws_cloudfront_distribution")
    (behaviour,) = distribution["default_cache_behavior"]
    # The version's number is known when it is applied.
    assert {one["event_type"] for one in behaviour["lambda_function_association"]} == {"viewer-request", "viewer-response"}
    assert not distribution.get("custom_error_response") and not distribution.get("origin_group")
    assert (behaviour["viewer_protocol_policy"], behaviour["compress"]) == ("https-only", False)
    assert sorted(behaviour["allowed_methods"]) == ["GET", "HEAD", "OPTIONS"] and "origin_request_policy_id" in behaviour
    assert not behaviour["origin_request_policy_id"] and not behaviour["forwarded_values"]
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:shop-paywall:1"
    (tmp_path / "distribution.json").write_text(json.dumps({"DistributionConfig": distribution_config(distribution, function)}))
    sells(tmp_path / "distribution.json", options=["--function-name", "shop-paywall"])
