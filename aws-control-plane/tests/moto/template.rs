//! A stack with something of each kind that is asked for.

use serde_json::{Value, json};

pub(super) fn template(code_bucket: &str, code_sha256: &str, second: bool) -> String {
    let cached = json!(["HEAD", "GET"]);
    let mut resources = json!({
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {
                "Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]}}],
        }}},
        "Function": {"Type": "AWS::Lambda::Function", "DeletionPolicy": "Retain", "Properties": {
            "Code": {"S3Bucket": code_bucket, "S3Key": "ü +&/code.zip"}, "Description": "of a try",
            "Handler": "index.handler", "Runtime": "python3.12", "Timeout": 5, "MemorySize": 128,
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        }},
        "Version": {"Type": "AWS::Lambda::Version", "DeletionPolicy": "Retain", "Properties": {
            "FunctionName": {"Ref": "Function"}, "CodeSha256": code_sha256, "Description": "one",
        }},
        "Acl": {"Type": "AWS::WAFv2::WebACL", "Properties": {
            "Name": "try", "Scope": "CLOUDFRONT", "DefaultAction": {"Allow": {}}, "Rules": [],
            "VisibilityConfig": {"SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": "try"},
        }},
        "Distribution": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {
            "Enabled": true, "Comment": "1", "Aliases": ["try.example.com"],
            "Origins": [{"Id": "1", "DomainName": "try.s3.us-east-1.amazonaws.com",
                "S3OriginConfig": {"OriginAccessIdentity": ""}}],
            "DefaultCacheBehavior": {
                "TargetOriginId": "1", "ViewerProtocolPolicy": "https-only",
                "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
                "AllowedMethods": cached, "CachedMethods": cached,
                "LambdaFunctionAssociations": [
                    {"EventType": "viewer-request", "LambdaFunctionARN": {"Ref": "Version"}, "IncludeBody": false},
                ],
            },
        }}},
        "Metrics": {"Type": "AWS::CloudFront::MonitoringSubscription", "Properties": {
            "DistributionId": {"Ref": "Distribution"},
            "MonitoringSubscription": {"RealtimeMetricsSubscriptionConfig": {"RealtimeMetricsSubscriptionStatus": "Enabled"}},
        }},
        "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
            "Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
        }},
    });
    if second {
        resources["Second"] = resources["Alarm"].clone();
    }
    let text = |default: &str| -> Value { json!({"Type": "String", "Default": default}) };
    json!({
        "Parameters": {"First": text("one"), "Second": text("two")},
        "Resources": resources,
        "Outputs": {
            "FunctionName": {"Value": {"Ref": "Function"}},
            "Distribution": {"Value": {"Ref": "Distribution"}},
            "Acl": {"Value": {"Fn::GetAtt": ["Acl", "Arn"]}},
            "Alarm": {"Value": {"Ref": "Alarm"}},
        },
    })
    .to_string()
}
