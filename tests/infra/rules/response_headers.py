import policy


class ResponseHeaders(policy.Policy):
    """Preflights and 402s need CORS headers, AWS does not say that a policy is applied to them, and two sources would give
    one header two values."""

    id = "E9027"
    shortdesc = "Security headers from the policy, CORS from the function"
    description = "Behaviours have a response headers policy with HSTS and nosniff, without CORS, which hides the key's ARN"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html"
    key_arn = "x-amz-server-side-encryption-aws-kms-key-id"

    def check(self, template):
        own = {name for name, _, _ in policy.resources(template, "AWS::CloudFront::ResponseHeadersPolicy")}
        for _, behaviour, path in policy.behaviours(template):
            if policy.logical_id(behaviour.get("ResponseHeadersPolicyId")) not in own:
                yield path, "The behaviour has no response headers policy of this template"
        for name, properties, path in policy.resources(template, "AWS::CloudFront::ResponseHeadersPolicy"):
            for config in policy.values(properties, "ResponseHeadersPolicyConfig"):
                security = config.get("SecurityHeadersConfig", {})
                if security.get("StrictTransportSecurity", {}).get("AccessControlMaxAgeSec", 0) < 31536000:
                    yield path, f"{name}: StrictTransportSecurity is shorter than a year"
                if "ContentTypeOptions" not in security:
                    yield path, f"{name}: ContentTypeOptions is missing"
                if "CorsConfig" in config:
                    yield path, f"{name}: CorsConfig is the function's business"
                if self.key_arn not in policy.values(config, "RemoveHeadersConfig", "Items", "*", "Header"):
                    yield path, f"{name}: {self.key_arn} names the account and is not removed"
