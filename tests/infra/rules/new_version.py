import re

import policy


class NewVersion(policy.Policy):
    """A version is a snapshot. CloudFormation makes another only when a property of the resource changes, so the resource
    has to mention every parameter on which the function depends. And Lambda publishes one only if the function differs
    from the newest, which a roll-back may have left: https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html"""

    id = "E9019"
    shortdesc = "Every change of the function makes a new version"
    description = "The version has the code's hash, and its description every parameter of the function's settings"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-version.html"

    def check(self, template):
        functions = {name: function for name, function, _ in policy.resources(template, "AWS::Lambda::Function")}
        for name, version, path in policy.resources(template, "AWS::Lambda::Version"):
            if policy.logical_id(version.get("CodeSha256")) not in template.get("Parameters", {}):
                yield path, f"{name}: CodeSha256 is not a parameter, so new code would make no new version"
            function = functions.get(policy.logical_id(version.get("FunctionName")), {})
            said = set(re.findall(r"\$\{(\w+)\}", policy.text(version.get("Description"))))
            attempt = set(re.findall(r"\$\{(\w+)\}", policy.text(function.get("Description"))))
            if not attempt & set(template.get("Parameters", {})):
                yield path, f"{name}: tried again after a roll-back, the function would be that of a version; it needs a parameter in Description"
            for setting in ("Runtime", "MemorySize", "Timeout", "LoggingConfig", "Description"):
                used = re.findall(r'"Ref": "(\w+)"', policy.text(function.get(setting)))
                used += attempt if setting == "Description" else []
                for parameter in set(used) & set(template.get("Parameters", {})) - said:
                    yield path, f"{name}: another {parameter} would make no new version; mention it in Description"
