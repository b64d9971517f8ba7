import policy

HERE = [{"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}, {"Fn::Equals": ["us-east-1", {"Ref": "AWS::Region"}]}]


class Region(policy.Policy):
    id = "E9026"
    shortdesc = "Stacks refuse other Regions than us-east-1"
    description = "A rule of the template asserts the Region, so that a stack elsewhere fails before it makes anything"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html"

    # Logs and alarms may be in any Region.
    bound = ("AWS::CloudFront::", "AWS::Lambda::", "AWS::WAFv2::")

    def check(self, template):
        if not any(resource.get("Type", "").startswith(self.bound) for resource in template.get("Resources", {}).values()):
            return
        rules = template.get("Rules", {}).values()
        unconditional = [rule for rule in rules if "RuleCondition" not in rule]
        asserted = [condition for rule in unconditional for condition in policy.values(rule, "Assertions", "*", "Assert")]
        if not any(condition in HERE for condition in asserted):
            yield ["Rules"], "No rule asserts that the Region is us-east-1"
