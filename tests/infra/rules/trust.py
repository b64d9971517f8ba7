import policy

REGIONAL = {"lambda.amazonaws.com"}
PRINCIPALS = REGIONAL | {"edgelambda.amazonaws.com"}


class Trust(policy.Policy):
    id = "E9015"
    shortdesc = "Lambda and Lambda@Edge may take the function's role, nobody else"
    description = "A function's role trusts lambda.amazonaws.com, and edgelambda.amazonaws.com where it is the edge's"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html"

    def check(self, template):
        roles = {
            policy.logical_id(role): principals
            for principals, regional in ((PRINCIPALS, False), (REGIONAL, True))
            for _, function, _ in policy.functions(template, regional)
            for role in policy.values(function, "Role")
        }
        for name, role, path in policy.resources(template, "AWS::IAM::Role"):
            if name not in roles:
                continue
            trusted = set()
            for statement in policy.values(role, "AssumeRolePolicyDocument", "Statement", "*"):
                principal = statement.get("Principal")
                if not isinstance(principal, dict) or set(principal) != {"Service"}:
                    yield path + ["AssumeRolePolicyDocument"], f"{name} trusts {policy.text(principal)}"
                else:
                    trusted |= set(policy.listed(principal["Service"]))
            if trusted != roles[name]:
                yield path + ["AssumeRolePolicyDocument"], f"{name} trusts {sorted(trusted)}, not {sorted(roles[name])}"
