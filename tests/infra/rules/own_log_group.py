import policy


class OwnLogGroup(policy.Policy):
    """Lambda's default group has the function's home Region in its name, and a name that CloudFormation makes up. A group of
    one's own has one name everywhere, so the role can be held to it."""

    id = "E9028"
    shortdesc = "The function logs into its stack's group"
    description = "LoggingConfig names a log group of the template, and the role's log statements name the same"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html"

    def check(self, template):
        groups = {name: policy.text(group.get("LogGroupName")) for name, group, _ in policy.resources(template, "AWS::Logs::LogGroup")}
        for name, function, path in policy.resources(template, "AWS::Lambda::Function"):
            group = groups.get(policy.logical_id(next(policy.values(function, "LoggingConfig", "LogGroup"))))
            if group is None:
                yield path, f"{name}: LoggingConfig names no log group of this template"
                continue
            role = policy.logical_id(function.get("Role"))
            for _, statement, where in policy.statements(template):
                # Another function's role logs into its own.
                if role in policy.names(template, "AWS::IAM::Role") and role not in where:
                    continue
                if any(str(action).startswith("logs:") for action in policy.listed(statement.get("Action"))):
                    for resource in policy.listed(statement.get("Resource")):
                        if not policy.text(resource).removesuffix(":*").endswith(f":log-group:{group}"):
                            yield where, f"{name} may write logs to {policy.text(resource)}, not only to {group}"
