import policy


class NothingForwarded(policy.Policy):
    """S3 takes queries as commands (`?versionId`, `?response-content-type`), and has no business with payments."""

    id = "E9006"
    shortdesc = "No query, cookie or header of the viewer goes to the origin"
    description = "Behaviours have no origin request policy; with none, only the path and what the cache key has is forwarded"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-origin-requests.html"

    def check(self, template):
        for _, behaviour, path in policy.behaviours(template):
            if behaviour.get("OriginRequestPolicyId"):
                yield path, "OriginRequestPolicyId forwards more than the path to the origin"
            for forwards in policy.values(behaviour, "ForwardedValues"):
                if forwards is not None:
                    yield path, "ForwardedValues forwards more than the path to the origin"
