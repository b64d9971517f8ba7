"""Who runs the scripts: what they ask AWS for, what CloudFormation does with the same rights, and what the policies allow.

Actions and their resources are those of cfn-lint's copy of AWS's service authorization reference, and the permissions that a
resource type needs are its schema's.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
"""

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path

import cfnlint

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ("deployer-policy.json", "deployer-policy-watch.json")
DATA = Path(cfnlint.__file__).parent / "data"
ACTIONS = json.loads((DATA / "AdditionalSpecs/Policies.json").read_text())
ACCOUNT = "111122223333"

# A site of the stack `shop`, as the scripts name it and CloudFormation names its resources.
CONTENT, PACKAGES = f"arn:aws:s3:::shop-content-{ACCOUNT}-1a2b3c4d", f"arn:aws:s3:::x402-artifacts-{ACCOUNT}-1a2b3c4d"
# Of stacks from before names had an end that cannot be guessed.
OLD_CONTENT, OLD_PACKAGES = f"arn:aws:s3:::shop-content-{ACCOUNT}", f"arn:aws:s3:::x402-artifacts-{ACCOUNT}"
OWN_CONTENT, SALES, FREE = (f"arn:aws:s3:::{name}-BUCKET" for name in ("CONTENT", "SALES", "FREE"))
ACCESS_LOG = "arn:aws:s3:::shop-watch-accesslogsbucket-1a2b3c4d5e6f"
STACK = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/shop/11111111-2222-3333-4444-555555555555"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:shop-EdgeFunction-1A2B3C4D5E6F"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop-EdgeFunctionRole-1A2B3C4D5E6F"
DISTRIBUTION = f"arn:aws:cloudfront::{ACCOUNT}:distribution/EDFDVBD6EXAMPLE"
PARAMETER = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/x402/shop"
CHECK = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:shop-watch-Bookkeeper-1A2B3C4D5E6F"
LEDGER = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:shop-watch-Ledger-1A2B3C4D5E6F"
LEDGER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop-watch-LedgerRole-1A2B3C4D5E6F"
CHECK_ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop-watch-BookkeeperRole-1A2B3C4D5E6F"
CHECK_RULES = [f"arn:aws:events:us-east-1:{ACCOUNT}:rule/shop-watch-{name}-1A2B3C4D5E6F" for name in ("CheckSchedule", "CheckOnChange", "LedgerSchedule")]
BOT_CONTROL = "arn:aws:wafv2:us-east-1::global/managedruleset/AWSManagedRulesBotControlRuleSet/1"
WEB_ACL = f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/shop-paywall/1"
ALARM = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:shop-watch-AlarmRequests-1A2B3C4D5E6F"

# A copy within the content: bytes, and tags, which S3 takes both rights for.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
COPIES = [(f"s3:{right}", f"{bucket}/a") for bucket in (CONTENT, OWN_CONTENT)
          for right in ("GetObject", "GetObjectTagging", "PutObject", "PutObjectTagging")]  # fmt: skip

# What each call of the control plane and of `ship`, and each command that people are told, needs, where it is not the action of the same name on one resource.
CALLS = {
    "cloudformation continue-update-rollback": [("cloudformation:ContinueUpdateRollback", STACK)],
    "cloudformation delete-stack": [("cloudformation:DeleteStack", STACK)],
    "cloudformation DeleteStack": [("cloudformation:DeleteStack", STACK)],
    # With the stack's tags.
    "cloudformation CreateChangeSet": [("cloudformation:CreateChangeSet", STACK), ("cloudformation:TagResource", STACK)],
    "cloudformation DeleteChangeSet": [("cloudformation:DeleteChangeSet", STACK)],
    "cloudformation DescribeChangeSet": [("cloudformation:DescribeChangeSet", STACK)],
    "cloudformation DescribeStackResources": [("cloudformation:DescribeStackResources", "*")],
    "cloudformation ExecuteChangeSet": [("cloudformation:ExecuteChangeSet", STACK)],
    # Of a template that no stack has yet.
    "cloudformation GetTemplateSummary": [("cloudformation:GetTemplateSummary", "*")],
    "cloudformation DescribeStackEvents": [("cloudformation:DescribeStackEvents", STACK)],
    "cloudformation DescribeStacks": [("cloudformation:DescribeStacks", "*")],
    "cloudformation GetTemplate": [("cloudformation:GetTemplate", STACK)],
    "cloudformation wait": [("cloudformation:DescribeStacks", STACK)],
    "cloudfront CreateInvalidation": [("cloudfront:CreateInvalidation", DISTRIBUTION)],
    "cloudfront list-distributions": [("cloudfront:ListDistributions", "*")],
    "cloudfront delete-monitoring-subscription": [("cloudfront:DeleteMonitoringSubscription", DISTRIBUTION)],
    "cloudfront GetCachePolicy": [("cloudfront:GetCachePolicy", f"arn:aws:cloudfront::{ACCOUNT}:cache-policy/1")],
    "cloudfront GetDistribution": [("cloudfront:GetDistribution", DISTRIBUTION)],
    "cloudfront GetDistributionConfig": [("cloudfront:GetDistributionConfig", DISTRIBUTION)],
    "cloudfront GetMonitoringSubscription": [("cloudfront:GetMonitoringSubscription", DISTRIBUTION)],
    "cloudfront GetOriginRequestPolicy": [
        ("cloudfront:GetOriginRequestPolicy", f"arn:aws:cloudfront::{ACCOUNT}:origin-request-policy/1")],
    "cloudfront ListDistributions": [("cloudfront:ListDistributions", "*")],
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html
    "cloudfront UpdateDistribution": [
        ("cloudfront:UpdateDistribution", DISTRIBUTION), ("lambda:GetFunction", f"{FUNCTION}:1"),
        ("lambda:EnableReplication", f"{FUNCTION}:1"), ("lambda:DisableReplication", f"{FUNCTION}:1"),
        ("iam:CreateServiceLinkedRole", f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/replicator.lambda.amazonaws.com/R"),
        ("iam:CreateServiceLinkedRole", f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/logger.cloudfront.amazonaws.com/R")],
    "cloudfront ListTagsForResource": [("cloudfront:ListTagsForResource", DISTRIBUTION)],
    "cloudwatch DescribeAlarms": [("cloudwatch:DescribeAlarms", "*")],
    # The command line's own business.
    "configure list-profiles": [],
    "lambda DeleteFunction": [("lambda:DeleteFunction", FUNCTION)],
    "lambda GetAccountSettings": [("lambda:GetAccountSettings", "*")],
    # Of a stack's function, or CDK's, and of Terraform's.
    "lambda GetFunctionConfiguration": [
        ("lambda:GetFunctionConfiguration", f"{FUNCTION}:1"),
        ("lambda:GetFunctionConfiguration", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:shop-paywall:1")],
    "lambda ListFunctions": [("lambda:ListFunctions", "*")],
    "logs DescribeLogGroups": [("logs:DescribeLogGroups", "*")],
    "logs PutRetentionPolicy": [("logs:PutRetentionPolicy", f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/x402/shop:*")],
    # awscli's customizations/logs/tail.py
    "logs tail": [("logs:FilterLogEvents", f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/x402/shop:*")],
    "s3 CreateBucket": [("s3:CreateBucket", PACKAGES)],
    "s3 DeleteBucket": [("s3:DeleteBucket", CONTENT)],
    "s3 DeleteObjects": [("s3:DeleteObject", f"{bucket}/reports/1") for bucket in (CONTENT, PACKAGES)],
    "s3 GetBucketLocation": [("s3:GetBucketLocation", bucket) for bucket in (CONTENT, OWN_CONTENT, PACKAGES, SALES, OLD_CONTENT, OLD_PACKAGES, "arn:aws:s3:::anybody")],
    "s3 GetBucketPolicy": [("s3:GetBucketPolicy", bucket) for bucket in (CONTENT, OWN_CONTENT)],
    "s3 GetBucketPolicyStatus": [("s3:GetBucketPolicyStatus", "arn:aws:s3:::anybody")],
    "s3 GetObject": [("s3:GetObject", f"{PACKAGES}/shop/1.json")],
    "s3 GetPublicAccessBlock": [("s3:GetBucketPublicAccessBlock", "arn:aws:s3:::anybody")],
    # Whoever may not list is told 403 for what is not there.
    "s3 HeadBucket": [("s3:ListBucket", bucket) for bucket in (CONTENT, OWN_CONTENT, PACKAGES, SALES)],
    "s3 HeadObject": [("s3:GetObject", f"{PACKAGES}/shop/1.zip"), ("s3:ListBucket", PACKAGES)],
    "s3 ListBuckets": [("s3:ListAllMyBuckets", "*")],
    "s3 ListObjectsV2": [("s3:ListBucket", bucket) for bucket in (CONTENT, PACKAGES)],
    "s3 PutObject": [("s3:PutObject", f"{bucket}/shop/1.zip") for bucket in (PACKAGES, OLD_PACKAGES)],
    "s3 PutPublicAccessBlock": [("s3:PutBucketPublicAccessBlock", PACKAGES)],
    "sso login": [],
    "ssm DeleteParameter": [("ssm:DeleteParameter", PARAMETER)],
    "ssm DescribeParameters": [("ssm:DescribeParameters", "*")],
    "ssm GetParameter": [("ssm:GetParameter", PARAMETER)],
    "ssm PutParameter": [("ssm:PutParameter", PARAMETER)],
    # No permissions are needed: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    "sts GetCallerIdentity": [],
    "wafv2 GetWebACL": [("wafv2:GetWebACL", WEB_ACL)],
    # Of a web ACL that has Bot Control: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html
    "wafv2 UpdateWebACL": [("wafv2:UpdateWebACL", WEB_ACL), ("wafv2:UpdateWebACL", BOT_CONTROL), ("wafv2:CreateWebACL", BOT_CONTROL)],
    # ship: content that is uploaded, records that are listed, the site's id that is claimed.
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
    "ship AbortMultipartUpload": [("s3:AbortMultipartUpload", f"{bucket}/a") for bucket in (CONTENT, OWN_CONTENT)],
    "ship CompleteMultipartUpload": [("s3:PutObject", f"{bucket}/a") for bucket in (CONTENT, OWN_CONTENT)],
    "ship CopyObject": COPIES,
    "ship CreateMultipartUpload": COPIES,
    "ship DeleteObjects": [("s3:DeleteObject", f"{bucket}/a") for bucket in (CONTENT, OWN_CONTENT)],
    "ship GetObject": [("s3:GetObject", f"{SALES}/x402/v2/payments/1"), ("s3:GetObject", f"{SALES}/x402/v2/sites/1")],
    "ship GetObjectTagging": COPIES,
    "ship HeadObject": [("s3:GetObject", f"{CONTENT}/a"), ("s3:GetObject", f"{OWN_CONTENT}/a")],
    "ship ListMultipartUploads": [("s3:ListBucketMultipartUploads", bucket) for bucket in (CONTENT, OWN_CONTENT)],
    "ship ListParts": [("s3:ListMultipartUploadParts", f"{bucket}/a") for bucket in (CONTENT, OWN_CONTENT)],
    "ship ListObjectsV2": [("s3:ListBucket", bucket) for bucket in (CONTENT, OWN_CONTENT, SALES)],
    "ship PutObject": [("s3:PutObject", f"{CONTENT}/a"), ("s3:PutObject", f"{OLD_CONTENT}/a"), ("s3:PutObject", f"{OWN_CONTENT}/a"), ("s3:PutObject", f"{SALES}/x402/v2/sites/1")],
    "ship UploadPart": [("s3:PutObject", f"{bucket}/a") for bucket in (CONTENT, OWN_CONTENT)],
    "ship UploadPartCopy": COPIES,
}  # fmt: skip

# Where the resources of a type are, and those of other services with which its handlers work.
RESOURCES = {
    "AWS::CloudFront::CachePolicy": {"cloudfront": [f"arn:aws:cloudfront::{ACCOUNT}:cache-policy/1"]},
    "AWS::CloudFront::Distribution": {"cloudfront": [DISTRIBUTION]},
    "AWS::CloudFront::MonitoringSubscription": {"cloudfront": [DISTRIBUTION]},
    "AWS::CloudFront::OriginAccessControl": {"cloudfront": [f"arn:aws:cloudfront::{ACCOUNT}:origin-access-control/1"]},
    "AWS::CloudFront::ResponseHeadersPolicy": {"cloudfront": [f"arn:aws:cloudfront::{ACCOUNT}:response-headers-policy/1"]},
    "AWS::CloudWatch::Alarm": {"cloudwatch": [ALARM, f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:shop-logs-AlarmMoney-1A2B3C4D5E6F"]},
    "AWS::CloudWatch::Dashboard": {"cloudwatch": [f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/shop-watch"]},
    "AWS::Events::Rule": {"events": CHECK_RULES},
    "AWS::IAM::Role": {"iam": [ROLE, CHECK_ROLE, LEDGER_ROLE]},
    "AWS::KMS::Key": {"kms": [f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"]},
    "AWS::Lambda::Function": {"lambda": [FUNCTION, CHECK, LEDGER], "iam": [ROLE, CHECK_ROLE, LEDGER_ROLE], "s3": [f"{PACKAGES}/shop/1.zip"]},
    "AWS::Lambda::Permission": {"lambda": [CHECK, LEDGER]},
    "AWS::Lambda::Version": {"lambda": [FUNCTION, f"{FUNCTION}:1"]},
    "AWS::Logs::Delivery": {"logs": [f"arn:aws:logs:us-east-1:{ACCOUNT}:{kind}" for kind in (
        "delivery:1", "delivery-source:x402-EDFDVBD6EXAMPLE", "delivery-destination:x402-EDFDVBD6EXAMPLE")]},
    "AWS::Logs::DeliveryDestination": {"logs": [f"arn:aws:logs:us-east-1:{ACCOUNT}:delivery-destination:x402-EDFDVBD6EXAMPLE"]},
    # AWS's reference says that a source is deleted with a right on the destination, and its guide on the source.
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-vended-logs-permissions-V2.html
    "AWS::Logs::DeliverySource": {"logs": [f"arn:aws:logs:us-east-1:{ACCOUNT}:{kind}:x402-EDFDVBD6EXAMPLE" for kind in (
        "delivery-source", "delivery-destination")]},
    "AWS::Logs::LogGroup": {"logs": [f"arn:aws:logs:{region}:{ACCOUNT}:log-group:/x402/shop:*" for region in ("us-east-1", "eu-west-1")]},
    "AWS::Logs::MetricFilter": {"logs": [f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/x402/shop:*"]},
    "AWS::S3::Bucket": {"s3": [CONTENT, OWN_CONTENT, SALES, FREE, ACCESS_LOG]},
    "AWS::S3::BucketPolicy": {"s3": [CONTENT, OWN_CONTENT, SALES, FREE, ACCESS_LOG]},
    "AWS::SNS::Topic": {"sns": [f"arn:aws:sns:{region}:{ACCOUNT}:shop-watch-AlarmTopic-1A2B3C4D5E6F" for region in ("us-east-1", "eu-west-1")]},
    "AWS::WAFv2::WebACL": {"wafv2": [WEB_ACL]},
}  # fmt: skip

# Permissions of handlers that these templates never use: of a type, a pattern, and why. Reading is needed, since handlers read all
# that there could be.
NOT_USED = (
    ("AWS::CloudFront::Distribution", "cloudfront:CreateDistributionWithTags", "an operation; its actions are CreateDistribution and TagResource"),
    ("AWS::CloudFront::Distribution", "cloudfront:*ConnectionGroup", "for distributions with tenants"),
    ("AWS::CloudFront::Distribution", "cloudfront:GetVpcOrigin", "for origins in a VPC"),
    ("AWS::CloudFront::Distribution", "cloudfront:UpdateDistributionWithStagingConfig", "for staging distributions"),
    ("AWS::Events::Rule", "iam:PassRole", "for targets that need a role; a function has a permission instead"),
    ("AWS::IAM::Role", "iam:?*tachRolePolicy", "for managed policies, which the function's role has none of"),
    ("AWS::IAM::Role", "iam:*RolePermissionsBoundary", "for a boundary, which the template sets none of"),
    ("AWS::KMS::Key", "kms:DisableKey", "for keys that are off"),
    ("AWS::KMS::Key", "kms:EnableKey", "for keys that were off"),
    ("AWS::KMS::Key", "kms:DisableKeyRotation", "rotation stays on"),
    ("AWS::Lambda::Function", "ec2:*", "for functions in a VPC, which Lambda@Edge refuses"),
    ("AWS::Lambda::Function", "elasticfilesystem:*", "for file systems, which Lambda@Edge refuses"),
    ("AWS::Lambda::Function", "s3files:*", "for file systems, which Lambda@Edge refuses"),
    ("AWS::Lambda::Function", "kms:*", "for a key of the environment or the zip, which Lambda@Edge refuses"),
    ("AWS::Lambda::Function", "s3:GetObjectVersion", "for CodeObjectVersion, which the scripts leave empty"),
    ("AWS::Lambda::Function", "lambda:GetLayerVersion", "for layers, which Lambda@Edge refuses"),
    ("AWS::Lambda::Function", "lambda:*FunctionConcurrency", "no concurrency is reserved"),
    ("AWS::Lambda::Function", "lambda:[!G]*CodeSigningConfig", "code is not signed"),
    ("AWS::Lambda::Function", "lambda:GetCodeSigningConfig", "code is not signed"),
    ("AWS::Lambda::Function", "lambda:PutRuntimeManagementConfig", "Lambda@Edge takes no other than the automatic one"),
    ("AWS::Lambda::Function", "lambda:PutFunctionRecursionConfig", "not set"),
    ("AWS::Lambda::Function", "lambda:PutFunctionScalingConfig", "for functions on instances of one's own"),
    ("AWS::Lambda::Function", "lambda:PassCapacityProvider", "for functions on instances of one's own"),
    ("AWS::Lambda::Function", "lambda:AssociateRuntimeAlias", "not set"),
    ("AWS::Lambda::Version", "lambda:PutProvisionedConcurrencyConfig", "Lambda@Edge refuses provisioned concurrency"),
    ("AWS::Lambda::Version", "lambda:PutRuntimeManagementConfig", "Lambda@Edge takes no other than the automatic one"),
    ("AWS::Lambda::Version", "lambda:PutFunctionScalingConfig", "for functions on instances of one's own"),
    ("AWS::Logs::DeliveryDestination", "logs:[!G]*DeliveryDestinationPolicy", "for logs of another account"),
    ("AWS::Logs::DeliverySource", "*:AllowVendedLogDeliveryForResource", "of other services; the one of CloudFront is tested below"),
    ("AWS::Logs::LogGroup", "logs:[!G]*DataProtectionPolicy", "not set"),
    ("AWS::Logs::LogGroup", "logs:*KmsKey", "for a key of one's own"),
    ("AWS::Logs::LogGroup", "logs:*IndexPolicy", "not set"),
    ("AWS::Logs::LogGroup", "logs:*ResourcePolicy", "not set"),
    ("AWS::Logs::LogGroup", "logs:CreateLogDelivery", "for audits of data protection"),
    ("AWS::Logs::LogGroup", "s3:REST.PUT.OBJECT", "for audits of data protection"),
    ("AWS::Logs::LogGroup", "firehose:*", "for audits of data protection"),
    ("AWS::Logs::LogGroup", "logs:PutLogGroupDeletionProtection", "not set"),
    ("AWS::Logs::LogGroup", "logs:PutBearerTokenAuthentication", "not set"),
    ("AWS::S3::Bucket", "iam:PassRole", "for replication"),
    ("AWS::S3::Bucket", "s3tables:*", "for metadata tables"),
    ("AWS::S3::Bucket", "s3:[!G]*Metadata*Configuration", "for metadata tables"),
    ("AWS::S3::Bucket", "s3:[!G]*Replication*", "not set"),
    ("AWS::S3::Bucket", "s3:PutBucket[!OPT]*", "settings that the templates do not make"),
    ("AWS::S3::Bucket", "s3:PutBucketObjectLockConfiguration", "not set"),
    ("AWS::S3::Bucket", "s3:Put[AMIO]*", "settings that the templates do not make"),
    ("AWS::S3::Bucket", "s3:DeleteBucket?*", "settings that the templates do not make, or never take away"),
    ("AWS::S3::Bucket", "s3:DeleteObject", "no bucket is emptied by CloudFormation"),
    ("AWS::SNS::Topic", "iam:*", "for delivery logs"),
    ("AWS::SNS::Topic", "sns:PutDataProtectionPolicy", "not set"),
    ("AWS::WAFv2::WebACL", "payments:*", "for rules that monetize"),
)  # fmt: skip


def policies():
    """The documents, by name."""
    return {name: json.loads((ROOT / "infra" / name).read_text()) for name in POLICIES}


def listed(value):
    return value if isinstance(value, list) else [value]


def matches(pattern, value):
    """IAM's wildcards are `*` and `?` alone."""
    return fnmatchcase(value, pattern.replace("[", "[[]"))


def allows(documents, action, resource):
    """Whether a statement allows an action on a resource. Conditions are taken to hold."""
    for document in documents.values():
        for statement in document["Statement"]:
            actions = [one.lower() for one in listed(statement["Action"])]
            where = [one.replace("${aws:PrincipalAccount}", ACCOUNT) for one in listed(statement["Resource"])]
            if any(matches(one, action.lower()) for one in actions) and any(matches(one, resource) for one in where):
                return True
    return False


def known(action):
    """What is known of an action, or None: its kinds of resources."""
    service, name = action.lower().split(":")
    return ACTIONS.get(service, {}).get("Actions", {}).get(name)


def kinds(action):
    """Patterns of the ARNs on which an action works; none if it takes `*` alone."""
    service = action.split(":")[0]
    formats = [arn for kind in known(action).get("Resources", []) for arn in ACTIONS[service]["Resources"].get(kind, {}).get("ARNFormats", [])]
    return [re.sub(r"\$\{\w+\}", "[^:]*", arn) for arn in formats]


def calls():
    """Every call that `aws-control-plane` makes, every command of AWS's command line that people are told, and every S3 request of `ship`."""
    found = set()
    for source in ROOT.glob("aws-control-plane/src/**/*.rs"):
        found.update(re.findall(r'"((?:cloudformation|cloudfront|cloudwatch|lambda|logs|s3|ssm|sts|wafv2) [A-Z]\w+)"', source.read_text()))
    for source in ROOT.glob("deployment/src/*.rs"):
        for text in re.findall(r'"(?:[^"\\]|\\.)*"', source.read_text()):
            told = re.findall(r"\baws ([a-z0-9]+) ([a-z][a-z0-9-]+)", text)
            found.update(f"{service} {operation}" for service, operation in told)
    for source in ROOT.glob("ship/src/**/*.rs"):
        text = source.read_text()
        for request in re.findall(r"\.((?:put|get|head|delete|list|copy|create|upload|complete|abort)_\w+)\(Some\(&self\.credentials\)", text):
            found.add("ship " + "".join(part.capitalize() for part in request.split("_")))
        for request in re.findall(r"\b([A-Z]\w+)::new\(\s*&self\.bucket", text):
            found.add(f"ship {request}")
    # What is asked by a request that has another name in the library is told by its page.
    for source in ROOT.glob("ship/src/s3/*.rs"):
        found.update(f"ship {request}" for request in re.findall(r"/AmazonS3/latest/API/API_(\w+)\.html", source.read_text()))
    return found


def handlers(types):
    """The permissions of the handlers of resource types: type, handler, action. `list` is for imports and scans."""
    schemas = json.loads((DATA / "schemas/providers/us-east-1.json").read_text())
    for kind in sorted(types):
        schema = json.loads((DATA / "schemas/resources" / f"{schemas[kind]}.json").read_text())
        for handler, needed in schema["handlers"].items():
            if handler != "list":
                yield from ((kind, handler, action) for action in needed["permissions"])
        yield from ((kind, "tags", action) for action in schema.get("tagging", {}).get("permissions", []))


def unused(kind, action):
    """The patterns that say why a permission is not needed."""
    return [pattern for type_, pattern, _ in NOT_USED if type_ == kind and fnmatchcase(action, pattern)]


def needed(types):
    """What is needed: an action, a resource, and by what."""
    for call in sorted(calls()):
        for action, resource in CALLS[call]:
            yield action, resource, call
    for kind, handler, action in handlers(types):
        if unused(kind, action) or known(action) is None:
            continue
        formats = kinds(action)
        arns = RESOURCES[kind].get(action.split(":")[0], [])
        # An action may work on some of the resources alone: a version, or its function.
        fitting = [arn for arn in arns if any(re.fullmatch(one, arn) for one in formats)] or ["*"] if formats else ["*"]
        for arn in fitting:
            yield action, arn, f"{kind} {handler}"
