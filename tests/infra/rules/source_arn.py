import policy


class SourceArn(policy.Policy):
    """Without a source, any distribution of any account could read the bucket: the confused deputy."""

    id = "E9012"
    shortdesc = "Only this distribution reads"
    description = "Statements for CloudFront name the distribution in AWS:SourceArn and allow reading an object, nothing else"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html"
    reading = {"AWS::S3::BucketPolicy": {"s3:GetObject"}, "AWS::KMS::Key": {"kms:Decrypt"}}

    def check(self, template):
        distributions = {name for name, _, _ in policy.resources(template, "AWS::CloudFront::Distribution")}
        for kind, statement, path in policy.statements(template):
            services = policy.listed(next(policy.values(statement, "Principal", "Service")))
            if statement.get("Effect") != "Allow" or policy.CLOUDFRONT not in services:
                continue
            for source in policy.values(statement, "Condition", "StringEquals", "AWS:SourceArn"):
                expected = {f"arn:aws:cloudfront::${{AWS::AccountId}}:distribution/${{{name}}}" for name in distributions}
                if policy.text(source) not in expected:
                    yield path, f"AWS:SourceArn is {policy.text(source)}, not this template's distribution"
            if more := set(policy.listed(statement.get("Action"))) - self.reading[kind]:
                yield path, f"CloudFront may {', '.join(sorted(more))}: reading an object is all it needs"
