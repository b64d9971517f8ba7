"""The change of a seal that has leaked, with the seal in SSM."""

import concurrent.futures
import json
import re
from datetime import datetime, timedelta, timezone

import pytest
from conftest import Late
from test_attach import lets_read, signs, site  # noqa: F401 - a fixture
from test_deploy import killed_after_each_change
from test_seal import SEAL, keys

NAMES = ["free/hello.txt", "pictures/a.jpg", "premium/report.pdf"]


def seal(aws):
    found = aws.client("ssm").get_parameter(Name="/x402/shop/seal", WithDecryption=True)["Parameter"]
    assert found["Type"] == "SecureString"
    return json.loads(found["Value"])["seal"]


def change(aws):
    try:
        found = aws.client("ssm").get_parameter(Name="/x402/shop/reseal", WithDecryption=True)["Parameter"]
    except aws.client("ssm").exceptions.ParameterNotFound:
        return None
    assert found["Type"] == "SecureString"
    return json.loads(found["Value"])


def put_change(aws, value):
    aws.client("ssm").put_parameter(Name="/x402/shop/reseal", Value=json.dumps(value), Type="SecureString", Overwrite=True)


def minutes_pass(aws, minutes):
    """As if the function had been seen live so long ago."""
    then = datetime.now(timezone.utc) - timedelta(minutes=minutes)
    put_change(aws, {**change(aws), "live": {**change(aws)["live"], "since": then.strftime("%Y-%m-%dT%H:%M:%SZ")}})


class Site:
    """A sealed site that is live; its packages have its table, so that what they sell can be told."""

    def __init__(self, aws, shop):
        self.aws, self.shop = aws, shop
        shop.write(sealed=True)
        self.deploy(SEAL)
        self.host = f"https://{aws.outputs()['DistributionDomainName']}"
        shop.write(sealed=True, url=self.host)
        self.publish()
        self.deploy(SEAL)
        self.bucket = aws.outputs()["ContentBucketName"]

    def package(self, seal):
        return self.shop.zip(f"package of {seal}", seal=seal, table=self.shop.table())

    def deploy(self, seal, *more, run=None, **how):
        command = ["--stack", "shop", "--config", self.shop.config, "--zip", self.package(seal), "--no-watch", *more]
        return (run or self.aws.ok)("deploy.sh", *command, *([] if "answer" in how else ["--yes"]), **how)

    def publish(self, *more, run=None, **how):
        command = ["publish", "--config", self.shop.config, "--stack", "shop", "--yes", *more]
        return (run or self.aws.ok)("paywall.sh", *command, environment={"AWS_ENDPOINT_URL_S3": self.aws.url}, **how)

    def status(self):
        return self.aws.run("status.sh", "--stack", "shop", "--fail").all

    def is_deployed(self):
        """The mock's distribution is `Deployed` once somebody has looked."""
        self.aws.client("cloudfront").get_distribution(Id=self.aws.outputs()["DistributionId"])

    def below(self, seal):
        return [key.removeprefix(f"{seal}/") for key in keys(self.aws, self.bucket) if key.startswith(f"{seal}/")]


@pytest.fixture
def live(aws, shop):
    return Site(aws, shop)


def test_the_whole_way(aws, live):
    assert re.search(r"^seal +[0-9a-f]{16}$", live.status(), re.M)
    old_package = aws.parameters("shop")["CodeObjectKey"].split("/")[-1].removesuffix(".zip")
    aws.client("s3").put_object(Bucket=live.bucket, Key=f"{SEAL}/delisted.txt", Body=b"d", Metadata={"of": "mine"})
    said = live.publish("--reseal", "--dry-run")
    assert "4 to copy from below the old seal" in said and change(aws) is None

    said = live.publish("--reseal")
    new = seal(aws)
    assert "4 copied below the new seal" in said and "0 to upload" in said and new != SEAL
    assert change(aws) == {"from": SEAL, "to": new}
    assert live.below(new) == live.below(SEAL) == ["delisted.txt", *NAMES]
    s3 = aws.client("s3")
    for name in live.below(new):
        one, other = (s3.head_object(Bucket=live.bucket, Key=f"{seal}/{name}") for seal in (SEAL, new))
        same = ["ETag", "ContentType", "Metadata", "ContentLength"]
        assert [one[key] for key in same] == [other[key] for key in same]
        assert one.get("CacheControl") == other.get("CacheControl")
    assert s3.head_object(Bucket=live.bucket, Key=f"{new}/premium/report.pdf")["CacheControl"] == "max-age=0, s-maxage=86400"

    said = live.status()
    assert "NOT CLOSED" in said and "is filled, and not live" in said and "packs the new seal" in said
    # The function from before sells on; its package is refused, from a machine that still has it.
    says = "do not have the same seal"
    live.deploy(SEAL, run=lambda *command, **more: aws.refused(*command, says=says, **more))
    assert "stay: not closed" in live.publish("--delete")
    said = live.deploy(new)
    assert "once the distribution is Deployed, and again with --delete an hour later" in said
    assert "writes down that the new seal is live" in live.status()
    live.is_deployed()
    assert "the 4 objects below the old one stay until then" in live.publish("--delete")
    assert change(aws)["live"]["function"] == aws.outputs()["FunctionVersionArn"]
    assert "may be asked until" in live.status()
    # A deployment begins the hour anew, as a package of the old seal may have been live meanwhile.
    minutes_pass(aws, 45)
    back = ["roll-back.sh", "--stack", "shop", "--yes", "--to"]
    aws.ok(*back, old_package)
    assert "live" not in change(aws)
    live.is_deployed()
    assert "stay: not closed" in live.publish("--delete")
    assert "is filled, and not live" in live.status()
    live.deploy(new)
    live.is_deployed()
    assert "stay until then" in live.publish("--delete")
    minutes_pass(aws, 59)
    assert "stay until then" in live.publish("--delete")
    assert len(live.below(SEAL)) == 4
    # Nor does anybody go back to it in the very moment in which it goes.
    aws.refused(*back, old_package, says="what lies below it may be deleted from")

    minutes_pass(aws, 61)
    said = live.publish("--delete")
    assert "4 deleted below the old seal" in said and "CloudFront drops its copies of /*" in said
    assert change(aws) is None and live.below(SEAL) == [] and NAMES == [name for name in live.below(new) if name in NAMES]
    aws.refused(*back, old_package, says=["sells 2 objects that are not where it would ask for them", "charged for nothing"])
    said = live.status()
    assert "NOT CLOSED" not in said and "3 of 3 objects" in said
    assert "nothing to do" in live.deploy(new)
    for secret in (SEAL, new):
        assert secret not in said


def test_killed_after_each_change(aws, live):
    """And run again, by anybody: one new seal, and at each moment all is below that of a package."""
    def whole():
        assert live.below(seal(aws)) == NAMES

    def forth(changes):
        before = seal(aws)
        done = live.publish("--reseal", run=aws.run, kill_after=changes)
        whole()
        begun = change(aws)
        live.publish(*(["--reseal"] if changes % 2 else []))
        whole()
        new = change(aws)["to"]
        assert begun["to"] == new == seal(aws)
        live.deploy(new)
        live.is_deployed()
        live.publish()
        minutes_pass(aws, 61)
        killed = live.publish("--delete", run=aws.run, kill_after=1)
        whole()
        assert killed.returncode == -9
        live.publish("--delete")
        assert change(aws) is None and live.below(before) == [], killed.all
        assert len(keys(aws, live.bucket)) == len(NAMES)
        return done

    # The change, and the seal. What S3 is asked bears no run's name; paywall/tests/publish/reseal.rs kills between copies.
    assert killed_after_each_change(forth) == 2


def test_two_machines_at_once(aws, live):
    def one(_):
        return live.publish("--reseal", run=aws.run)

    with concurrent.futures.ThreadPoolExecutor() as both:
        for done in both.map(one, range(2)):
            assert done.returncode == 0 or "another run has begun a change of the seal" in done.all, done.all
    live.publish("--reseal")
    assert {key.split("/")[0] for key in keys(aws, live.bucket)} == {SEAL, seal(aws)}
    assert change(aws) == {"from": SEAL, "to": seal(aws)} and live.below(seal(aws)) == NAMES


def test_who_looked_before_the_other_began_begins_nothing(aws, live):
    begun = {"from": SEAL, "to": "s4" * 13}
    put_change(aws, begun)
    aws.faults(requests=[{"service": "ssm", "match": "GetParameter.*reseal", "status": 400, "code": "ParameterNotFound", "message": ""}])
    says = ["SSM parameter /x402/shop/reseal was made meanwhile", "run it again: it goes on with that one"]
    live.publish("--reseal", run=lambda *command, **more: aws.refused(*command, says=says, **more))
    aws.faults()
    assert change(aws) == begun and seal(aws) == SEAL and len(keys(aws, live.bucket)) == len(NAMES)
    live.publish("--reseal")
    assert change(aws) == begun and live.below(begun["to"]) == NAMES


def test_what_was_published_below_the_old_seal_alone_is_not_sold_by_the_new(aws, live):
    live.publish("--reseal")
    new, file = seal(aws), live.shop.folder / "stale.json"
    # A machine without the stack's name, and with a file from before.
    file.write_text(json.dumps({"site": "deploy", "seal": SEAL}))
    file.chmod(0o600)
    (live.shop.folder / "content" / "premium" / "more.pdf").write_text("more")
    command = ["publish", "--config", live.shop.config, "--bucket", live.bucket, "--seal", file, "--yes"]
    said = aws.ok("paywall.sh", *command, environment={"AWS_ENDPOINT_URL_S3": aws.url})
    assert "1 more folders in the bucket look like seals" in said
    says = ["1 objects on sale do not lie below it", '"premium/more.pdf" for one', "charged for nothing", "`paywall publish` first"]
    live.deploy(new, run=lambda *command, **more: aws.refused(*command, says=says, **more))
    says = ["keeps the seal, which changes", "leave --seal out"]
    live.publish("--seal", file, run=lambda *command, **more: aws.refused(*command, says=says, **more))
    assert "1 copied below the new seal" in live.publish()
    live.deploy(new)
    # A stale checkout, with the stack's seal: its bytes are below the new one, too, and not those of this table.
    report = live.shop.folder / "content" / "premium" / "report.pdf"
    report.write_text("newer, longer")
    says = ["1 objects on sale do not lie below it", '"premium/report.pdf" for one']
    live.deploy(new, run=lambda *command, **more: aws.refused(*command, says=says, **more))
    live.publish()
    live.deploy(new)


def test_who_answers_after_the_change_is_done_deploys_nothing(aws, live):
    """The package was made when it began: what it would ask for is gone."""
    zip_ = live.shop.zip("another of the old seal", seal=SEAL)
    late = Late(aws, "upload the package to", "--config", live.shop.config, "deploy", "--stack", "shop", "--zip", zip_, "--no-watch")
    live.publish("--reseal")
    live.deploy(seal(aws))
    live.is_deployed()
    live.publish()
    minutes_pass(aws, 61)
    live.publish("--delete")
    running = aws.outputs()["FunctionVersionArn"]
    code, said = late.answers()
    assert code == 1 and "changed since this run began" in said, said
    assert aws.outputs()["FunctionVersionArn"] == running


def test_what_is_not_published_is_not_deployed_while_the_seal_changes(aws, live):
    """Who publishes it later does so below the new seal, and this function would ask below the old one."""
    put_change(aws, {"from": SEAL, "to": "s4" * 13})
    more = live.shop.folder / "content" / "premium" / "more.pdf"
    more.write_text("more")
    says = ["1 objects on sale do not lie below it", '"premium/more.pdf" for one']
    live.deploy(SEAL, run=lambda *command, **more: aws.refused(*command, says=says, **more))
    live.publish()
    live.deploy(seal(aws))


def test_it_goes_with_its_site(aws, live):
    live.publish("--reseal")
    said = aws.run("destroy.sh", "--stack", "shop", "--yes", environment={"DELETE_AT_ONCE": "yes"}).all
    assert "which is not ended" in said and change(aws) is None


def test_what_s3_says_of_a_copy_does_not_tell_where_it_is(aws, live):
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html: the whole key."""
    says = f"not authorized to perform: s3:GetObject on resource: arn:aws:s3:::{live.bucket}/{SEAL}/premium/report.pdf"
    aws.faults(requests=[{"service": "s3", "match": "^PUT .*premium", "status": 403, "code": "AccessDenied", "message": says}])
    refused = live.publish("--reseal", run=lambda *command, **more: aws.refused(*command, says="/(seal)/premium", **more))
    assert SEAL not in refused and change(aws)["to"] not in refused and seal(aws) == SEAL
    says = ["the new one is being filled", "--reseal goes on with the new seal"]
    assert all(text in live.status() for text in says)
    aws.faults()
    live.publish("--reseal")
    assert change(aws)["to"] == seal(aws)


def test_an_attached_site(aws, shop, site):  # noqa: F811
    """The bucket and the distribution are its owner's, and named."""
    id_ = site(stocked=False)
    signs(aws, id_)
    lets_read(aws, id_)
    shop.write(sealed=True)
    basics = ["--stack", "shop", "--config", shop.config, "--no-watch", "--yes"]

    def attach(seal):
        return aws.ok("attach.sh", id_, *basics, "--zip", shop.zip(f"attached {seal}", seal=seal))

    def publish(*more):
        command = ["publish", "--config", shop.config, "--bucket", "owned", "--yes", *more]
        return aws.ok("paywall.sh", *command, environment={"AWS_ENDPOINT_URL_S3": aws.url})

    aws.stock(shop, "owned", below=f"{SEAL}/")
    attach(SEAL)
    mine = ["--stack", "shop", "--distribution", id_]
    publish(*mine)
    publish(*mine, "--reseal")
    new = seal(aws)
    # The stack's function is the newest, and the distribution does not run it.
    kept = aws.config(id_)
    file = re.search(r"--rollback (\S+)", attach(new)).group(1)
    live_config = aws.config(id_)
    aws.client("cloudfront").get_distribution(Id=id_)
    assert "stay until then" in publish(*mine, "--delete")
    minutes_pass(aws, 61)
    put = lambda config: aws.client("cloudfront").update_distribution(  # noqa: E731
        Id=id_, IfMatch=aws.config(id_)["ETag"], DistributionConfig=config["DistributionConfig"])
    put(kept)
    aws.client("cloudfront").get_distribution(Id=id_)
    said = publish(*mine, "--delete")
    assert "does not run the stack's function" in said and "stay: not closed" in said and "live" not in change(aws)
    put(live_config)
    aws.client("cloudfront").get_distribution(Id=id_)
    assert "stay until then" in publish(*mine, "--delete"), "the old one was asked a moment ago"
    minutes_pass(aws, 61)
    # Another distribution has the version from before.
    config = aws.config(id_)["DistributionConfig"]
    config["CallerReference"], config["Aliases"] = "other", {"Quantity": 0}
    config["DefaultCacheBehavior"] = kept["DistributionConfig"]["DefaultCacheBehavior"]
    other = aws.client("cloudfront").create_distribution(DistributionConfig=config)["Distribution"]["Id"]
    aws.client("cloudfront").get_distribution(Id=other)
    said = publish(*mine, "--delete")
    assert f"distribution {other} runs" in said and "stay: not closed" in said
    config["DefaultCacheBehavior"] = live_config["DistributionConfig"]["DefaultCacheBehavior"]
    aws.client("cloudfront").update_distribution(Id=other, IfMatch=aws.config(other)["ETag"], DistributionConfig=config)
    aws.client("cloudfront").get_distribution(Id=other)
    assert "stay until then" in publish(*mine, "--delete")
    # Who puts the distribution back has the hour begin anew, whatever is seen of it.
    aws.ok("attach.sh", id_, "--stack", "shop", "--yes", "--rollback", file)
    assert "live" not in change(aws)
    put(live_config)
    aws.client("cloudfront").get_distribution(Id=id_)
    assert "stay until then" in publish(*mine, "--delete")
    minutes_pass(aws, 61)
    assert "3 deleted below the old seal" in publish(*mine, "--delete")
    assert keys(aws, "owned") == [f"{new}/{name}" for name in NAMES] and change(aws) is None
