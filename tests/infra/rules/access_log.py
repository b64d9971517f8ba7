import policy

SECRET = {"cs(Cookie)", "cs-uri-query", "c-ip", "x-forwarded-for", "cs-headers"}


class AccessLog(policy.Policy):
    """A pass travels in a cookie: whoever reads it in a log may use it."""

    id = "E9023"
    shortdesc = "No pass, query or address in the access log"
    description = "The access log's fields are named one by one, without cookies, queries and addresses"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html"

    def check(self, template):
        for name, delivery, path in policy.resources(template, "AWS::Logs::Delivery"):
            fields = delivery.get("RecordFields")
            if not fields:
                yield path, f"{name}: without RecordFields every field is logged"
            for field in sorted(SECRET & set(fields or [])):
                yield path, f"{name}: {field} is logged"
        for _, properties, path in policy.resources(template, "AWS::CloudFront::Distribution"):
            if any(policy.values(properties, "DistributionConfig", "Logging")):
                yield path + ["DistributionConfig"], "Legacy logging has no choice of fields; use a delivery"
