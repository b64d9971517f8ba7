import policy


class GatedBehaviours(policy.Policy):
    """CloudFront chooses a behaviour by another spelling of the path than S3 reads, so a pattern keeps nothing out:
    a behaviour without the function must not reach the bucket of one that has it."""

    id = "E9001"
    shortdesc = "Priced content is behind the function in every behaviour"
    description = "A behaviour without the function on both viewer events reaches no bucket that a gated behaviour reaches"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html#DownloadDistValuesPathPattern"

    def check(self, template):
        all_behaviours = list(policy.behaviours(template))
        priced = {self.bucket(config, behaviour) for config, behaviour, _ in all_behaviours if policy.gated(behaviour)}
        for config, behaviour, path in all_behaviours:
            if policy.gated(behaviour):
                continue
            if path[-1] == "DefaultCacheBehavior":
                yield path, "The default behaviour lacks the function on viewer-request and viewer-response"
            bucket = self.bucket(config, behaviour)
            if bucket in priced:
                yield path, f"This behaviour has no function, and reaches {bucket}, which is sold through another"
            for other in priced - {bucket}:
                if not self.kept_apart(template, bucket, other):
                    yield path, f"No rule of the template keeps the parameters of {bucket} and {other} from being the same bucket"

    @staticmethod
    def bucket(config, behaviour):
        names = {
            policy.text(origin.get("DomainName"))
            for origin in policy.values(config, "Origins", "*")
            if origin.get("Id") == behaviour.get("TargetOriginId")
        }
        return " or ".join(sorted(names))

    @staticmethod
    def kept_apart(template, one, other):
        """Whether an assertion says that two buckets named by parameters differ."""
        for assertion in policy.values(template, "Rules"):
            for rule in (assertion or {}).values():
                for condition in policy.values(rule, "Assertions", "*", "Assert"):
                    for pair in policy.values(condition, "Fn::Not", "*", "Fn::Equals"):
                        names = {policy.logical_id(side) for side in pair or []}
                        if {f"${{{name}}}" for name in names if name} == {one.split(".")[0], other.split(".")[0]}:
                            return True
        return False
