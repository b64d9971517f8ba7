import policy


class Spending(policy.Policy):
    """AWS is paid for requests, not for sales: a flood shows in their number first, and on the bill a month later."""

    id = "E9030"
    shortdesc = "Somebody is told when requests become expensive"
    description = "Beside other alarms on a distribution there is one on the sum of its requests in an hour, by a parameter, on by default"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html"

    def check(self, template):
        alarms = [(alarm, path) for _, alarm, path in policy.resources(template, "AWS::CloudWatch::Alarm")]
        if not any(alarm.get("Namespace") == "AWS/CloudFront" for alarm, _ in alarms):
            return
        requests = [(alarm, path) for alarm, path in alarms if alarm.get("MetricName") == "Requests"]
        if not requests:
            yield ["Resources"], "No alarm is on the distribution's requests"
        for alarm, path in requests:
            if (alarm.get("Period"), alarm.get("EvaluationPeriods")) != (3600, 1):
                yield path, "The alarm on requests does not count those of an hour"
            parameter = template.get("Parameters", {}).get(policy.logical_id(alarm.get("Threshold")), {})
            if not parameter.get("Default"):
                yield path, "The alarm on requests has no parameter that is set by default"
