import policy


class OriginGroups(policy.Policy):
    """A group's second member answers what the first refused, and the table knows nothing of its objects."""

    id = "E9009"
    shortdesc = "No origin groups, no other kinds of origin"
    description = "Every origin is one S3 bucket, and there is no failing over"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html"

    def check(self, template):
        for _, properties, path in policy.resources(template, "AWS::CloudFront::Distribution"):
            here = path + ["DistributionConfig"]
            for groups in policy.values(properties, "DistributionConfig", "OriginGroups"):
                if groups is not None:
                    yield here + ["OriginGroups"], "OriginGroups fail over to an origin that the price table does not know"
            for origin in policy.values(properties, "DistributionConfig", "Origins", "*"):
                if "S3OriginConfig" not in origin:
                    yield here + ["Origins"], f"Origin {origin.get('Id')} is not an S3 bucket"
