import policy


class SameBytes(policy.Policy):
    """CloudFront weakens the ETag of what it compresses. If-Range needs a strong one, so downloads could not be resumed,
    and the bytes would not be those of the published digest."""

    id = "E9007"
    shortdesc = "Buyers get the published bytes"
    description = "No compression at the edge, and no encodings in the cache key"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html"

    def check(self, template):
        for _, behaviour, path in policy.behaviours(template):
            if behaviour.get("Compress") is not False:
                yield path, "Compress is not false"
        for _, properties, path in policy.resources(template, "AWS::CloudFront::CachePolicy"):
            for key in policy.values(properties, "CachePolicyConfig", "ParametersInCacheKeyAndForwardedToOrigin"):
                for coding in ("Gzip", "Brotli"):
                    if (key or {}).get(f"EnableAcceptEncoding{coding}") is not False:
                        yield path, f"EnableAcceptEncoding{coding} is not false"
