import policy


class NumberedVersion(policy.Policy):
    id = "E9002"
    shortdesc = "Behaviours name a numbered version of the function"
    description = "LambdaFunctionARN is the Ref of an AWS::Lambda::Version: Lambda@Edge refuses $LATEST and aliases"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html"

    def check(self, template):
        versions = {name for name, _, _ in policy.resources(template, "AWS::Lambda::Version")}
        for _, behaviour, path in policy.behaviours(template):
            for arn in policy.values(behaviour, "LambdaFunctionAssociations", "*", "LambdaFunctionARN"):
                if not isinstance(arn, dict) or arn.get("Ref") not in versions:
                    yield path + ["LambdaFunctionAssociations"], "LambdaFunctionARN is not the Ref of an AWS::Lambda::Version"
