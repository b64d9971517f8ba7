import policy

# Those that end TLS 1.0 and 1.1 and CBC ciphers.
MINIMUM = {"TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"}


class HttpsOnly(policy.Policy):
    id = "E9003"
    shortdesc = "HTTPS only, TLS 1.2 at least"
    description = "Every behaviour is https-only; an own domain asks for TLSv1.2_2021 or later"
    source_url = (
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html"
    )

    def check(self, template):
        for config, behaviour, path in policy.behaviours(template):
            for protocol in policy.values(behaviour, "ViewerProtocolPolicy"):
                if protocol != "https-only":
                    yield path, f"ViewerProtocolPolicy is {protocol}, not https-only"
            for certificate in policy.values(config, "ViewerCertificate"):
                minimum = (certificate or {}).get("MinimumProtocolVersion")
                if not (certificate or {}).get("CloudFrontDefaultCertificate") and minimum not in MINIMUM:
                    yield path[:-1] + ["ViewerCertificate"], f"MinimumProtocolVersion is {minimum}, not one of {sorted(MINIMUM)}"
