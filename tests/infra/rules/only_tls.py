import policy


class OnlyTls(policy.Policy):
    id = "E9014"
    shortdesc = "Buckets refuse plain HTTP"
    description = "Every bucket has a policy that denies everything to everybody where aws:SecureTransport is false"
    source_url = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html#transit"

    def check(self, template):
        denied = {}
        for name, properties, path in policy.resources(template, "AWS::S3::BucketPolicy"):
            if any(self.denies(statement) for statement in policy.values(properties, "PolicyDocument", "Statement", "*")):
                condition = template["Resources"][name].get("Condition")
                denied.update({policy.logical_id(bucket): condition for bucket in policy.values(properties, "Bucket")})
            else:
                yield path, "This policy does not deny plain HTTP"
        for name, _, path in policy.resources(template, "AWS::S3::Bucket"):
            condition = template["Resources"][name].get("Condition")
            if name not in denied or not policy.implies(template, condition, denied[name]):
                yield path, f"{name} has no policy that denies plain HTTP"

    @staticmethod
    def denies(statement):
        return (
            statement.get("Effect") == "Deny"
            and statement.get("Principal") == "*"
            and statement.get("Action") == "s3:*"
            and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
            and len(policy.listed(statement.get("Resource"))) == 2
        )
