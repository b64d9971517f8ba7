import policy

BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


class PrivateBuckets(policy.Policy):
    id = "E9013"
    shortdesc = "Buckets are private and encrypted"
    description = "All public access is blocked, ACLs are off, encryption is on, and there is no website endpoint"
    source_url = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html"

    def check(self, template):
        for name, bucket, path in policy.resources(template, "AWS::S3::Bucket"):
            for block in BLOCKS:
                if set(policy.values(bucket, "PublicAccessBlockConfiguration", block)) != {True}:
                    yield path, f"{name}: {block} is not true"
            ownership = set(policy.values(bucket, "OwnershipControls", "Rules", "*", "ObjectOwnership"))
            if ownership != {"BucketOwnerEnforced"}:
                yield path, f"{name}: ObjectOwnership is not BucketOwnerEnforced"
            default = ("BucketEncryption", "ServerSideEncryptionConfiguration", "*", "ServerSideEncryptionByDefault", "SSEAlgorithm")
            algorithms = set(policy.values(bucket, *default))
            if not algorithms or not algorithms <= {"AES256", "aws:kms"}:
                yield path, f"{name}: no encryption by default"
            for setting in ("WebsiteConfiguration", "AccessControl", "CorsConfiguration"):
                if setting in bucket:
                    yield path, f"{name}: {setting} is for public buckets"
