import policy


class RequestRate(policy.Policy):
    """What nobody pays for costs the seller as well: a flood of requests that are answered 402 has no other end."""

    id = "E9029"
    shortdesc = "All requests are limited for each address, by default"
    description = "After the rule for payments, whose answer says more, a rate rule counts every request of an address"
    source_url = "https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html"

    def check(self, template):
        for name, acl, path in policy.resources(template, "AWS::WAFv2::WebACL"):
            path = path + ["Rules"]
            rates = {}
            for rule in policy.values(acl, "Rules", "*"):
                for rate in policy.values(rule, "Statement", "RateBasedStatement"):
                    if rate:
                        rates.setdefault(self.counted(rate), []).append(rule)
            by_address, payments = rates.get("every request of an address", []), rates.get("some requests", [])
            if not by_address:
                yield path, f"{name}: no rate rule counts every request of an address"
            for rule in by_address + rates.get("every request of many addresses", []):
                if rule.get("Action", {}).get("Block", {}).get("CustomResponse", {}).get("ResponseCode") != 429:
                    yield path, f"{name}: {rule['Name']} does not answer 429"
                if any(rule["Priority"] < other["Priority"] for other in payments):
                    yield path, f"{name}: {rule['Name']} comes before the rule for payments"
        for name, parameter in template.get("Parameters", {}).items():
            if name == "RequestRateLimit" and not int(parameter.get("Default") or 0) >= 1000:
                yield ["Parameters", name], "Requests are not limited by default, or so few that ordinary use may meet the limit"
            # Buyers with one client library on one cloud share this one.
            if name == "NetworkRateLimit" and parameter.get("Default") != "":
                yield ["Parameters", name], "Networks are limited by default, where buyers share the limit with a flood"

    @staticmethod
    def counted(rate):
        if "ScopeDownStatement" in rate:
            return "some requests"
        return "every request of an address" if rate.get("AggregateKeyType") == "IP" else "every request of many addresses"
