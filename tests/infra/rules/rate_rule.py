import policy

PAYMENT_HEADERS = {"payment-signature", "x-payment-signature", "x-payment"}


class RateRule(policy.Policy):
    """A request that bears a payment may hold a sandbox for the whole deadline, and a Region has 1,000 of them."""

    id = "E9021"
    shortdesc = "Payments are limited for each address, by default"
    description = "A rate rule counts requests with any payment header, or with more headers than WAF can see"
    source_url = "https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html"

    def check(self, template):
        for name, acl, path in policy.resources(template, "AWS::WAFv2::WebACL"):
            rates = list(self.blocking_rates(acl))
            if not rates:
                yield path + ["Rules"], f"{name}: no rate rule blocks payments"
            for rate in rates:
                counted = list(policy.values(rate, "ScopeDownStatement", "OrStatement", "Statements", "*", "SizeConstraintStatement"))
                named = {policy.text(next(policy.values(one, "FieldToMatch", "SingleHeader", "Name"))) for one in counted}
                for header in sorted(PAYMENT_HEADERS - named):
                    yield path + ["Rules"], f"{name}: requests with {header} are not counted"
                if not any("MATCH" in policy.values(one, "FieldToMatch", "Headers", "OversizeHandling") for one in counted):
                    yield path + ["Rules"], f"{name}: payments behind 8 KB of other headers are not counted"
        for name, parameter in template.get("Parameters", {}).items():
            if name == "WebAcl" and parameter.get("Default") != "on":
                yield ["Parameters", name], "The web ACL is not on by default"

    @staticmethod
    def blocking_rates(acl):
        for rule in policy.values(acl, "Rules", "*"):
            for rate in policy.values(rule, "Statement", "RateBasedStatement"):
                counts_some = rate and rate.get("AggregateKeyType") == "IP" and "ScopeDownStatement" in rate
                if counts_some and "Block" in rule.get("Action", {}):
                    yield rate
