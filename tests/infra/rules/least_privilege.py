import re

import policy

# Where a wildcard has a reason: logs are written in the Region where a replica runs, a stream's name is Lambda's, an
# object's key is what the statement is about.
WITH_REASON = (
    r"arn:aws:logs:\*:\$\{AWS::AccountId\}:log-group:[^*]+(:\*)?",
    r"arn:aws:logs:us-east-1:\$\{AWS::AccountId\}:log-group:[^*]+:\*",
    # Of one function, every version.
    r"arn:aws:lambda:us-east-1:\$\{AWS::AccountId\}:function:\$\{FunctionName\}:\*",
    r"arn:aws:s3:::\$\{\w+\}/(\$\{\w+\})?(v2/(payments|accounts|transactions|refunds)/|books/)?\*",
    r"\$\{\w+\.Arn\}/AWSLogs/\$\{AWS::AccountId\}/\*",
)


class LeastPrivilege(policy.Policy):
    id = "E9016"
    shortdesc = "No wildcard without a reason"
    description = "Allowed actions are named one by one; resources have a wildcard only where replication or keys need it"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"

    def check(self, template):
        for kind, statement, path in policy.statements(template):
            if statement.get("Effect") != "Allow" or self.is_account_over_key(kind, statement):
                continue
            for action in policy.listed(statement.get("Action")):
                if "*" in action:
                    yield path, f"Action {action} allows more than is needed"
            principal = statement.get("Principal", {})
            if not isinstance(principal, dict) or set(principal) - {"Service"}:
                yield path, f"A statement allows {policy.text(principal)}, not only a service"
            for inverse in sorted({"NotAction", "NotResource", "NotPrincipal"} & set(statement)):
                yield path, f"A statement allows everything but its {inverse}"
            for resource in policy.listed(statement.get("Resource")):
                where = policy.text(resource)
                # The resource of a key's policy is the key; it can be named in no other way.
                if "*" in where and kind != "AWS::KMS::Key" and not any(re.fullmatch(reason, where) for reason in WITH_REASON):
                    yield path, f"Resource {where} is wider than is needed"
        for name, role, path in policy.resources(template, "AWS::IAM::Role"):
            if "ManagedPolicyArns" in role:
                yield path, f"{name}: managed policies allow more than is needed"

    @staticmethod
    def is_account_over_key(kind, statement):
        """The account over its own key, without which nobody could administer it any more."""
        principal = statement.get("Principal")
        account = isinstance(principal, dict) and policy.text(principal.get("AWS")) == "arn:aws:iam::${AWS::AccountId}:root"
        return kind == "AWS::KMS::Key" and account
