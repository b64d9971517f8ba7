"""The policies of whoever runs the scripts: valid, enough, and no more than that."""

import copy
import json
import re

import pytest

import deployer
from conftest import INFRA

DOCUMENTS = deployer.policies()
STATEMENTS = {one["Sid"]: one for document in DOCUMENTS.values() for one in document["Statement"]}
# A user's, a group's or a role's managed policy, without white space.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
MOST_CHARACTERS = 6144


@pytest.fixture(scope="module")
def types(template):
    return {resource["Type"] for path in INFRA.glob("*.yaml") for resource in template(path.name)["Resources"].values()}


def denied(documents, types):
    return {f"{by}: {action} on {where}" for action, where, by in deployer.needed(types) if not deployer.allows(documents, action, where)}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_a_policy(name):
    document = DOCUMENTS[name]
    assert len(re.sub(r"\s", "", json.dumps(document))) <= MOST_CHARACTERS
    assert document["Version"] == "2012-10-17"
    for statement in document["Statement"]:
        assert set(statement) - {"Condition"} == {"Sid", "Effect", "Action", "Resource"}
        assert re.fullmatch(r"\w+", statement["Sid"]) and statement["Effect"] == "Allow"
        actions = deployer.listed(statement["Action"])
        assert actions == sorted(set(actions))
        for resource in deployer.listed(statement["Resource"]):
            assert resource == "*" or re.fullmatch(r"arn:aws:[a-z0-9]+:(us-east-1|\*|):(\*|):\S+", resource), resource
    assert len(STATEMENTS) == sum(len(one["Statement"]) for one in DOCUMENTS.values()), "two statements have one Sid"


@pytest.mark.parametrize("sid", STATEMENTS)
def test_actions_exist_and_work_on_the_resource(sid):
    resources = deployer.listed(STATEMENTS[sid]["Resource"])
    for action in deployer.listed(STATEMENTS[sid]["Action"]):
        service, name = action.lower().split(":")
        real = [f"{service}:{one}" for one in deployer.ACTIONS[service]["Actions"] if deployer.matches(name, one)]
        assert real, f"{action} is no action"
        # Whatever takes no ARN is never allowed by a statement that has one.
        kinds = [re.sub(r"\.\*$", "", kind) for one in real for kind in deployer.kinds(one)]
        samples = [re.sub(r"\*", "us-east-1", arn, count=1) for arn in resources]
        works = any(re.match(kind, arn) for kind in kinds for arn in samples)
        assert works or resources == ["*"], f"{action} works on none of {resources}"


def test_every_call_is_known():
    assert deployer.calls() == set(deployer.CALLS)


def test_calls_are_really_found():
    found = deployer.calls()
    assert {"cloudformation CreateChangeSet", "s3 HeadBucket", "cloudfront GetCachePolicy", "logs tail"} <= found
    assert {"cloudwatch DescribeAlarms", "ship PutObject", "ship DeleteObjects", "ship ListObjectsV2"} <= found
    assert {"ship UploadPartCopy", "ship GetObjectTagging", "ship ListMultipartUploads", "ship AbortMultipartUpload"} <= found


def test_every_type_has_its_resources(types):
    assert types == set(deployer.RESOURCES)


def test_the_tool_and_cloudformation_may_do_what_they_do(types):
    assert denied(DOCUMENTS, types) == set()


def test_every_permission_is_known_or_not_needed(types):
    for kind, handler, action in deployer.handlers(types):
        assert deployer.known(action) is not None or deployer.unused(kind, action), f"{kind} {handler}: {action} is no action"


def test_exceptions_are_exceptions(types):
    """None is left over, and none is allowed all the same."""
    seen = set()
    for kind, handler, action in deployer.handlers(types):
        for pattern in deployer.unused(kind, action):
            seen.add((kind, pattern))
            arns = deployer.RESOURCES[kind].get(action.split(":")[0], ["*"])
            assert not any(deployer.allows(DOCUMENTS, action, arn) for arn in arns), f"{kind} {handler}: {action}"
    assert seen == {(kind, pattern) for kind, pattern, _ in deployer.NOT_USED}


@pytest.mark.parametrize("action, resource", [
    ("cloudfront:AllowVendedLogDeliveryForResource", deployer.DISTRIBUTION),
    ("kms:GenerateDataKey", f"arn:aws:kms:us-east-1:{deployer.ACCOUNT}:key/1"),
])  # fmt: skip
def test_what_no_schema_says(action, resource):
    assert deployer.allows(DOCUMENTS, action, resource)


@pytest.mark.parametrize("action, resource", [
    ("s3:GetObject", "arn:aws:s3:::somebody/secret"),
    ("s3:DeleteObject", f"{deployer.SALES}/x402/v2/payments/1"),
    ("s3:PutObject", f"{deployer.SALES}/x402/v2/payments/1"),
    ("s3:PutBucketPolicy", "arn:aws:s3:::somebody"),
    ("iam:PutRolePolicy", f"arn:aws:iam::{deployer.ACCOUNT}:role/admin"),
    ("iam:PassRole", f"arn:aws:iam::{deployer.ACCOUNT}:role/admin"),
    ("iam:AttachRolePolicy", deployer.ROLE),
    ("lambda:UpdateFunctionCode", f"arn:aws:lambda:us-east-1:{deployer.ACCOUNT}:function:other"),
    ("lambda:InvokeFunction", deployer.FUNCTION),
    ("lambda:InvokeFunction", deployer.CHECK),
    ("iam:AttachRolePolicy", deployer.CHECK_ROLE),
    ("events:PutRule", f"arn:aws:events:us-east-1:{deployer.ACCOUNT}:rule/other"),
    ("ssm:GetParameter", f"arn:aws:ssm:us-east-1:{deployer.ACCOUNT}:parameter/other"),
    ("logs:DeleteLogGroup", f"arn:aws:logs:us-east-1:{deployer.ACCOUNT}:log-group:/aws/lambda/other"),
])  # fmt: skip
def test_what_is_not_allowed(action, resource):
    assert not deployer.allows(DOCUMENTS, action, resource)


def test_what_is_not_ours_has_a_condition():
    """Any key may be named, and any role of the function's name be given to any service."""
    for sid in ("RoleOfTheFunction", "RoleToTheCheck"):
        assert STATEMENTS[sid]["Condition"] == {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    for sid, tag in (("NewKey", "RequestTag"), ("ContentKey", "ResourceTag")):
        assert STATEMENTS[sid]["Condition"] == {"Null": {f"aws:{tag}/x402-stack": "false"}}
    assert '"x402-stack"' in (INFRA.parent / "deployment/src/site.rs").read_text()
    for document in DOCUMENTS.values():
        for statement in document["Statement"]:
            for service in ("iam:PassRole", "kms:"):
                if any(action.startswith(service) for action in deployer.listed(statement["Action"])):
                    assert statement.get("Condition"), statement["Sid"]


@pytest.mark.parametrize("sid", STATEMENTS)
def test_every_statement_is_needed(sid, types):
    """Broken on purpose: without it, something is denied."""
    broken = copy.deepcopy(DOCUMENTS)
    for document in broken.values():
        document["Statement"] = [one for one in document["Statement"] if one["Sid"] != sid]
    assert denied(broken, types)


@pytest.mark.parametrize("sid, action, missed", [
    ("Function", "lambda:PublishVersion", "AWS::Lambda::Version create: lambda:PublishVersion"),
    ("Function", "lambda:EnableReplication*", "cloudfront UpdateDistribution: lambda:EnableReplication"),
    ("Role", "iam:PutRolePolicy", "AWS::IAM::Role create: iam:PutRolePolicy"),
    ("Check", "lambda:AddPermission", "AWS::Lambda::Permission create: lambda:AddPermission"),
    ("Schedule", "events:PutTargets", "AWS::Events::Rule create: events:PutTargets"),
    ("Alarms", "cloudwatch:TagResource", "AWS::CloudWatch::Alarm create: cloudwatch:TagResource"),
    ("Buckets", "s3:ListBucket", "s3 HeadBucket: s3:ListBucket"),
    ("Secrets", "ssm:PutParameter", "ssm PutParameter: ssm:PutParameter"),
])  # fmt: skip
def test_a_lacking_action_is_seen(sid, action, missed, types):
    broken = copy.deepcopy(DOCUMENTS)
    for document in broken.values():
        for statement in document["Statement"]:
            if statement["Sid"] == sid:
                statement["Action"].remove(action)
    assert any(one.startswith(missed) for one in denied(broken, types))


def test_every_statement_is_explained():
    page = (INFRA / "deployer-policy.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| .*\(https://docs\.aws\.amazon\.com/", page, re.MULTILINE)
    assert rows == list(STATEMENTS)
    assert [f"`{name}`" in page for name in DOCUMENTS] == [True] * len(DOCUMENTS)
