"""`paywall switch`: one rule of the web ACL comes and goes, and nothing else of it changes."""

import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

OWN = "x402-switch-deploy"


@pytest.fixture
def live(aws, shop):
    aws.ok("deploy.sh", "--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--no-watch", "--yes")
    shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
    return aws


def named(aws):
    name, identity = aws.outputs()["WebAclArn"].split("/")[-2:]
    return {"Name": name, "Id": identity, "Scope": "CLOUDFRONT"}


def web_acl(aws):
    return aws.client("wafv2").get_web_acl(**named(aws))["WebACL"]


def rules(aws):
    return {rule["Name"]: rule for rule in web_acl(aws)["Rules"]}


def value(aws):
    [header] = rules(aws)[OWN]["Action"]["Count"]["CustomRequestHandling"]["InsertHeaders"]
    assert header["Name"] == "x402-switch"
    return header["Value"]


def switch(aws, *words, run=None, **more):
    return (run or aws.ok)("paywall.sh", "switch", *words, "--stack", "shop", "--yes", "--no-wait", **more)


def genuine(aws, text):
    """Whether the site's key made a value, worked out anew."""
    text, code = text.rsplit("/", 1)
    secrets = json.loads(aws.client("ssm").get_parameter(Name="/x402/shop", WithDecryption=True)["Parameter"]["Value"])
    key = bytes.fromhex(secrets["handover"][0])
    parts = [b"switch", secrets["site"].encode(), text.encode()]
    return hmac.new(key, b"".join(len(part).to_bytes(8) + part for part in parts), hashlib.sha256).hexdigest() == code


def test_it_comes_and_goes_and_all_else_stays(live):
    aws, before = live, web_acl(live)
    assert "no switch is on" in switch(aws, "status")
    values = []
    for words, begins, says in [
        (["closed"], "closed/0/", "closed, until it is switched off"),
        (["free", "--until", "30m"], "free/", "free until 20"),
        (["dry-run", "--until", "7d"], "dry-run/", "dry-run until 20"),
        (["facilitator-off", "F.example", "g.example:8443"], "off:f.example+g.example:8443/0/", "without f.example, g.example:8443"),
        (["closed"], "closed/0/", "closed, until it is switched off"),
    ]:
        switch(aws, *words)
        values.append(value(aws))
        assert values[-1].startswith(begins) and genuine(aws, values[-1])
        said = switch(aws, "status")
        assert says in said
        assert values[-1].split("/")[-1] not in said and values[-1].split("/")[-2] not in said
        now = web_acl(aws)
        assert [rule for rule in now["Rules"] if rule["Name"] != OWN] == before["Rules"]
        assert {key: now[key] for key in now if key not in ("Rules", "Capacity")} == {
            key: before[key] for key in before if key not in ("Rules", "Capacity")}
    assert len(set(values)) == len(values), "a new one each time"
    assert abs(int(values[1].split("/")[1]) - time.time() - 1800) < 60
    switch(aws, "off")
    assert web_acl(aws)["Rules"] == before["Rules"]
    changes = aws.calls(operation="UpdateWebACL")
    switch(aws, "off")
    assert aws.calls(operation="UpdateWebACL") == changes, "off is off"


def test_it_is_no_change_of_what_was_deployed_and_status_tells(live, shop):
    aws = live
    quiet = aws.run("status.sh", "--stack", "shop").all
    assert "web-acl-changed" not in quiet and "switch        " not in quiet
    switch(aws, "closed")
    said = aws.run("status.sh", "--stack", "shop").all
    assert "web-acl-changed" not in said and "closed, until it is switched off" in said
    # A deployment that writes the web ACL anew keeps it, and the very value.
    before = value(aws)
    aws.ok("deploy.sh", "--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--no-watch", "--yes",
           "--parameter", "PaymentRateLimit=50")
    assert rules(aws)["limit-payments"]["Statement"]["RateBasedStatement"]["Limit"] == 50
    assert value(aws) == before
    # What looks like a switch and does more is a change.
    api, now = aws.client("wafv2"), web_acl(aws)
    changed = [dict(rule, Action={"Allow": {}}) if rule["Name"] == OWN else rule for rule in now["Rules"]]
    lock = api.get_web_acl(**named(aws))["LockToken"]
    kept = {key: now[key] for key in ("DefaultAction", "VisibilityConfig")}
    api.update_web_acl(**named(aws), LockToken=lock, Rules=changed, **kept)
    assert "web-acl-changed" in aws.run("status.sh", "--stack", "shop").all


def test_what_is_wrong_is_said_and_changes_nothing(live):
    aws, before = live, web_acl(live)
    refused = lambda *words, says: switch(aws, *words, run=aws.refused, says=says)  # noqa: E731
    refused("free", says="--until")
    refused("free", "--until", "31d", says="30 days")
    refused("dry-run", "--until", "2020-01-01T00:00:00Z", says="over")
    refused("facilitator-off", "https://f.example", says="the host alone")
    refused("facilitator-off", *[f"{'f' * 60}{n}.example" for n in range(4)], says="255 bytes")
    aws.refused("paywall.sh", "switch", "closed", "--stack", "other", "--yes", says="no stack other")
    declined = aws.run("paywall.sh", "switch", "closed", "--stack", "shop", "--no-wait", answer="no\n")
    assert declined.returncode and "nothing was changed" in declined.all
    aws.refused("paywall.sh", "switch", "closed", "--stack", "shop", "--no-wait", says="Nobody is there")
    aws.faults(requests=[{"service": "wafv2", "match": "UpdateWebACL", "status": 400, "code": "WAFOptimisticLockException", "message": "changed"}])
    refused("closed", says="somebody else keeps changing")
    aws.faults(requests=[{"service": "wafv2", "match": "UpdateWebACL", "status": 400, "code": "AccessDeniedException", "message": "no"}])
    refused("closed", says="may not do that")
    aws.faults()
    assert web_acl(aws) == before
    config = aws.config(aws.outputs()["DistributionId"])
    config["DistributionConfig"]["WebACLId"] = ""
    aws.client("cloudfront").update_distribution(
        Id=aws.outputs()["DistributionId"], IfMatch=config["ETag"], DistributionConfig=config["DistributionConfig"])
    refused("closed", says=["has no web ACL", "Open=no"])


def test_killed_anywhere_the_same_command_finishes_it(live):
    aws = live
    aws.run("paywall.sh", "switch", "closed", "--stack", "shop", "--yes", "--no-wait", kill_after=1)
    switch(aws, "closed")
    assert genuine(aws, value(aws)) and len([name for name in rules(aws) if name.startswith("x402-switch")]) == 1


class Edge(ThreadingHTTPServer):
    """A distribution that has the web ACL's switch after some answers, with old ones in between."""

    def __init__(self, aws, late):
        self.aws, self.late, self.asked, self.busy = aws, late, 0, range(0)
        self.had = self.has()
        super().__init__(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_port}/"

    def has(self):
        return value(self.aws) if OWN in rules(self.aws) else None


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        edge = self.server
        edge.asked += 1
        is_new = edge.asked > edge.late and edge.asked % 15 != 14
        has = edge.has() if is_new else edge.had
        probed = has and has.split("/")[2] == self.headers["x-x402-probe"]
        self.send_response(429 if edge.asked in edge.busy else 204 if probed else 402)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_the_distribution_is_asked_until_answers_in_a_row_agree(live):
    aws = live
    for words, late in [(["closed"], 20), (["off"], 5)]:
        edge = Edge(aws, late)
        try:
            said = aws.ok("paywall.sh", "switch", *words, "--stack", "shop", "--yes", "--url", edge.url)
        finally:
            edge.shutdown()
            edge.server_close()
        assert "10 answers in a row agree" in said
        # The last ten, of which none was an old one.
        assert edge.asked >= late + 10 and not any(n % 15 == 14 for n in range(edge.asked - 9, edge.asked + 1))


def key_made(aws, text, version):
    """Whether the first key of a version of the secrets made a value."""
    text, code = text.rsplit("/", 1)
    named = aws.client("ssm").get_parameter(Name=f"/x402/shop:{version}", WithDecryption=True)["Parameter"]["Value"]
    secrets = json.loads(named)
    parts = [b"switch", secrets["site"].encode(), text.encode()]
    words = b"".join(len(part).to_bytes(8) + part for part in parts)
    return hmac.new(bytes.fromhex(secrets["handover"][0]), words, hashlib.sha256).hexdigest() == code


def test_it_outlives_a_roll_back_over_a_rotation(aws, shop, tmp_path):
    arguments = ["--stack", "shop", "--config", shop.config, "--no-watch", "--yes"]
    basics = {"PATH": "/usr/bin:/bin"}
    aws.ok("deploy.sh", *arguments, environment=basics)
    shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
    aws.ok("deploy.sh", *arguments, environment=basics)
    earlier = aws.parameters("shop")["CodeObjectKey"]
    switch(aws, "closed")
    of_before = value(aws)
    aws.ok("deploy.sh", *arguments, "--rotate-secrets", environment=basics)
    assert value(aws) == of_before and key_made(aws, of_before, 1), "the function of after it has the earlier key"
    switch(aws, "closed")
    of_after = value(aws)
    assert key_made(aws, of_after, 2) and not key_made(aws, of_after, 1)
    digest = earlier.rsplit("/", 1)[1].removesuffix(".zip")
    said = aws.ok("roll-back.sh", "--stack", "shop", "--to", digest, "--yes", "--accept-unseen")
    assert "the switch is signed anew, with the keys of that package: closed" in said
    again = value(aws)
    assert key_made(aws, again, 1) and again.rsplit("/", 1)[0] == of_after.rsplit("/", 1)[0], "the same switch, by the earlier key"
    assert "closed, until it is switched off" in switch(aws, "status")


def test_a_deployment_that_fails_leaves_it_and_none_takes_it_unsaid(live, shop):
    aws = live
    switch(aws, "closed")
    before = value(aws)
    deploy = ["deploy.sh", "--stack", "shop", "--config", shop.config, "--zip", shop.zip("two"), "--no-watch", "--yes"]
    aws.faults(fail_resources={"EdgeFunctionVersion": "no"})
    aws.refused(*deploy, "--parameter", "PaymentRateLimit=60", says="is as it was before")
    aws.faults()
    assert value(aws) == before
    aws.refused(*deploy, "--parameter", "WebAcl=off", says=["a switch is on", "paywall switch off"])
    assert value(aws) == before
    switch(aws, "off")
    aws.ok(*deploy, "--parameter", "WebAcl=off")


def test_what_cannot_say_is_no_agreement(live):
    """Off is believed of a URL that said before that it was on, and of no answer in the function's place."""
    aws = live
    for busy, says, asked in [(range(100), "did not say before that it was on", 5), (range(2, 30), "10 answers in a row agree", 39)]:
        switch(aws, "closed")
        edge = Edge(aws, 0)
        edge.busy = busy
        try:
            said = aws.ok("paywall.sh", "switch", "off", "--stack", "shop", "--yes", "--url", edge.url)
        finally:
            edge.shutdown()
            edge.server_close()
        assert says in said and OWN not in rules(aws)
        assert edge.asked >= asked
