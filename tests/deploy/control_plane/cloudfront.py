"""CloudFront, where moto's differs: it forgets function associations, takes any ETag, and has no policies."""

import copy
import itertools

from moto.awslambda.models import lambda_backends
from moto.cloudfront import urls
from moto.cloudfront.exceptions import CloudFrontException, NoSuchDistribution
from moto.cloudfront.models import CloudFrontBackend, Distribution, cloudfront_backends
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.iam.models import iam_backends

from . import faults

counter = itertools.count(1)

# The managed policies that tests name; all of them:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
NONE = {
    "HeadersConfig": {"HeaderBehavior": "none"},
    "CookiesConfig": {"CookieBehavior": "none"},
    "QueryStringsConfig": {"QueryStringBehavior": "none"},
}
ALL_VIEWER = {
    "HeadersConfig": {"HeaderBehavior": "allViewer"},
    "CookiesConfig": {"CookieBehavior": "all"},
    "QueryStringsConfig": {"QueryStringBehavior": "all"},
}
MANAGED = {
    "CachePolicy": {
        "658327ea-f89d-4fab-a63d-7e88639e58f6": {
            "Name": "Managed-CachingOptimized",
            "MinTTL": 1,
            "ParametersInCacheKeyAndForwardedToOrigin": {
                "EnableAcceptEncodingGzip": True, **NONE
            },
        }
    },
    "OriginRequestPolicy": {
        "216adef6-5c7f-47e4-b989-5492eafa07d3": {"Name": "Managed-AllViewer", **ALL_VIEWER}
    },
    "ResponseHeadersPolicy": {},
}
policies: dict[str, dict[str, dict]] = {}
# By the distribution's id.
subscriptions: dict[str, dict] = {}


def configs(account_id):
    """The live configurations of an account's distributions."""
    return {d.id: d.raw for d in cloudfront_backends[account_id]["aws"].distributions.values()}


def behaviours(config):
    return [config["DefaultCacheBehavior"], *((config.get("CacheBehaviors") or {}).get("Items") or [])]


def associated_functions(account_id):
    names = set()
    for config in configs(account_id).values():
        for behaviour in behaviours(config):
            for item in (behaviour.get("LambdaFunctionAssociations") or {}).get("Items") or []:
                names.add(item["LambdaFunctionARN"].split(":")[6])
    return names


def refused(message):
    return CloudFrontException("InvalidLambdaFunctionAssociation", message)


def check_function(account_id, arn):
    """What CloudFront demands of a function.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html
    Messages: https://github.com/awslabs/aws-cloudfront-extensions/issues/112, aws/aws-cdk#5180.
    """
    parts = arn.split(":")
    if parts[3] != "us-east-1":
        raise refused(f"The function must be in region 'us-east-1'. ARN: {arn}")
    if len(parts) != 8 or not parts[7].isdigit():
        raise refused(f"The function ARN must reference a specific function version. ARN: {arn}")
    try:
        function = lambda_backends[account_id]["us-east-1"].get_function(parts[6], parts[7])
    except Exception:
        raise refused(f"The function cannot be found. Function: {arn}") from None
    for fault, value, what in [
        ("association_max_timeout", int(function.timeout), "timeout"),
        ("association_max_code", int(function.code_size), "code size"),
    ]:
        most = faults.get(fault)
        if most and value > most:
            raise refused(
                f"The function {what} is larger than the maximum allowed {'size ' if what != 'timeout' else ''}"
                f"for functions that are triggered by a CloudFront event: {value} Max allowed: {most} "
                f"Function: {arn}"
            )
    if function.environment_vars:
        raise refused(f"The function cannot have environment variables. Function: {arn}")
    role = iam_backends[account_id]["aws"].get_role_by_arn(function.role)
    for principal in ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]:
        if f'"{principal}"' not in role.assume_role_policy_document:
            raise refused(
                "The function execution role must be assumable with edgelambda.amazonaws.com as well as "
                f"lambda.amazonaws.com principals. Update the IAM role and try again. Role: {function.role}"
            )


def check(account_id, config):
    origins = {origin["Id"] for origin in config["Origins"]["Items"]}
    origins |= {g["Id"] for g in (config.get("OriginGroups") or {}).get("Items") or []}
    for behaviour in behaviours(config):
        if behaviour["TargetOriginId"] not in origins:
            raise CloudFrontException("NoSuchOrigin", "One or more of your origins do not exist.")
        for item in (behaviour.get("LambdaFunctionAssociations") or {}).get("Items") or []:
            check_function(account_id, item["LambdaFunctionARN"])


def filled(config):
    """As CloudFront gives a configuration back: with what was left out."""
    config = copy.deepcopy(config)
    config["WebACLId"] = config.get("WebACLId") or ""
    config["ContinuousDeploymentPolicyId"] = config.get("ContinuousDeploymentPolicyId") or ""
    for name in ["Aliases", "CacheBehaviors", "CustomErrorResponses", "OriginGroups"]:
        config.setdefault(name, {"Quantity": 0})
    for behaviour in behaviours(config):
        for name in ["LambdaFunctionAssociations", "FunctionAssociations"]:
            behaviour.setdefault(name, {"Quantity": 0})
    return config


def store(backend, distribution, config):
    check(backend.account_id, config)
    distribution.raw = filled(config)
    distribution.etag = f"E{next(counter):013d}"
    distribution.status, distribution.listed = "InProgress", 0


def shown(distribution):
    return {
        "Id": distribution.id,
        "ARN": distribution.arn,
        "Status": distribution.status,
        "DomainName": distribution.domain_name,
        "LastModifiedTime": distribution.last_modified_time,
        "InProgressInvalidationBatches": 0,
    }


def install() -> None:
    for name in ["cache-policy", "origin-request-policy", "response-headers-policy"]:
        urls.url_paths[f"{{0}}/2020-05-31/{name}$"] = CloudFrontResponse.dispatch
        urls.url_paths[f"{{0}}/2020-05-31/{name}/(?P<policy>[^/]+)$"] = CloudFrontResponse.dispatch
    path = "{0}/2020-05-31/distributions/(?P<id>[^/]+)/monitoring-subscription"
    for end in ["$", "/$"]:
        urls.url_paths[path + end] = CloudFrontResponse.dispatch
    for kind in MANAGED:
        install_policy(kind)
    install_distributions()
    install_monitoring()


def install_policy(kind):
    snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in kind)

    def known():
        return {**MANAGED[kind], **policies.setdefault(kind, {})}

    def create(self):
        config, identity = self._get_param(f"{kind}Config"), f"00000000-0000-4000-8000-{next(counter):012d}"
        policies.setdefault(kind, {})[identity] = config
        return ActionResult({kind: {"Id": identity, f"{kind}Config": config}, "ETag": "E"})

    def get(self):
        identity = self._get_param("Id")
        if identity not in known():
            raise CloudFrontException(f"NoSuch{kind}", f"The {kind} does not exist.")
        return ActionResult({kind: {"Id": identity, f"{kind}Config": known()[identity]}, "ETag": "E"})

    def update(self):
        policies[kind][self._get_param("Id")] = self._get_param(f"{kind}Config")
        return get(self)

    def delete(self):
        policies[kind].pop(self._get_param("Id"), None)
        return EmptyResult()

    for verb, method in [("create", create), ("get", get), ("update", update), ("delete", delete)]:
        setattr(CloudFrontResponse, f"{verb}{snake}", method)


def install_distributions():
    def create(backend, config, tags):
        raw = copy.deepcopy(config)
        check(backend.account_id, raw)
        distribution = Distribution(backend.account_id, backend.region_name, config)
        # CloudFront's ids begin with E; moto's with any letter.
        name = f"E{distribution.id[1:]}"
        distribution.arn = distribution.arn.replace(distribution.id, name)
        distribution.id = distribution.distribution_id = name
        store(backend, distribution, raw)
        backend.distributions[distribution.id] = distribution
        return distribution, distribution.location, distribution.etag

    CloudFrontBackend.create_distribution = create
    CloudFrontBackend.create_distribution_with_tags = create

    def find(self):
        distribution = self.backend.distributions.get(self._get_param("Id"))
        if distribution is None:
            raise NoSuchDistribution
        return distribution

    def answer(distribution):
        whole = {**shown(distribution), "DistributionConfig": distribution.raw}
        return ActionResult({"Distribution": whole, "ETag": distribution.etag, "Location": ""})

    def create_distribution(self):
        return answer(create(self.backend, self._get_param("DistributionConfig"), [])[0])

    def arrives(distribution):
        """It is deployed everywhere, the next time that somebody looks."""
        if not faults.get("edge_lags"):
            distribution.status = "Deployed"

    def get_distribution(self):
        distribution = find(self)
        result = answer(distribution)
        arrives(distribution)
        return result

    def get_distribution_config(self):
        distribution = find(self)
        return ActionResult({"DistributionConfig": distribution.raw, "ETag": distribution.etag})

    def matched(self):
        distribution = find(self)
        if self._get_param("IfMatch") != distribution.etag:
            raise CloudFrontException("PreconditionFailed", "The request failed because it didn't meet the preconditions in one or more request-header fields.")
        return distribution

    def update_distribution(self):
        distribution = matched(self)
        store(self.backend, distribution, self._get_param("DistributionConfig"))
        return answer(distribution)

    def delete_distribution(self):
        distribution = matched(self)
        if distribution.raw["Enabled"]:
            raise CloudFrontException("DistributionNotDisabled", "The distribution you are trying to delete has not been disabled.")
        del self.backend.distributions[distribution.id]
        return EmptyResult()

    def list_distributions(self):
        fields = ["Aliases", "Origins", "OriginGroups", "DefaultCacheBehavior", "CacheBehaviors",
                  "CustomErrorResponses", "Comment", "Enabled", "WebACLId"]
        items = [
            {**shown(d), **{name: d.raw[name] for name in fields if name in d.raw}}
            for d in self.backend.distributions.values()
        ]
        for distribution in self.backend.distributions.values():
            distribution.listed += 1
            if distribution.listed > 1:
                arrives(distribution)
        return ActionResult({"DistributionList": {
            "Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": len(items),
            **({"Items": items} if items else {}),
        }})

    for method in [create_distribution, get_distribution, get_distribution_config,
                   update_distribution, delete_distribution, list_distributions]:
        setattr(CloudFrontResponse, method.__name__, method)


def install_monitoring():
    """One subscription a distribution.
    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateMonitoringSubscription.html
    """

    def create_monitoring_subscription(self):
        identity, subscription = self._get_param("DistributionId"), self._get_param("MonitoringSubscription")
        if identity in subscriptions:
            raise CloudFrontException(
                "MonitoringSubscriptionAlreadyExists", "A monitoring subscription already exists for the specified distribution."
            )
        subscriptions[identity] = subscription
        return ActionResult({"MonitoringSubscription": subscription})

    def found(self):
        if self._get_param("DistributionId") not in subscriptions:
            raise CloudFrontException(
                "NoSuchMonitoringSubscription", "A monitoring subscription does not exist for the specified distribution."
            )
        return self._get_param("DistributionId")

    def get_monitoring_subscription(self):
        return ActionResult({"MonitoringSubscription": subscriptions[found(self)]})

    def delete_monitoring_subscription(self):
        del subscriptions[found(self)]
        return EmptyResult()

    for method in [create_monitoring_subscription, get_monitoring_subscription, delete_monitoring_subscription]:
        setattr(CloudFrontResponse, method.__name__, method)
