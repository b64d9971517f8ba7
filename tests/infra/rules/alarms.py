import policy

# What the watching functions' own lines count: bookkeeper/src/log.rs and ledger.rs.
SAID = {"Findings", "BooksWrong"}
# By default: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
ADDITIONAL = {
    "401ErrorRate",
    "403ErrorRate",
    "404ErrorRate",
    "502ErrorRate",
    "503ErrorRate",
    "504ErrorRate",
    "CacheHitRate",
    "OriginLatency",
}
# The console's own graph of the rate of 5xx by Lambda@Edge sums these.
LAMBDA = {"LambdaExecutionError", "LambdaValidationError", "LambdaLimitExceededErrors"}
STATISTIC = {
    "Requests": "Sum",
    **{name: "Sum" for name in LAMBDA},
    **{name: "Average" for name in ADDITIONAL | {"4xxErrorRate", "5xxErrorRate"}},
}


class Alarms(policy.Policy):
    """An alarm on a metric that is not there, or is in another Region, never fires."""

    id = "E9024"
    shortdesc = "Alarms can fire"
    description = "Alarms watch metrics that CloudFront reports in us-east-1, with the statistic and dimensions that they have"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html"

    def check(self, template):
        own = {
            (one.get("MetricNamespace"), policy.text(one.get("MetricName")))
            for _, filtering, _ in policy.resources(template, "AWS::Logs::MetricFilter")
            for one in policy.values(filtering, "MetricTransformations", "*")
        }
        regional = {name: function for name, function, _ in policy.functions(template, regional=True)}
        subscribed = any(policy.resources(template, "AWS::CloudFront::MonitoringSubscription"))
        for name, alarm, path in policy.resources(template, "AWS::CloudWatch::Alarm"):
            metric = alarm.get("MetricName")
            dimensions = {one.get("Name"): one.get("Value") for one in policy.values(alarm, "Dimensions", "*")}
            if alarm.get("Namespace") == "AWS/CloudFront":
                if STATISTIC.get(metric) != alarm.get("Statistic"):
                    yield path, f"{name}: CloudFront has no {alarm.get('Statistic')} of {metric}"
                if metric in ADDITIONAL and not subscribed:
                    yield path, f"{name}: {metric} needs a MonitoringSubscription"
                if dimensions.get("Region") != "Global" or "DistributionId" not in dimensions:
                    yield path, f"{name}: CloudFront's metrics have the dimensions DistributionId and Region=Global"
            elif alarm.get("Namespace") == "AWS/WAFV2":
                if set(dimensions) != {"WebACL", "Rule"}:
                    yield path, f"{name}: the metrics of a web ACL for CloudFront have the dimensions WebACL and Rule"
            elif alarm.get("Namespace") == "AWS/Lambda" and set(dimensions) == {"FunctionName"}:
                if policy.logical_id(dimensions["FunctionName"]) not in regional:
                    yield path, f"{name}: the metrics of a function have the dimension FunctionName, and it runs here"
            elif alarm.get("Namespace") == "x402" and policy.text(metric) in SAID and regional:
                # The function says its dimension itself.
                said = [function.get("Environment", {}).get("Variables", {}).get("STACK") for function in regional.values()]
                if list(dimensions) != ["Stack"] or dimensions["Stack"] not in said:
                    yield path, f"{name}: {metric} has the dimension Stack, with the STACK of the function's environment"
                # The check must be heard, and a period without a word is no finding, nor the end of one.
                expected = {"SampleCount": ("LessThanThreshold", "breaching"), "Maximum": ("GreaterThanThreshold", "ignore")}
                given = (alarm.get("ComparisonOperator"), alarm.get("TreatMissingData"))
                if expected.get(alarm.get("Statistic")) != given:
                    yield path, f"{name}: {alarm.get('Statistic')} of {metric} with {' and '.join(map(str, given))}"
                continue
            elif (alarm.get("Namespace"), policy.text(metric)) not in own:
                yield path, f"{name}: {alarm.get('Namespace')} is reported in the Region where a replica runs, not here"
            if alarm.get("TreatMissingData") != "notBreaching":
                yield path, f"{name}: no traffic is no alarm: TreatMissingData: notBreaching"
