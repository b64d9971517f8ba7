"""Who pays: the web ACL vouches for people with a value of the site's keys, and everybody pays where anything of it is missing."""

import hashlib
import hmac
import json

import pytest
from test_switch import named, rules, web_acl


@pytest.fixture
def unvouched(shop):
    plain = shop.write

    def write(epoch=0, **more):
        plain(**more)
        text = shop.config.read_text()
        shop.config.write_text(text.replace("[site]", f'[site]\nwho_pays = "unvouched"\nvouched_epoch = {epoch}'))

    return write


def expected(aws, epoch):
    secrets = json.loads(aws.client("ssm").get_parameter(Name="/x402/shop", WithDecryption=True)["Parameter"]["Value"])
    parts = [b"vouched", secrets["site"].encode(), epoch.to_bytes(4)]
    message = b"".join(len(part).to_bytes(8) + part for part in parts)
    return hmac.new(bytes.fromhex(secrets["handover"][0]), message, hashlib.sha256).hexdigest()


def inserted(aws):
    [header] = rules(aws)["vouch-for-people"]["Action"]["Count"]["CustomRequestHandling"]["InsertHeaders"]
    return header["Name"], header["Value"]


def test_it_comes_from_the_table_and_goes_with_it(aws, shop, unvouched):
    command = ["deploy.sh", "--stack", "shop", "--config", shop.config, "--no-watch", "--yes", "--zip"]
    unvouched()
    aws.refused(*command, shop.zip(), "--parameter", "WebAcl=off", says=["no web ACL", "who_pays"])
    aws.ok(*command, shop.zip())
    url = f"https://{aws.outputs()['DistributionDomainName']}"
    assert inserted(aws) == ("x402-vouched", expected(aws, 0))
    order = [rule["Name"] for rule in sorted(web_acl(aws)["Rules"], key=lambda rule: rule["Priority"])]
    assert order[0] == "block-forged-waf-headers" and order[-2:] == ["bot-control", "vouch-for-people"]
    bots = rules(aws)["bot-control"]
    assert bots["OverrideAction"] == {"Count": {}} and bots["Statement"]["ManagedRuleGroupStatement"]["Version"] == "Version_4.0"
    unvouched(url=url)
    assert "this very function is deployed" in aws.ok(*command, shop.zip())
    assert "web-acl" not in aws.run("status.sh", "--stack", "shop").all
    assert aws.ok("paywall.sh", "switch", "vouched-value", "--stack", "shop", "--epoch", "7").strip() == expected(aws, 7)

    # Bot Control is taken out by hand: everybody would read free.
    api, now = aws.client("wafv2"), web_acl(aws)
    kept = {key: now[key] for key in ("DefaultAction", "VisibilityConfig")}
    without = [rule for rule in now["Rules"] if rule["Name"] != "bot-control"]
    api.update_web_acl(**named(aws), LockToken=api.get_web_acl(**named(aws))["LockToken"], Rules=without, **kept)
    said = aws.run("status.sh", "--stack", "shop").all
    assert "web-acl-vouches" in said and "Bot Control is not there" in said and expected(aws, 0) not in said
    # As it says.
    aws.ok(*command, shop.zip(), "--parameter", "VouchedValue=")
    assert "vouch-for-people" not in rules(aws)
    unvouched(url=url, epoch=1)
    aws.ok(*command, shop.zip("two"))
    assert inserted(aws) == ("x402-vouched", expected(aws, 1)) and "bot-control" in rules(aws)
    assert "web-acl" not in aws.run("status.sh", "--stack", "shop").all
    shop.config.write_text(shop.config.read_text().replace('who_pays = "unvouched"\nvouched_epoch = 1', 'who_pays = "everyone"'))
    aws.ok(*command, shop.zip("three"))
    assert {"bot-control", "vouch-for-people"}.isdisjoint(rules(aws))
