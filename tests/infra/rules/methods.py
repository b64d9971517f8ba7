import policy


class Methods(policy.Policy):
    """GET, HEAD and OPTIONS are what the function answers; only the first two are kept in the cache."""

    id = "E9004"
    shortdesc = "Only methods that read"
    description = "Behaviours allow GET, HEAD and OPTIONS at most; gated ones allow OPTIONS, for preflights"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html#DownloadDistValuesAllowedHTTPMethods"

    def check(self, template):
        for _, behaviour, path in policy.behaviours(template):
            allowed, cached = set(behaviour.get("AllowedMethods", [])), set(behaviour.get("CachedMethods", []))
            if not {"GET", "HEAD"} <= allowed <= {"GET", "HEAD", "OPTIONS"}:
                yield path, f"AllowedMethods are {sorted(allowed)}: at most GET, HEAD and OPTIONS"
            if cached != {"GET", "HEAD"}:
                yield path, f"CachedMethods are {sorted(cached)}, not GET and HEAD"
            if policy.gated(behaviour) and "OPTIONS" not in allowed:
                yield path, "AllowedMethods lack OPTIONS: browsers on other sites could not pay"
