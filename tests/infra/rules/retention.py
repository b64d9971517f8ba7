import policy

# Keeps what a failed creation made as well: replicas may exist by then.
KEPT = {"AWS::Lambda::Function": {"Retain"}, "AWS::Lambda::Version": {"Retain"}}
# An empty bucket may go with a failed creation, so that the next attempt finds its name free.
KEPT |= {kind: {"Retain", "RetainExceptOnCreate"} for kind in ("AWS::S3::Bucket", "AWS::KMS::Key")}


class Retention(policy.Policy):
    """Lambda refuses to delete what has replicas, for hours; and no seller loses content or sales by a stack's end."""

    id = "E9017"
    shortdesc = "Functions, versions, buckets and keys outlive the stack"
    description = "DeletionPolicy and UpdateReplacePolicy keep them"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-delete-replicas.html"

    def check(self, template):
        for name, resource in template.get("Resources", {}).items():
            # What has no replicas goes with its stack.
            kept = None if policy.is_regional(resource.get("Properties", {})) else KEPT.get(resource.get("Type"))
            if kept and resource.get("DeletionPolicy") not in kept:
                yield ["Resources", name], f"{name}: DeletionPolicy is not {' or '.join(sorted(kept))}"
            if kept and resource.get("UpdateReplacePolicy") != "Retain":
                yield ["Resources", name], f"{name}: UpdateReplacePolicy is not Retain"
