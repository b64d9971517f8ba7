"""Ways to break a template, each with the rule that must see it and what it must say.

A breakage changes the template in place. Paths are dotted, numbers index lists, and !If is stepped into by its index.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

CONFIG = "Resources.Distribution.Properties.DistributionConfig"
DEFAULT = f"{CONFIG}.DefaultCacheBehavior"
FREE = f"{CONFIG}.CacheBehaviors.Fn::If.1.0"
KEY = "Resources.CachePolicy.Properties.CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin"
ROLE = "Resources.EdgeFunctionRole.Properties"
FUNCTION = "Resources.EdgeFunction.Properties"
VERSION = "Resources.EdgeFunctionVersion"
BUCKET = "Resources.ContentBucket"
READ = "Resources.ContentBucketPolicy.Properties.PolicyDocument.Statement.0"
HEADERS = "Resources.ResponseHeadersPolicy.Properties.ResponseHeadersPolicyConfig"
ACL = "Resources.EdgeWebAcl.Properties"
REQUESTS = f"{ACL}.Rules.2.Fn::If.1"
COUNTED = f"{ACL}.Rules.1.Statement.RateBasedStatement.ScopeDownStatement.OrStatement.Statements"
ALARM = "Resources.AlarmFunctionFails.Properties"


def _holder(template, path):
    *way, last = path.split(".")
    node = template
    for step in way:
        node = node[int(step) if isinstance(node, list) else step]
    return node, int(last) if isinstance(node, list) else last


def put(path: str, value: Any):
    def change(template):
        node, last = _holder(template, path)
        node[last] = value

    return change


def cut(path: str):
    def change(template):
        node, last = _holder(template, path)
        del node[last]

    return change


def add(path: str, value: Any):
    def change(template):
        node, last = _holder(template, path)
        node[last].append(value)

    return change


@dataclass
class Breakage:
    rule: str
    message: str
    change: Callable[[dict], None]
    template: str = "site.yaml"


BREAKAGES = {
    # Ways in without the function
    "free path to the priced bucket": Breakage("E9001", "has no function, and reaches", put(f"{FREE}.TargetOriginId", "content")),
    "jpg without the function": Breakage("E9001", "has no function, and reaches", put(
        f"{CONFIG}.CacheBehaviors", [{"PathPattern": "*.jpg", "TargetOriginId": "content"}])),
    "second origin on the priced bucket": Breakage("E9001", "has no function, and reaches", put(
        f"{CONFIG}.Origins.1.Fn::If.1.DomainName", {"Fn::Sub": "${ContentBucketName}.s3.us-east-1.amazonaws.com"})),
    "default behaviour without the function": Breakage("E9001", "default behaviour lacks", cut(f"{DEFAULT}.LambdaFunctionAssociations")),
    "viewer-response without the function": Breakage("E9001", "default behaviour lacks", cut(f"{DEFAULT}.LambdaFunctionAssociations.1")),
    "function under a condition": Breakage("E9001", "default behaviour lacks", put(
        f"{DEFAULT}.LambdaFunctionAssociations.0",
        {"Fn::If": ["HasWebAcl", {"EventType": "viewer-request", "LambdaFunctionARN": {"Ref": "EdgeFunctionVersion"}}, {"Ref": "AWS::NoValue"}]})),
    "same name for both buckets": Breakage("E9001", "No rule of the template keeps", cut("Rules.FreePathWithABucketOfItsOwn.Assertions.1")),
    "$LATEST": Breakage("E9002", "not the Ref of an AWS::Lambda::Version", put(
        f"{DEFAULT}.LambdaFunctionAssociations.0.LambdaFunctionARN", {"Fn::GetAtt": ["EdgeFunction", "Arn"]})),
    "error page": Breakage("E9008", "/sorry.html for 403 is served without", put(
        f"{CONFIG}.CustomErrorResponses.0", {"ErrorCode": 403, "ResponseCode": 200, "ResponsePagePath": "/sorry.html"})),
    "origin group": Breakage("E9009", "fail over to an origin", put(f"{CONFIG}.OriginGroups", {"Quantity": 1})),
    "website endpoint": Breakage("E9009", "Origin content is not an S3 bucket", cut(f"{CONFIG}.Origins.0.S3OriginConfig")),
    "default root object": Breakage("E9010", "DefaultRootObject is index.html", put(f"{CONFIG}.DefaultRootObject", "index.html")),
    # The viewer's side
    "redirect to https": Breakage("E9003", "ViewerProtocolPolicy is redirect-to-https", put(f"{DEFAULT}.ViewerProtocolPolicy", "redirect-to-https")),
    "http on the free path": Breakage("E9003", "ViewerProtocolPolicy is allow-all", put(f"{FREE}.ViewerProtocolPolicy", "allow-all")),
    "TLS 1.0": Breakage("E9003", "MinimumProtocolVersion is TLSv1_2016", put(
        f"{CONFIG}.ViewerCertificate.Fn::If.1.MinimumProtocolVersion", "TLSv1_2016")),
    "POST": Breakage("E9004", "at most GET, HEAD and OPTIONS", add(f"{DEFAULT}.AllowedMethods", "POST")),
    "no preflight": Breakage("E9004", "lack OPTIONS", put(f"{DEFAULT}.AllowedMethods", ["GET", "HEAD"])),
    "preflight in the cache": Breakage("E9004", "CachedMethods are", add(f"{DEFAULT}.CachedMethods", "OPTIONS")),
    "no policy for headers": Breakage("E9027", "no response headers policy", cut(f"{DEFAULT}.ResponseHeadersPolicyId")),
    "HSTS for a minute": Breakage("E9027", "shorter than a year", put(
        f"{HEADERS}.SecurityHeadersConfig.StrictTransportSecurity.AccessControlMaxAgeSec", 60)),
    "no nosniff": Breakage("E9027", "ContentTypeOptions is missing", cut(f"{HEADERS}.SecurityHeadersConfig.ContentTypeOptions")),
    "CORS twice": Breakage("E9027", "CorsConfig is the function's", put(f"{HEADERS}.CorsConfig", {"OriginOverride": True})),
    "key's ARN shown": Breakage("E9027", "names the account and is not removed", cut(f"{HEADERS}.RemoveHeadersConfig.Items.1")),
    # Cache and origin
    "payment in the key": Breakage("E9005", "HeadersConfig puts whitelist in the cache key", put(
        f"{KEY}.HeadersConfig", {"HeaderBehavior": "whitelist", "Headers": ["PAYMENT-SIGNATURE"]})),
    "cookies in the key": Breakage("E9005", "CookiesConfig puts all", put(f"{KEY}.CookiesConfig", {"CookieBehavior": "all"})),
    "queries in the key": Breakage("E9005", "QueryStringsConfig puts all", put(f"{KEY}.QueryStringsConfig", {"QueryStringBehavior": "all"})),
    "somebody's cache policy": Breakage("E9005", "is not a cache policy of this template", put(
        f"{DEFAULT}.CachePolicyId", "83da9c7e-98b4-4e11-a168-04f0df8e2c65")),
    "legacy forwarding, key": Breakage("E9005", "decides what is in the cache key", put(f"{DEFAULT}.ForwardedValues", {"QueryString": True})),
    "legacy forwarding, origin": Breakage("E9006", "ForwardedValues forwards more", put(f"{DEFAULT}.ForwardedValues", {"QueryString": True})),
    "all headers to S3": Breakage("E9006", "OriginRequestPolicyId forwards more", put(
        f"{DEFAULT}.OriginRequestPolicyId", "216adef6-5c7f-47e4-b989-5492eafa07d3")),
    "compression": Breakage("E9007", "Compress is not false", put(f"{DEFAULT}.Compress", True)),
    "brotli in the key": Breakage("E9007", "EnableAcceptEncodingBrotli is not false", put(f"{KEY}.EnableAcceptEncodingBrotli", True)),
    # Buckets and keys
    "origin without signature": Breakage("E9011", "Origin content has no origin access control", cut(f"{CONFIG}.Origins.0.OriginAccessControlId")),
    "origin access identity": Breakage("E9011", "Origin content has an origin access identity", put(
        f"{CONFIG}.Origins.0.S3OriginConfig.OriginAccessIdentity", "origin-access-identity/cloudfront/E127EXAMPLE51Z")),
    "viewer's signature": Breakage("E9011", "SigningBehavior is no-override", put(
        "Resources.OriginAccessControl.Properties.OriginAccessControlConfig.SigningBehavior", "no-override")),
    "any distribution": Breakage("E9012", "AWS:SourceArn is null", cut(f"{READ}.Condition")),
    "any distribution of the account": Breakage("E9012", "AWS:SourceArn is arn:aws:cloudfront::111122223333", put(
        f"{READ}.Condition.StringEquals.AWS:SourceArn", "arn:aws:cloudfront::111122223333:distribution/*")),
    "any distribution's key": Breakage("E9012", "AWS:SourceArn is null", cut(
        "Resources.ContentKey.Properties.KeyPolicy.Statement.1.Condition")),
    "listing": Breakage("E9012", "CloudFront may s3:ListBucket", put(f"{READ}.Action", ["s3:GetObject", "s3:ListBucket"])),
    "public bucket": Breakage("E9013", "ContentBucket: BlockPublicPolicy is not true", put(
        f"{BUCKET}.Properties.PublicAccessBlockConfiguration.BlockPublicPolicy", False)),
    "no public access block": Breakage("E9013", "FreeBucket: BlockPublicAcls is not true", cut(
        "Resources.FreeBucket.Properties.PublicAccessBlockConfiguration")),
    "ACLs": Breakage("E9013", "ObjectOwnership is not", put(f"{BUCKET}.Properties.OwnershipControls.Rules.0.ObjectOwnership", "ObjectWriter")),
    "plain text": Breakage("E9013", "RedemptionsBucket: no encryption", cut("Resources.RedemptionsBucket.Properties.BucketEncryption")),
    "website": Breakage("E9013", "WebsiteConfiguration is for public", put(
        f"{BUCKET}.Properties.WebsiteConfiguration", {"IndexDocument": "index.html"})),
    "plain HTTP to S3": Breakage("E9014", "This policy does not deny plain HTTP", cut(
        "Resources.ContentBucketPolicy.Properties.PolicyDocument.Statement.1")),
    "no bucket policy": Breakage("E9014", "RedemptionsBucket has no policy", cut("Resources.RedemptionsBucketPolicy")),
    "bucket policy under another condition": Breakage("E9014", "RedemptionsBucket has no policy", put(
        "Resources.RedemptionsBucketPolicy.Condition", "HasWebAcl")),
    "records for ever": Breakage("E9022", "no lifecycle rule deletes after RedemptionsKeepDays", cut(
        "Resources.RedemptionsBucket.Properties.LifecycleConfiguration")),
    "accounts for ever": Breakage("E9022", "no lifecycle rule deletes what is under ${RedemptionsPrefix}v2/accounts/", cut(
        "Resources.RedemptionsBucket.Properties.LifecycleConfiguration.Rules.1")),
    "site ids that expire": Breakage("E9022", "deletes what is under ${RedemptionsPrefix}, where more than", put(
        "Resources.RedemptionsBucket.Properties.LifecycleConfiguration.Rules.0.Prefix", {"Fn::Sub": "${RedemptionsPrefix}"})),
    "versions of records": Breakage("E9022", "what expires is kept", put(
        "Resources.RedemptionsBucket.Properties.VersioningConfiguration", {"Status": "Enabled"})),
    "logs for ever": Breakage("E9022", "RetentionInDays is not set", cut("Resources.EdgeFunctionLogGroup.Properties.RetentionInDays")),
    # Function and role
    "no edgelambda": Breakage("E9015", "trusts ['lambda.amazonaws.com'], not", put(
        f"{ROLE}.AssumeRolePolicyDocument.Statement.0.Principal.Service", ["lambda.amazonaws.com"])),
    "an account may be the function": Breakage("E9015", "trusts {", put(
        f"{ROLE}.AssumeRolePolicyDocument.Statement.0.Principal", {"AWS": "arn:aws:iam::111122223333:root"})),
    "s3:*": Breakage("E9016", "Action s3:* allows more", put(f"{ROLE}.Policies.2.Fn::If.1.PolicyDocument.Statement.0.Action", "s3:*")),
    "every parameter": Breakage("E9016", "Resource arn:aws:ssm:us-east-1:111122223333:parameter/* is wider", put(
        f"{ROLE}.Policies.1.Fn::If.1.PolicyDocument.Statement.0.Resource", "arn:aws:ssm:us-east-1:111122223333:parameter/*")),
    "every log group": Breakage("E9016", "is wider than is needed", put(
        f"{ROLE}.Policies.0.PolicyDocument.Statement.0.Resource", [{"Fn::Sub": "arn:aws:logs:*:${AWS::AccountId}:*"}])),
    "managed policy": Breakage("E9016", "managed policies allow more", put(
        f"{ROLE}.ManagedPolicyArns", ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"])),
    "everybody reads": Breakage("E9016", "A statement allows *, not only", put(f"{READ}.Principal", "*")),
    "every account reads": Breakage("E9016", 'A statement allows {"AWS": "*"}', put(f"{READ}.Principal", {"AWS": "*"})),
    "everything but": Breakage("E9016", "everything but its NotAction", put(
        f"{ROLE}.Policies.0.PolicyDocument.Statement.0.NotAction", "s3:*")),
    "version deleted": Breakage("E9017", "EdgeFunctionVersion: UpdateReplacePolicy is not Retain", put(f"{VERSION}.UpdateReplacePolicy", "Delete")),
    "function deleted": Breakage("E9017", "EdgeFunction: DeletionPolicy is not Retain", cut("Resources.EdgeFunction.DeletionPolicy")),
    "content deleted": Breakage("E9017", "ContentBucket: DeletionPolicy is not", put(f"{BUCKET}.DeletionPolicy", "Delete")),
    "environment": Breakage("E9018", "refuses functions with Environment", put(f"{FUNCTION}.Environment", {"Variables": {"A": "b"}})),
    "layer": Breakage("E9018", "refuses functions with Layers", put(f"{FUNCTION}.Layers", [])),
    "VPC": Breakage("E9018", "refuses functions with VpcConfig", put(f"{FUNCTION}.VpcConfig", {})),
    "arm64": Breakage("E9018", "x86_64 only", put(f"{FUNCTION}.Architectures", ["arm64"])),
    "other handler": Breakage("E9018", "is index.handler", put(f"{FUNCTION}.Handler", "bootstrap")),
    "default timeout": Breakage("E9018", "Timeout is not set", cut(f"{FUNCTION}.Timeout")),
    "new code, old version": Breakage("E9019", "new code would make no new version", cut(f"{VERSION}.Properties.CodeSha256")),
    "new timeout, old version": Breakage("E9019", "another FunctionTimeout would make no new version", put(
        f"{VERSION}.Properties.Description", {"Fn::Sub": "${FunctionRuntime}, ${FunctionMemory} MB, logs ${SystemLogLevel}"})),
    "a retry that publishes nothing": Breakage("E9019", "tried again after a roll-back", put(
        f"{FUNCTION}.Description", {"Fn::Sub": "x402 paywall of stack ${AWS::StackName}"})),
    "an attempt without a version": Breakage("E9019", "another Attempt would make no new version", put(
        f"{VERSION}.Properties.Description", {"Fn::Sub": "${FunctionRuntime}, ${FunctionMemory} MB, ${FunctionTimeout} s, logs ${SystemLogLevel}"})),
    "default log group": Breakage("E9028", "names no log group of this template", cut(f"{FUNCTION}.LoggingConfig")),
    "other log group": Breakage("E9028", "may write logs to", put(
        f"{ROLE}.Policies.0.PolicyDocument.Statement.0.Resource", [{"Fn::Sub": "arn:aws:logs:*:${AWS::AccountId}:log-group:/other"}])),
    # Web ACL
    "forged headers second": Breakage("E9020", "the first rule, limit-payments, does not block", put(f"{ACL}.Rules.0.Priority", 2)),
    "forged headers counted": Breakage("E9020", "does not block x-amzn-waf-*", put(f"{ACL}.Rules.0.Action", {"Count": {}})),
    "forged headers in capitals": Breakage("E9020", "does not block x-amzn-waf-*", put(
        f"{ACL}.Rules.0.Statement.ByteMatchStatement.TextTransformations", [{"Priority": 0, "Type": "NONE"}])),
    "regional web ACL": Breakage("E9020", "Scope is not CLOUDFRONT", put(f"{ACL}.Scope", "REGIONAL")),
    "web ACL on nothing": Breakage("E9020", "The distribution has no web ACL", cut(f"{CONFIG}.WebACLId")),
    "payments not limited": Breakage("E9021", "no rate rule blocks payments", cut(f"{ACL}.Rules.1")),
    "rate rule that counts": Breakage("E9021", "no rate rule blocks payments", put(f"{ACL}.Rules.1.Action", {"Count": {}})),
    "v1 payments not counted": Breakage("E9021", "requests with x-payment are not counted", cut(f"{COUNTED}.3")),
    "hidden payments not counted": Breakage("E9021", "payments behind 8 KB", cut(f"{COUNTED}.0")),
    "web ACL off": Breakage("E9021", "not on by default", put("Parameters.WebAcl.Default", "off")),
    "web ACL off, attached": Breakage("E9021", "not on by default", put("Parameters.WebAcl.Default", "off"), "attach.yaml"),
    "requests not limited": Breakage("E9029", "no rate rule counts every request", cut(f"{ACL}.Rules.2")),
    "requests not limited, attached": Breakage("E9029", "no rate rule counts every request", cut(f"{ACL}.Rules.2"), "attach.yaml"),
    "requests before payments": Breakage("E9029", "limit-requests comes before the rule for payments", put(f"{ACL}.Rules.1.Priority", 4)),
    "requests only counted": Breakage("E9029", "limit-requests does not answer 429", put(f"{REQUESTS}.Action", {"Count": {}})),
    "GET counted alone": Breakage("E9029", "no rate rule counts every request", put(
        f"{REQUESTS}.Statement.RateBasedStatement.ScopeDownStatement", {"ByteMatchStatement": {}})),
    "requests not limited by default": Breakage("E9029", "Requests are not limited by default", put("Parameters.RequestRateLimit.Default", "")),
    "ordinary use limited": Breakage("E9029", "so few that ordinary use", put("Parameters.RequestRateLimit.Default", "100")),
    "networks limited": Breakage("E9029", "buyers share the limit with a flood", put("Parameters.NetworkRateLimit.Default", "5000"), "attach.yaml"),
    # Watching
    "cookies in the log": Breakage("E9023", "cs(Cookie) is logged", add("Resources.AccessLogsDelivery.Properties.RecordFields", "cs(Cookie)"), "watch.yaml"),
    "everything in the log": Breakage("E9023", "every field is logged", cut("Resources.AccessLogsDelivery.Properties.RecordFields"), "watch.yaml"),
    "legacy log": Breakage("E9023", "Legacy logging", put(f"{CONFIG}.Logging", {"Bucket": "logs.s3.amazonaws.com"})),
    "metric that is not there": Breakage("E9024", "CloudFront has no Sum of LambdaErrors", put(f"{ALARM}.MetricName", "LambdaErrors"), "watch.yaml"),
    "metric that is not paid": Breakage("E9024", "503ErrorRate needs a MonitoringSubscription", cut("Resources.AdditionalMetrics"), "watch.yaml"),
    "metric of a Region": Breakage("E9024", "dimensions DistributionId and Region=Global", cut(f"{ALARM}.Dimensions.1"), "watch.yaml"),
    "metric of one replica": Breakage("E9024", "AWS/Lambda is reported in the Region", put(f"{ALARM}.Namespace", "AWS/Lambda"), "watch.yaml"),
    "web ACL's wrong dimensions": Breakage("E9024", "dimensions WebACL and Rule", cut("Resources.AlarmPaymentsLimited.Properties.Dimensions.1"), "watch.yaml"),
    "filter of another name": Breakage("E9024", "AlarmMoney: x402 is reported", put(
        "Resources.MoneyFilter.Properties.MetricTransformations.0.MetricName", "alarms"), "region.yaml"),
    "alarm at night": Breakage("E9024", "no traffic is no alarm", put(f"{ALARM}.TreatMissingData", "breaching"), "watch.yaml"),
    # The check of what was deployed
    "findings of another name": Breakage("E9024", "AlarmNotAsDeployed: x402 is reported", put(
        "Resources.AlarmNotAsDeployed.Properties.MetricName", "Found"), "watch.yaml"),
    "findings of another stack": Breakage("E9024", "Findings has the dimension Stack", put(
        "Resources.AlarmNotAsDeployed.Properties.Dimensions.0.Value", "shop"), "watch.yaml"),
    "silence is well": Breakage("E9024", "SampleCount of Findings with LessThanThreshold and notBreaching", put(
        "Resources.AlarmCheckSilent.Properties.TreatMissingData", "notBreaching"), "watch.yaml"),
    "a finding that ends by silence": Breakage("E9024", "Maximum of Findings with GreaterThanThreshold and notBreaching", put(
        "Resources.AlarmNotAsDeployed.Properties.TreatMissingData", "notBreaching"), "watch.yaml"),
    "errors of the edge function": Breakage("E9024", "the dimension FunctionName, and it runs here", put(
        "Resources.AlarmCheckFails.Properties.Dimensions.0.Value", {"Ref": "FunctionName"}), "watch.yaml"),
    "no alarm on silence": Breakage("E9031", "no alarm is on the SampleCount of x402 Findings", cut("Resources.AlarmCheckSilent"), "watch.yaml"),
    "no alarm on failures": Breakage("E9031", "no alarm is on the Sum of AWS/Lambda Errors", cut("Resources.AlarmCheckFails"), "watch.yaml"),
    "no alarm on findings": Breakage("E9031", "no alarm is on the Maximum", put(
        "Resources.AlarmNotAsDeployed.Condition", "HasAccessLogs"), "watch.yaml"),
    "a check once a day": Breakage("E9031", "is not started every five minutes", put(
        "Resources.CheckSchedule.Properties.ScheduleExpression", "rate(1 day)"), "watch.yaml"),
    "a check that is off": Breakage("E9031", "is not started every five minutes", put(
        "Resources.CheckSchedule.Properties.State", "DISABLED"), "watch.yaml"),
    "a check with a trail only": Breakage("E9031", "is not started every five minutes", put(
        "Resources.CheckSchedule.Condition", "WatchesTrail"), "watch.yaml"),
    "a schedule without permission": Breakage("E9031", "CheckSchedule may not invoke Bookkeeper", cut("Resources.CheckSchedulePermission"), "watch.yaml"),
    "a permission under another condition": Breakage("E9031", "CheckSchedule may not invoke Bookkeeper", put(
        "Resources.CheckSchedulePermission.Condition", "WatchesTrail"), "watch.yaml"),
    "everybody's events": Breakage("E9031", "others may invoke the function", cut(
        "Resources.CheckOnChangePermission.Properties.SourceArn"), "watch.yaml"),
    "a check for arm64": Breakage("E9031", "the package holds bootstrap", put(
        "Resources.Bookkeeper.Properties.Architectures", ["arm64"]), "watch.yaml"),
    "a check of three seconds": Breakage("E9031", "Timeout is not set", cut("Resources.Bookkeeper.Properties.Timeout"), "watch.yaml"),
    "the edge may be the check": Breakage("E9015", "BookkeeperRole trusts", put(
        "Resources.BookkeeperRole.Properties.AssumeRolePolicyDocument.Statement.0.Principal.Service",
        ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]), "watch.yaml"),
    "every distribution": Breakage("E9016", "distribution/* is wider", put(
        "Resources.BookkeeperRole.Properties.Policies.1.PolicyDocument.Statement.0.Resource",
        {"Fn::Sub": "arn:aws:cloudfront::${AWS::AccountId}:distribution/*"}), "watch.yaml"),
    "the check's logs for ever": Breakage("E9022", "BookkeeperLogGroup: RetentionInDays", cut(
        "Resources.BookkeeperLogGroup.Properties.RetentionInDays"), "watch.yaml"),
    # The books
    "books once a day": Breakage("E9031", "Ledger is not started every hour", put(
        "Resources.LedgerSchedule.Properties.ScheduleExpression", "rate(1 day)"), "watch.yaml"),
    "no alarm on silent books": Breakage("E9031", "no alarm is on the SampleCount of x402 BooksWrong", cut("Resources.AlarmBooksFail"), "watch.yaml"),
    "books that are well by silence": Breakage("E9024", "SampleCount of BooksWrong with LessThanThreshold and ignore", put(
        "Resources.AlarmBooksFail.Properties.TreatMissingData", "ignore"), "watch.yaml"),
    "books of every bucket": Breakage("E9016", "is wider than is needed", put(
        "Resources.LedgerRole.Properties.Policies.1.PolicyDocument.Statement.3.Resource", ["arn:aws:s3:::*/books/*"]), "watch.yaml"),
    "books in the check's log": Breakage("E9028", "Ledger may write logs to", put(
        "Resources.LedgerRole.Properties.Policies.0.PolicyDocument.Statement.0.Resource",
        {"Fn::Sub": "arn:aws:logs:us-east-1:${AWS::AccountId}:log-group:/x402/${AWS::StackName}:*"}), "watch.yaml"),
    "no alarm on requests": Breakage("E9030", "No alarm is on the distribution's requests", cut("Resources.AlarmRequests"), "watch.yaml"),
    "requests of a minute": Breakage("E9030", "does not count those of an hour", put("Resources.AlarmRequests.Properties.Period", 60), "watch.yaml"),
    "alarm on requests off": Breakage("E9030", "no parameter that is set by default", put(
        "Parameters.AlarmRequestsPerHour.Default", ""), "watch.yaml"),
    # Parameters
    "unexplained": Breakage("E9025", "PriceClass has no Description", cut("Parameters.PriceClass.Description")),
    "unchecked": Breakage("E9025", "CodeSha256 takes anything", cut("Parameters.CodeSha256.AllowedPattern")),
    "unhelpful": Breakage("E9025", "CodeSha256 does not say", cut("Parameters.CodeSha256.ConstraintDescription")),
    "ungrouped": Breakage("E9025", "ContentBucketName is in 0 groups", cut("Metadata.AWS::CloudFormation::Interface.ParameterGroups.0")),
    "other Region": Breakage("E9026", "No rule asserts", cut("Rules.OnlyInUsEast1"), "attach.yaml"),
}  # fmt: skip
