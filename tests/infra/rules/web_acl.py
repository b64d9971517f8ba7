import policy


class WebAcl(policy.Policy):
    """WAF's labels travel in x-amzn-waf-* headers. One from outside must be gone before any other rule may end the matter."""

    id = "E9020"
    shortdesc = "Forged WAF headers are blocked first"
    description = "A web ACL for CloudFront is on the distribution, and its first rule blocks x-amzn-waf-* headers"
    source_url = "https://docs.aws.amazon.com/waf/latest/developerguide/customizing-the-incoming-request.html"

    def check(self, template):
        acls = {name: acl for name, acl, _ in policy.resources(template, "AWS::WAFv2::WebACL")}
        for name, acl in acls.items():
            path = ["Resources", name, "Properties", "Rules"]
            if acl.get("Scope") != "CLOUDFRONT":
                yield path[:-1], f"{name}: Scope is not CLOUDFRONT"
            first = min(policy.values(acl, "Rules", "*"), key=lambda rule: rule["Priority"], default={})
            if not self.blocks_forged_headers(first):
                yield path, f"{name}: the first rule, {first.get('Name')}, does not block x-amzn-waf-* headers"
        for _, properties, path in policy.resources(template, "AWS::CloudFront::Distribution"):
            used = {policy.logical_id(acl) for acl in policy.values(properties, "DistributionConfig", "WebACLId")}
            if not used & set(acls):
                yield path + ["DistributionConfig"], "The distribution has no web ACL of this template"

    @staticmethod
    def blocks_forged_headers(rule):
        match = next(policy.values(rule, "Statement", "ByteMatchStatement"), None) or {}
        headers = next(policy.values(match, "FieldToMatch", "Headers"), None) or {}
        return (
            "Block" in rule.get("Action", {})
            and match.get("SearchString") == "x-amzn-waf-"
            and match.get("PositionalConstraint") in ("CONTAINS", "STARTS_WITH")
            and {"Priority": 0, "Type": "LOWERCASE"} in match.get("TextTransformations", [])
            and headers.get("MatchPattern") == {"All": {}}
            and headers.get("MatchScope") == "KEY"
        )
