import policy


class OriginAccessControl(policy.Policy):
    id = "E9011"
    shortdesc = "CloudFront signs its requests to every bucket"
    description = "Origins have an origin access control that always signs, and no origin access identity"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html"

    def check(self, template):
        own = {name for name, _, _ in policy.resources(template, "AWS::CloudFront::OriginAccessControl")}
        for _, properties, path in policy.resources(template, "AWS::CloudFront::Distribution"):
            here = path + ["DistributionConfig", "Origins"]
            for origin in policy.values(properties, "DistributionConfig", "Origins", "*"):
                if policy.logical_id(origin.get("OriginAccessControlId")) not in own:
                    yield here, f"Origin {origin.get('Id')} has no origin access control of this template"
                if any(policy.values(origin, "S3OriginConfig", "OriginAccessIdentity")):
                    yield here, f"Origin {origin.get('Id')} has an origin access identity beside its origin access control"
        for _, properties, path in policy.resources(template, "AWS::CloudFront::OriginAccessControl"):
            for signing in policy.values(properties, "OriginAccessControlConfig", "SigningBehavior"):
                if signing != "always":
                    yield path, f"SigningBehavior is {signing}: a viewer's own Authorization header would go to S3"
