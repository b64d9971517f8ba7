"""The resource types of our templates, made through the public APIs of this same server, as
CloudFormation's own resource handlers make them.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html
"""

import contextvars
import functools
import json
import secrets

import boto3
from botocore.config import Config

ENDPOINT = ""
# Where the stack is that is being changed.
REGION = contextvars.ContextVar("region", default="us-east-1")


def client(service):
    return client_in(service, REGION.get())


@functools.cache
def client_in(service, region):
    # Calls of CloudFormation's own are not the scripts'.
    return boto3.client(
        service, endpoint_url=ENDPOINT, region_name=region, config=Config(user_agent_appid="control-plane")
    )


def quantified(items):
    return {"Quantity": len(items), "Items": items} if items else {"Quantity": 0}


def generated(name, most=64):
    """CloudFormation's names, STACK-LOGICALID-RANDOM, cut to what the service takes. How they are cut is not
    documented; this is what its framework for resource types does:
    https://github.com/aws-cloudformation/cloudformation-cli-java-plugin IdentifierUtils.generateResourceIdentifier
    """
    stack, logical = name.rsplit("-", 1)
    room = most - 14
    stack = stack[: max(room - len(logical), room // 2)]
    return f"{stack}-{logical[: room - len(stack)]}-{secrets.token_hex(6).upper()}"


class Provider:
    """Replaced whenever something changes, unless `update` is there."""

    mutable = False

    def replaces(self, old, new):
        return not self.mutable

    def create(self, name, properties):
        raise NotImplementedError

    def update(self, made, properties):
        raise NotImplementedError

    def delete(self, made):
        pass


class Bucket(Provider):
    mutable = True

    def replaces(self, old, new):
        return old.get("BucketName") != new.get("BucketName")

    def create(self, name, properties):
        s3, bucket = client("s3"), properties.get("BucketName") or generated(name, 63).lower()
        try:
            s3.head_bucket(Bucket=bucket)
        except s3.exceptions.ClientError:
            s3.create_bucket(Bucket=bucket)
        else:
            # us-east-1 answers 200 to an owner who creates a bucket again; CloudFormation does not.
            raise ValueError(f"{bucket} already exists")
        self.settings(bucket, properties)
        return bucket, {"Arn": f"arn:aws:s3:::{bucket}"}

    def settings(self, bucket, properties):
        if "PublicAccessBlockConfiguration" in properties:
            client("s3").put_public_access_block(
                Bucket=bucket, PublicAccessBlockConfiguration=properties["PublicAccessBlockConfiguration"]
            )

    def update(self, made, properties):
        self.settings(made.physical_resource_id, properties)

    def delete(self, made):
        client("s3").delete_bucket(Bucket=made.physical_resource_id)


class BucketPolicy(Provider):
    """None is made where one is: https://github.com/awslabs/cdk-serverless-clamscan/issues/1382"""

    mutable = True

    def create(self, name, properties):
        s3 = client("s3")
        try:
            s3.get_bucket_policy(Bucket=properties["Bucket"])
        except s3.exceptions.ClientError:
            self.update(None, properties)
            return generated(name), {}
        raise ValueError(f"The bucket policy already exists on bucket {properties['Bucket']}.")

    def update(self, made, properties):
        client("s3").put_bucket_policy(
            Bucket=properties["Bucket"], Policy=json.dumps(properties["PolicyDocument"])
        )

    def delete(self, made):
        client("s3").delete_bucket_policy(Bucket=made.properties["Bucket"])


class Role(Provider):
    mutable = True

    def create(self, name, properties):
        role = generated(name)
        answer = client("iam").create_role(
            RoleName=role, AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"])
        )
        self.policies(role, properties)
        return role, {"Arn": answer["Role"]["Arn"]}

    def policies(self, role, properties):
        iam = client("iam")
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            iam.delete_role_policy(RoleName=role, PolicyName=name)
        for policy in properties.get("Policies", []):
            iam.put_role_policy(
                RoleName=role, PolicyName=policy["PolicyName"], PolicyDocument=json.dumps(policy["PolicyDocument"])
            )

    def update(self, made, properties):
        self.policies(made.physical_resource_id, properties)

    def delete(self, made):
        self.policies(made.physical_resource_id, {})
        client("iam").delete_role(RoleName=made.physical_resource_id)


class Function(Provider):
    mutable = True

    def create(self, name, properties):
        function = generated(name)
        asked = {key: value for key, value in properties.items() if key not in ("Code", "LoggingConfig")}
        code = {key: value for key, value in properties["Code"].items()}
        answer = client("lambda").create_function(FunctionName=function, Code=code, **asked)
        return function, {"Arn": answer["FunctionArn"]}

    def update(self, made, properties):
        api, name = client("lambda"), made.physical_resource_id
        api.update_function_code(FunctionName=name, **properties["Code"])
        keys = ["Description", "Environment", "Handler", "MemorySize", "Role", "Runtime", "Timeout"]
        api.update_function_configuration(
            FunctionName=name, **{key: properties[key] for key in keys if key in properties}
        )

    def delete(self, made):
        client("lambda").delete_function(FunctionName=made.physical_resource_id)


class Version(Provider):
    """None is published if code and configuration are those of the newest one, which CloudFormation takes as a failure.
    https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
    The message: https://github.com/serverless/serverless/issues/8251
    """

    newest: dict[str, tuple] = {}

    def create(self, name, properties):
        api, function = client("lambda"), properties["FunctionName"]
        now = api.get_function(FunctionName=function)["Configuration"]
        live = now["CodeSha256"]
        if live != properties["CodeSha256"]:
            raise ValueError(f"CodeSHA256 ({properties['CodeSha256']}) is different from current CodeSHA256 in $LATEST ({live})")
        kept = ["CodeSha256", "Description", "Handler", "MemorySize", "Role", "Runtime", "Timeout"]
        snapshot, (newest, version) = {key: now[key] for key in kept}, self.newest.get(function, (None, None))
        if snapshot == newest:
            raise ValueError(f"A version for this Lambda function exists ( {version} ). Modify the function to create a new version.")
        answer = api.publish_version(**{k: properties[k] for k in ("FunctionName", "CodeSha256", "Description")})
        self.newest[function] = snapshot, answer["Version"]
        return answer["FunctionArn"], {"Version": answer["Version"]}

    def delete(self, made):
        client("lambda").delete_function(FunctionName=made.physical_resource_id)


class Distribution(Provider):
    mutable = True

    def config(self, properties, reference):
        given = properties["DistributionConfig"]
        config = {
            "CallerReference": reference,
            "Comment": given.get("Comment", ""),
            "Enabled": given["Enabled"],
            "PriceClass": given.get("PriceClass", "PriceClass_All"),
            "HttpVersion": given.get("HttpVersion", "http2"),
            "IsIPV6Enabled": given.get("IPV6Enabled", False),
            "WebACLId": given.get("WebACLId", ""),
            "Aliases": quantified(given.get("Aliases", [])),
            "Origins": quantified(given["Origins"]),
            "DefaultCacheBehavior": self.behaviour(given["DefaultCacheBehavior"]),
            "CacheBehaviors": quantified([self.behaviour(b) for b in given.get("CacheBehaviors", [])]),
            "CustomErrorResponses": quantified(given.get("CustomErrorResponses", [])),
        }
        return config

    def behaviour(self, given):
        behaviour = {k: v for k, v in given.items() if k not in ("CachedMethods", "AllowedMethods")}
        behaviour["AllowedMethods"] = {
            **quantified(given["AllowedMethods"]), "CachedMethods": quantified(given["CachedMethods"])
        }
        behaviour["LambdaFunctionAssociations"] = quantified(given.get("LambdaFunctionAssociations", []))
        return behaviour

    def create(self, name, properties):
        answer = client("cloudfront").create_distribution(
            DistributionConfig=self.config(properties, generated(name))
        )["Distribution"]
        return answer["Id"], {"DomainName": answer["DomainName"], "Id": answer["Id"]}

    def change(self, made, properties, **more):
        api = client("cloudfront")
        now = api.get_distribution_config(Id=made.physical_resource_id)
        config = self.config(properties, now["DistributionConfig"]["CallerReference"])
        return api.update_distribution(
            Id=made.physical_resource_id, IfMatch=now["ETag"], DistributionConfig={**config, **more}
        )["ETag"]

    def update(self, made, properties):
        self.change(made, properties)

    def delete(self, made):
        # Disabled first, with its functions: CloudFormation does that too.
        etag = self.change(made, made.properties, Enabled=False)
        client("cloudfront").delete_distribution(Id=made.physical_resource_id, IfMatch=etag)


class CloudFrontConfig(Provider):
    """A policy or origin access control: a config under an id."""

    mutable = True

    def __init__(self, kind, field, shape=lambda config: config):
        self.kind, self.field, self.shape = kind, field, shape

    def method(self, verb):
        return getattr(client("cloudfront"), f"{verb}_{self.kind}")

    def create(self, name, properties):
        answer = self.method("create")(**{self.field: self.shape(properties[self.field])})
        [identity] = [part["Id"] for part in answer.values() if isinstance(part, dict) and "Id" in part]
        return identity, {"Id": identity}

    def update(self, made, properties):
        self.method("update")(
            Id=made.physical_resource_id, IfMatch="E", **{self.field: self.shape(properties[self.field])}
        )

    def delete(self, made):
        self.method("delete")(Id=made.physical_resource_id, IfMatch="E")


def response_headers(config):
    security = config.get("SecurityHeadersConfig", {})
    removed = config.get("RemoveHeadersConfig", {}).get("Items", [])
    return {
        "Name": config["Name"],
        "SecurityHeadersConfig": security,
        "RemoveHeadersConfig": quantified(removed),
    }


class WebAcl(Provider):
    mutable = True

    def create(self, name, properties):
        # moto keeps the rules as they are; CloudFormation's shape has text where the API has bytes.
        answer = client("wafv2").create_web_acl(**self.shape(properties))
        summary = answer["Summary"]
        return f"{summary['Name']}|{summary['Id']}|CLOUDFRONT", {"Arn": summary["ARN"], "Id": summary["Id"]}

    def shape(self, properties):
        """Limits are numbers, whatever the parameter's type is."""
        properties = json.loads(json.dumps({key: value for key, value in properties.items() if key != "Tags"}))
        for rule in properties["Rules"]:
            if rate := rule["Statement"].get("RateBasedStatement"):
                rate["Limit"] = int(rate["Limit"])
        return properties

    def update(self, made, properties):
        name, identity, scope = made.physical_resource_id.split("|")
        api = client("wafv2")
        token = api.get_web_acl(Name=name, Id=identity, Scope=scope)["LockToken"]
        api.update_web_acl(Id=identity, LockToken=token, **self.shape(properties))

    def delete(self, made):
        name, identity, scope = made.physical_resource_id.split("|")
        api = client("wafv2")
        token = api.get_web_acl(Name=name, Id=identity, Scope=scope)["LockToken"]
        api.delete_web_acl(Name=name, Id=identity, Scope=scope, LockToken=token)


class LogGroup(Provider):
    mutable = True

    def create(self, name, properties):
        group = properties["LogGroupName"]
        client("logs").create_log_group(logGroupName=group)
        self.keep(group, properties)
        return group, {"Arn": f"arn:aws:logs:{REGION.get()}:111122223333:log-group:{group}:*"}

    def keep(self, group, properties):
        client("logs").put_retention_policy(logGroupName=group, retentionInDays=int(properties["RetentionInDays"]))

    def update(self, made, properties):
        self.keep(made.physical_resource_id, properties)

    def delete(self, made):
        client("logs").delete_log_group(logGroupName=made.physical_resource_id)


class MetricFilter(Provider):
    mutable = True

    def create(self, name, properties):
        identity = generated(name)
        self.put(identity, properties)
        return identity, {}

    def put(self, identity, properties):
        """The group must be there, and the API's names are CloudFormation's in lower case."""
        transformations = [
            {f"{key[0].lower()}{key[1:]}": value for key, value in one.items()} for one in properties["MetricTransformations"]
        ]
        client("logs").put_metric_filter(
            logGroupName=properties["LogGroupName"], filterName=identity, filterPattern=properties["FilterPattern"],
            metricTransformations=transformations,
        )

    def update(self, made, properties):
        self.put(made.physical_resource_id, properties)

    def delete(self, made):
        client("logs").delete_metric_filter(logGroupName=made.properties["LogGroupName"], filterName=made.physical_resource_id)


class Rule(Provider):
    mutable = True

    def create(self, name, properties):
        rule = generated(name)
        return rule, {"Arn": self.put(rule, properties)}

    def put(self, rule, properties):
        asked = {key: properties[key] for key in ("Description", "ScheduleExpression", "State") if key in properties}
        if "EventPattern" in properties:
            asked["EventPattern"] = json.dumps(properties["EventPattern"])
        arn = client("events").put_rule(Name=rule, **asked)["RuleArn"]
        client("events").put_targets(Rule=rule, Targets=properties["Targets"])
        return arn

    def update(self, made, properties):
        self.put(made.physical_resource_id, properties)

    def delete(self, made):
        events, rule = client("events"), made.physical_resource_id
        events.remove_targets(Rule=rule, Ids=[target["Id"] for target in made.properties["Targets"]])
        events.delete_rule(Name=rule)


class Permission(Provider):
    """A statement of the function's policy, replaced whenever something changes."""

    def create(self, name, properties):
        statement = generated(name)
        client("lambda").add_permission(StatementId=statement, **properties)
        return statement, {}

    def delete(self, made):
        api = client("lambda")
        try:
            api.remove_permission(FunctionName=made.properties["FunctionName"], StatementId=made.physical_resource_id)
        except api.exceptions.ResourceNotFoundException:
            # It went with its function.
            pass


class Key(Provider):
    def create(self, name, properties):
        key = client("kms").create_key(
            Description=properties["Description"], Policy=json.dumps(properties["KeyPolicy"])
        )["KeyMetadata"]
        return key["KeyId"], {"Arn": key["Arn"]}


class Monitoring(Provider):
    def create(self, name, properties):
        client("cloudfront").create_monitoring_subscription(**properties)
        return properties["DistributionId"], {}

    def delete(self, made):
        client("cloudfront").delete_monitoring_subscription(DistributionId=made.physical_resource_id)


class Alarm(Provider):
    mutable = True

    def create(self, name, properties):
        alarm = generated(name)
        self.put(alarm, properties)
        return alarm, {}

    def put(self, alarm, properties):
        # A number, whatever the parameter's type is.
        threshold = float(properties["Threshold"])
        client("cloudwatch").put_metric_alarm(AlarmName=alarm, **{**properties, "Threshold": threshold})

    def update(self, made, properties):
        self.put(made.physical_resource_id, properties)

    def delete(self, made):
        client("cloudwatch").delete_alarms(AlarmNames=[made.physical_resource_id])


class Dashboard(Provider):
    def create(self, name, properties):
        client("cloudwatch").put_dashboard(**properties)
        return properties["DashboardName"], {}

    def delete(self, made):
        client("cloudwatch").delete_dashboards(DashboardNames=[made.physical_resource_id])


class Topic(Provider):
    def create(self, name, properties):
        sns = client("sns")
        topic = sns.create_topic(Name=generated(name))["TopicArn"]
        for subscription in properties.get("Subscription", []):
            sns.subscribe(TopicArn=topic, **subscription)
        return topic, {"TopicArn": topic}

    def delete(self, made):
        client("sns").delete_topic(TopicArn=made.physical_resource_id)


PROVIDERS = {
    "AWS::S3::Bucket": Bucket(),
    "AWS::S3::BucketPolicy": BucketPolicy(),
    "AWS::IAM::Role": Role(),
    "AWS::Lambda::Function": Function(),
    "AWS::Lambda::Version": Version(),
    "AWS::Lambda::Permission": Permission(),
    "AWS::Events::Rule": Rule(),
    "AWS::CloudFront::Distribution": Distribution(),
    "AWS::CloudFront::OriginAccessControl": CloudFrontConfig("origin_access_control", "OriginAccessControlConfig"),
    "AWS::CloudFront::CachePolicy": CloudFrontConfig("cache_policy", "CachePolicyConfig"),
    "AWS::CloudFront::ResponseHeadersPolicy": CloudFrontConfig(
        "response_headers_policy", "ResponseHeadersPolicyConfig", response_headers
    ),
    "AWS::CloudFront::MonitoringSubscription": Monitoring(),
    "AWS::WAFv2::WebACL": WebAcl(),
    "AWS::Logs::LogGroup": LogGroup(),
    "AWS::Logs::MetricFilter": MetricFilter(),
    "AWS::KMS::Key": Key(),
    "AWS::CloudWatch::Alarm": Alarm(),
    "AWS::CloudWatch::Dashboard": Dashboard(),
    "AWS::SNS::Topic": Topic(),
}
