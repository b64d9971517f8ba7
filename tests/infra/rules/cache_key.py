import policy

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
CACHING_OPTIMIZED_UNCOMPRESSED = "b2884449-e4de-46a7-ac36-70bc7f1ddd6d"


class CacheKey(policy.Policy):
    """A payment in the key would make a copy for each payment, and sell that copy to whoever repeats the payment."""

    id = "E9005"
    shortdesc = "Nothing but the path is in the cache key"
    description = "Behaviours use a cache policy of the template without headers, cookies and query strings"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-the-cache-key.html"

    def check(self, template):
        own = {name for name, _, _ in policy.resources(template, "AWS::CloudFront::CachePolicy")}
        for _, behaviour, path in policy.behaviours(template):
            for used in policy.values(behaviour, "CachePolicyId"):
                if policy.logical_id(used) not in own and used != CACHING_OPTIMIZED_UNCOMPRESSED:
                    yield path, f"CachePolicyId {policy.text(used)} is not a cache policy of this template"
            if "ForwardedValues" in behaviour:
                yield path, "ForwardedValues decides what is in the cache key, beside every policy"
        for _, properties, path in policy.resources(template, "AWS::CloudFront::CachePolicy"):
            for key in policy.values(properties, "CachePolicyConfig", "ParametersInCacheKeyAndForwardedToOrigin"):
                for part, switch in (("Headers", "Header"), ("Cookies", "Cookie"), ("QueryStrings", "QueryString")):
                    for behaviour in policy.values(key, f"{part}Config", f"{switch}Behavior"):
                        if behaviour != "none":
                            yield path, f"{part}Config puts {behaviour} in the cache key, not none"
