import policy


class DefaultRootObject(policy.Policy):
    """The price table says what `/` stands for, and the function does it. Two that disagree would sell one thing at the
    price of another."""

    id = "E9010"
    shortdesc = "No default root object"
    description = "DefaultRootObject is not set: `/` is the function's"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DefaultRootObject.html"

    def check(self, template):
        for _, properties, path in policy.resources(template, "AWS::CloudFront::Distribution"):
            for root in policy.values(properties, "DistributionConfig", "DefaultRootObject"):
                if root:
                    yield path + ["DistributionConfig"], f"DefaultRootObject is {policy.text(root)}; leave `/` to the function"
