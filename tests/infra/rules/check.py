import policy

# What must be alarmed of: that there are findings, that the check fails, that it is silent; the same of the books, which also
# say nothing when they fail. And how often each is started.
CHECK = {("x402", "Findings", "Maximum"), ("AWS/Lambda", "Errors", "Sum"), ("x402", "Findings", "SampleCount")}
BOOKS = {("x402", "BooksWrong", "Maximum"), ("x402", "BooksWrong", "SampleCount")}
OFTEN = {"rate(5 minutes)": "every five minutes", "rate(1 hour)": "every hour"}


class Check(policy.Policy):
    """A check that is not started, or that nobody hears, finds nothing."""

    id = "E9031"
    shortdesc = "The check runs, and is heard"
    description = "The check is started every five minutes and the books every hour, may be, and have an alarm on each way to end"
    source_url = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-lambda-permissions"

    def check(self, template):
        checks = list(policy.functions(template, regional=True))
        conditions = {name: body.get("Condition") for name, body in template.get("Resources", {}).items()}
        rules = list(policy.resources(template, "AWS::Events::Rule"))
        for name, function, path in checks:
            if function.get("Architectures") != ["x86_64"] or function.get("Handler") != "bootstrap":
                yield path, f"{name}: the package holds bootstrap, for x86_64"
            books = "BOOKS_PLAN_KEY" in function.get("Environment", {}).get("Variables", {})
            rate, watched = ("rate(1 hour)", BOOKS) if books else ("rate(5 minutes)", CHECK)
            for setting in ("Timeout", "MemorySize"):
                if setting not in function:
                    yield path, f"{name}: {setting} is not set"
            scheduled = [
                rule
                for rule, properties, _ in rules
                if properties.get("ScheduleExpression") == rate and properties.get("State") == "ENABLED"
                and policy.implies(template, conditions[name], conditions[rule])
                and name in {policy.logical_id(target.get("Arn")) for target in policy.values(properties, "Targets", "*")}
            ]
            if not scheduled:
                yield path, f"{name} is not started {OFTEN[rate]}"
            alarms = {
                (alarm.get("Namespace"), alarm.get("MetricName"), alarm.get("Statistic"))
                for alarm_name, alarm, _ in policy.resources(template, "AWS::CloudWatch::Alarm")
                if policy.implies(template, conditions[name], conditions[alarm_name])
            }
            for namespace, metric, statistic in sorted(watched - alarms):
                yield path, f"{name}: no alarm is on the {statistic} of {namespace} {metric}"
        permitted = {
            (policy.logical_id(one.get("FunctionName")), policy.logical_id(one.get("SourceArn")), conditions[name])
            for name, one, _ in policy.resources(template, "AWS::Lambda::Permission")
            if one.get("Principal") == "events.amazonaws.com"
        }
        for rule, properties, path in rules:
            for target in policy.values(properties, "Targets", "*"):
                function = policy.logical_id(target.get("Arn"))
                if not any(
                    one == (function, rule, condition) and policy.implies(template, conditions[rule], condition)
                    for one in permitted for condition in [one[2]]
                ):
                    yield path, f"{rule} may not invoke {function}"
        for name, permission, path in policy.resources(template, "AWS::Lambda::Permission"):
            if policy.logical_id(permission.get("SourceArn")) not in {rule for rule, _, _ in rules}:
                yield path, f"{name}: SourceArn is no rule of this template, so others may invoke the function"
