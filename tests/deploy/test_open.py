"""Nothing is on sale that is not there: a new site is closed, a live one is not changed, and nothing is attached, before."""

import json
import re
import time

import pytest
from conftest import Late
from test_attach import associations, behaviour, origin, site  # noqa: F401
from test_bookkeeper import bootstrap  # noqa: F401
from test_deploy import killed_after_each_change, whole
from test_seal import SEAL, keys


@pytest.fixture
def arguments(shop):
    return ["--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--no-watch", "--yes"]


def publish(aws, shop, *more, run=None):
    command = ["publish", "--config", shop.config, "--yes", *more]
    return (run or aws.ok)("paywall.sh", *command, environment={"AWS_ENDPOINT_URL_S3": aws.url})


def named(aws, shop, stack="shop", **more):
    shop.write(url=f"https://{aws.outputs(stack)['DistributionDomainName']}", **more)


def enabled(aws, stack="shop"):
    """And on its way to nowhere."""
    id_ = aws.outputs(stack)["DistributionId"]
    aws.client("cloudfront").get_distribution(Id=id_)
    return aws.config(id_)["DistributionConfig"]["Enabled"]


def state(aws):
    """All that sells, and when it was changed."""
    config = aws.config(aws.outputs()["DistributionId"])
    return config["ETag"], aws.parameters("shop"), aws.outputs(), [call for call in aws.calls(changes=True) if call["service"] == "cloudformation"]


@pytest.fixture
def live(aws, shop, arguments):
    aws.ok("deploy.sh", *arguments)
    named(aws, shop)
    publish(aws, shop, "--stack", "shop")
    aws.ok("deploy.sh", *arguments)
    assert enabled(aws)
    return arguments


def add(shop, name="premium/more.pdf"):
    path = shop.folder / "content" / name
    path.write_text(name)
    return path


def test_a_new_site_is_closed_until_it_is_published(aws, shop, arguments):
    plan = json.loads(aws.run("deploy.sh", *arguments, "--dry-run", "--json").stdout)
    assert plan["open"] is None and any("distribution, which is disabled" in step for step in plan["steps"])
    said = aws.ok("deploy.sh", *arguments)
    bucket, version = aws.outputs()["ContentBucketName"], aws.outputs()["FunctionVersionArn"]
    lacks = f'2 of 2 priced objects are not in s3://{bucket}, "pictures/a.jpg" for one'
    for text in [f"site        closed until they are published: {lacks}", "deployed, and closed: https://", "nothing is sold",
                 f"next: `paywall publish --stack shop` ({lacks}); then `paywall deploy` again, this very command, opens the site"]:
        assert text in said, text
    assert not enabled(aws)
    named(aws, shop)
    said = aws.ok("deploy.sh", *arguments)
    assert "nothing to do" not in said and "the site stays closed" in said and lacks in said
    done = aws.run("status.sh", "--stack", "shop", "--fail")
    assert done.returncode == 1 and "site          closed: it answers nobody" in done.all and "opens the site" in done.all
    assert "CHANGED" not in done.all and "ALARM" not in done.all

    # A part of it opens nothing, and what is free keeps nothing closed.
    aws.client("s3").put_object(Bucket=bucket, Key="premium/report.pdf", Body=b"")
    assert '1 of 2 priced objects are not in' in aws.ok("deploy.sh", *arguments) and not enabled(aws)
    said = publish(aws, shop, "--stack", "shop")
    assert "the site is closed, and nothing is sold; next: `paywall deploy` opens it" in said
    assert "nothing to deploy" not in said
    aws.client("s3").delete_object(Bucket=bucket, Key="free/hello.txt")
    told = json.loads(aws.run("deploy.sh", *arguments, "--dry-run", "--json").stdout)
    assert told["open"] is False and any("distribution, which is enabled" in step for step in told["steps"])
    said = aws.ok("deploy.sh", *arguments)
    assert "deployed: https://" in said and '1 free objects are not in s3://' in said
    assert enabled(aws) and aws.outputs()["FunctionVersionArn"] == version
    whole(aws, "shop")
    again = json.loads(aws.run("deploy.sh", *arguments, "--json").stdout)
    assert (again["outcome"], again["open"], again["findings"]) == ("unchanged", True, [])
    assert "nothing to do" in aws.ok("deploy.sh", *arguments)


def test_a_bucket_that_has_all_is_sold_from_at_once(aws, shop, arguments):
    aws.client("s3").create_bucket(Bucket="mine")
    aws.client("s3").put_public_access_block(Bucket="mine", PublicAccessBlockConfiguration={
        "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    aws.stock(shop, "mine")
    assert "site        open: all that is priced is there" in aws.ok("deploy.sh", *arguments, "--bucket", "mine")
    assert enabled(aws)


def test_killed_after_each_change_it_opens_when_all_is_there(aws, shop, arguments):
    def run(changes):
        mine = ["--stack", f"shop{changes}", *arguments[2:]]
        done = aws.run("deploy.sh", *mine, kill_after=changes)
        if (aws.stack(mine[1]) or {}).get("Outputs"):
            assert not enabled(aws, mine[1])
            named(aws, shop, mine[1])
        # A stack that is there answers under a name, which the answers must name.
        aws.ok("deploy.sh", *mine)
        assert not enabled(aws, mine[1])
        whole(aws, mine[1])
        named(aws, shop, mine[1])
        publish(aws, shop, "--stack", mine[1])
        # And again, as it opens.
        opens = aws.run("deploy.sh", *mine, kill_after=changes)
        aws.ok("deploy.sh", *mine)
        assert enabled(aws, mine[1])
        whole(aws, mine[1])
        shop.write()
        return done if done.returncode else opens

    # Secrets; the packages' bucket is made by the first alone; record, tags, zip; the stack, its end, what is to stay.
    assert killed_after_each_change(run) >= 6


class TestLive:
    def test_a_new_object_is_published_first(self, aws, shop, live):
        bucket, file = aws.outputs()["ContentBucketName"], add(shop)
        before = state(aws)
        two = [*live, "--zip", shop.zip("two")]
        says = [f'1 of 3 priced objects are not in s3://{bucket}', '"premium/more.pdf" for one', "charged for nothing",
                "`paywall publish --stack shop` first"]
        for more in [[], ["--parameter", "Open=yes"], ["--dry-run"]]:
            aws.refused("deploy.sh", *two, *more, says=says)
        assert state(aws) == before
        assert "new objects are 404" in publish(aws, shop, "--stack", "shop")
        assert "nothing to do" not in aws.ok("deploy.sh", *two)
        assert enabled(aws) and aws.outputs()["FunctionVersionArn"] != before[2]["FunctionVersionArn"]

        # One that is not sold any more goes the other way.
        file.unlink()
        enabled(aws)
        assert "1 not deleted: deploy first" in publish(aws, shop, "--stack", "shop", "--delete")
        aws.ok("deploy.sh", *live, "--zip", shop.zip("three"))
        enabled(aws)
        assert "1 deleted" in publish(aws, shop, "--stack", "shop", "--delete")
        assert "premium/more.pdf" not in keys(aws, bucket)

    def test_what_went_meanwhile_is_not_sold(self, aws, shop, live):
        """The answer comes long after the question."""
        bucket = aws.outputs()["ContentBucketName"]
        command = ["--config", shop.config, "deploy", "--stack", "shop", "--zip", shop.zip("two"), "--no-watch"]
        late = Late(aws, "write to s3://", *command)
        before = aws.outputs()
        aws.client("s3").delete_object(Bucket=bucket, Key="pictures/a.jpg")
        code, said = late.answers()
        assert code == 1 and '"pictures/a.jpg" for one: who bought them would be charged for nothing' in said, said
        assert aws.outputs() == before
        publish(aws, shop, "--stack", "shop")
        aws.ok("deploy.sh", *live, "--zip", shop.zip("two"))
        whole(aws, "shop")

    def test_what_is_lost_is_told_and_not_deployed_over(self, aws, shop, live):
        bucket = aws.outputs()["ContentBucketName"]
        aws.client("s3").delete_object(Bucket=bucket, Key="premium/report.pdf")
        aws.refused("deploy.sh", *live, says="1 of 2 priced objects are not in")
        assert enabled(aws)

    def test_nothing_is_deleted_while_something_is_deployed(self, aws, shop, live):
        """Another machine has another content.toml: what it does not sell may be on sale in a moment."""
        bucket = aws.outputs()["ContentBucketName"]
        aws.client("s3").put_object(Bucket=bucket, Key="premium/more.pdf", Body=b"")
        document = {"Bucket": aws.artifacts(), "Key": "shop/expected.json"}
        expected = json.loads(aws.client("s3").get_object(**document)["Body"].read())
        put = lambda said: aws.client("s3").put_object(**document, Body=json.dumps(said).encode())  # noqa: E731
        put({**expected, "changing_until": int(time.time()) + 3600})
        said = publish(aws, shop, "--stack", "shop", "--delete")
        assert "a deployment is under way" in said and "1 not deleted" in said
        # It begins while somebody is asked.
        put(expected)
        late = Late(aws, "on sale", "publish", "--config", shop.config, "--stack", "shop", "--delete")
        put({**expected, "changing_until": int(time.time()) + 3600})
        code, said = late.answers()
        assert code == 0 and "nothing is deleted: what is live has changed meanwhile" in said, said
        put(expected)
        assert "1 deleted" in publish(aws, shop, "--stack", "shop", "--delete")

    def test_it_is_closed_by_name(self, aws, shop, live):
        says = "closed, as --parameter Open=no says"
        assert says in aws.ok("deploy.sh", *live, "--parameter", "Open=no") and not enabled(aws)
        whole(aws, "shop")
        assert "without --parameter Open=no opens the site" in aws.ok("deploy.sh", *live, "--parameter", "Open=no")
        assert "the site is closed" in publish(aws, shop, "--stack", "shop")
        aws.ok("deploy.sh", *live)
        assert enabled(aws)
        whole(aws, "shop")

    def test_who_opens_it_while_somebody_goes_back(self, aws, shop, live):
        """What is closed may go back to anything; it is asked again whether it is."""
        bucket = aws.outputs()["ContentBucketName"]
        with_table = shop.zip("with its table", table=shop.table())
        aws.ok("deploy.sh", *live, "--zip", with_table)
        add(shop)
        publish(aws, shop, "--stack", "shop")
        aws.ok("deploy.sh", *live, "--zip", shop.zip("two"))
        aws.ok("deploy.sh", *live, "--zip", shop.zip("two"), "--parameter", "Open=no")
        aws.client("s3").delete_object(Bucket=bucket, Key="pictures/a.jpg")
        digest = json.loads(with_table.with_suffix(".json").read_text())["sha256"]
        late = Late(aws, "write to s3://", "rollback", "--stack", "shop", "--to", digest)
        aws.stock(shop)
        aws.ok("deploy.sh", *live, "--zip", shop.zip("two"))
        aws.client("s3").delete_object(Bucket=bucket, Key="pictures/a.jpg")
        code, said = late.answers()
        assert code == 1 and "sells 1 objects that are not where it would ask for them" in said, said
        assert aws.parameters("shop")["CodeObjectKey"] != f"shop/{digest}.zip"


def switch(aws, on):
    """By hand, in the console."""
    id_ = aws.outputs()["DistributionId"]
    now = aws.config(id_)
    aws.client("cloudfront").update_distribution(
        Id=id_, IfMatch=now["ETag"], DistributionConfig={**now["DistributionConfig"], "Enabled": on})


@pytest.mark.skipif("not __import__('os').environ.get('BOOKKEEPER')", reason="BOOKKEEPER names no package")
def test_the_check_knows_what_is_closed(aws, shop, arguments, bootstrap):  # noqa: F811
    from test_bookkeeper import Site

    arguments = [one for one in arguments if one != "--no-watch"] + ["--alarm-email", "none"]
    aws.ok("deploy.sh", *arguments)
    check = Site.__new__(Site)
    check.aws, check.bootstrap, check.id = aws, bootstrap, aws.outputs()["DistributionId"]
    assert check.look().codes == []
    switch(aws, True)
    assert check.look().codes == ["distribution-enabled"]
    said = aws.run("status.sh", "--stack", "shop").all
    assert "distribution-enabled" in said and "disable it; publish, then deploy" in said
    named(aws, shop)
    publish(aws, shop, "--stack", "shop")
    aws.ok("deploy.sh", *arguments)
    assert check.look().codes == []
    switch(aws, False)
    assert check.look().codes == ["distribution-disabled"]
    assert "closed" not in aws.run("status.sh", "--stack", "shop").all


class TestAttached:
    def test_what_is_attached_is_published_first(self, aws, shop, site, arguments):  # noqa: F811
        id_ = site(stocked=False)
        before = aws.config(id_)["ETag"]
        says = ['2 of 2 priced objects are not in s3://owned', '"pictures/a.jpg" for one', "charged for nothing",
                "`paywall publish --bucket owned`"]
        for more in [[], ["--accept-unseen"], ["--dry-run"]]:
            aws.refused("attach.sh", id_, *arguments, *more, says=says)
        assert aws.config(id_)["ETag"] == before and aws.stack("shop") is None
        assert "`paywall attach`" in publish(aws, shop, "--stack", "shop", "--bucket", "owned")
        aws.ok("attach.sh", id_, *arguments)
        assert associations(aws.config(id_))
        status = ["status.sh", "--stack", "shop", "--distribution", id_, "--fail"]

        # A new object of one that sells.
        attached, file = aws.config(id_)["ETag"], add(shop)
        two = [*arguments, "--zip", shop.zip("two", table=shop.table())]
        says = ["1 of 3 priced objects", f"`paywall publish --bucket owned --stack shop --distribution {id_}`"]
        aws.refused("attach.sh", id_, *two, says=says)
        assert aws.config(id_)["ETag"] == attached
        publish(aws, shop, "--bucket", "owned", "--stack", "shop", "--distribution", id_)
        aws.ok("attach.sh", id_, *two)
        said = aws.run(*status).all
        assert "3 of 3 priced objects are there" in said and "pays for nothing" not in said
        aws.client("s3").delete_object(Bucket="owned", Key="premium/more.pdf")
        done = aws.run(*status)
        assert done.returncode == 1 and '1 of 3 priced objects are not in s3://owned, "premium/more.pdf" for one' in done.all

        # Nobody goes back to what sells it, and everybody to what does not.
        file.unlink()
        said = aws.ok("attach.sh", id_, *arguments, "--zip", shop.zip("three", table=shop.table()))
        shown = re.search(r"paywall attach (\S+ --stack shop --rollback \S+)", said).group(1)
        back = ["attach.sh", *shown.split(), "--yes"]
        # By the stack of another distribution, what it sells is not known.
        other = [word for word in back if word not in ["--stack", "shop"]]
        aws.refused(*other, says=["what arn:aws:lambda:", "no function of one", "name the stack that attached it with --stack"])
        now = aws.config(id_)["ETag"]
        for more in [[], ["--accept-unseen"]]:
            aws.refused(*back, *more, says=['1 of 3 priced objects are not in s3://owned', '"premium/more.pdf" for one'])
        assert aws.config(id_)["ETag"] == now
        package = json.loads((shop.folder / "two.json").read_text())["sha256"]
        kept = aws.client("s3").get_object(Bucket=aws.artifacts(), Key=f"shop/{package}.zip")["Body"].read()
        aws.client("s3").delete_object(Bucket=aws.artifacts(), Key=f"shop/{package}.zip")
        aws.refused(*back, says=["its package is gone", "--accept-unseen"])
        aws.client("s3").put_object(Bucket=aws.artifacts(), Key=f"shop/{package}.zip", Body=kept)
        aws.client("s3").put_object(Bucket="owned", Key="premium/more.pdf", Body=b"")
        aws.ok(*back)
        # On record while the distribution changes: `publish` deletes nothing meanwhile.
        changes = [call for call in aws.calls(changes=True) if call["service"] == "cloudfront" or "expected.json" in str(call)]
        assert [call["service"] for call in changes[-3:]] == ["s3", "cloudfront", "s3"], changes[-3:]

    def test_a_sealed_one_is_published_below_its_seal(self, aws, shop, site, arguments):  # noqa: F811
        from test_attach import lets_read, signs

        shop.write(sealed=True)
        id_, file = site(stocked=False), shop.folder / "seal.json"
        signs(aws, id_)
        lets_read(aws, id_)
        mine = [id_, *arguments]
        mine[mine.index("--zip") + 1] = shop.zip("sealed", seal=SEAL)
        aws.refused("attach.sh", *mine, says=["2 of 2 priced objects", "`paywall publish --bucket owned --seal FILE`"])
        file.write_text(json.dumps({"site": "deploy", "seal": SEAL}))
        file.chmod(0o600)
        publish(aws, shop, "--bucket", "owned", "--seal", file)
        aws.ok("attach.sh", *mine, "--seal", file)
        aws.client("s3").delete_object(Bucket="owned", Key=f"{SEAL}/premium/report.pdf")
        said = aws.refused("attach.sh", *mine, says="1 of 2 priced objects are not in s3://owned")
        assert SEAL not in said

    def test_each_object_is_looked_for_where_its_path_leads(self, aws, shop, site, arguments):  # noqa: F811
        id_ = site(behaviour("pages", PathPattern="/premium/*"))
        mine = [id_, *arguments, "--path", "default", "--path", "/premium/*"]
        aws.refused("attach.sh", *mine, says=['1 of 2 priced objects are not in s3://pages', '"premium/report.pdf" for one'])
        aws.client("s3").put_object(Bucket="pages", Key="premium/report.pdf", Body=b"")
        aws.client("s3").delete_object(Bucket="owned", Key="premium/report.pdf")
        aws.ok("attach.sh", *mine)

    def test_below_the_origins_path(self, aws, shop, site, arguments):  # noqa: F811
        id_ = site(Origins={"Quantity": 1, "Items": [origin("content", "owned", "/sold")]})
        aws.refused("attach.sh", id_, *arguments, says="2 of 2 priced objects are not in s3://owned")
        publish(aws, shop, "--bucket", "owned", "--prefix", "sold")
        aws.ok("attach.sh", id_, *arguments)

    def test_a_bucket_that_cannot_be_listed(self, aws, shop, site, arguments):  # noqa: F811
        id_ = site()
        arguments[arguments.index("--zip") + 1] = shop.zip("with its table", table=shop.table())
        aws.faults(requests=[{"service": "s3", "match": "^GET /owned/? .*list-type", "status": 403, "code": "AccessDenied", "message": "no"}])
        aws.refused("attach.sh", id_, *arguments, says=[
            "whether s3://owned has what is sold cannot be seen", "AccessDenied", "s3:ListBucket", "--accept-unseen"])
        assert aws.stack("shop") is None
        said = aws.ok("attach.sh", id_, *arguments, "--accept-unseen")
        assert "sold unseen, as it is accepted: whether s3://owned" in said and associations(aws.config(id_))
        assert "content       not compared: whether s3://owned" in aws.run("status.sh", "--stack", "shop", "--distribution", id_).all

    def test_what_cannot_be_seen_hides_nothing_that_is_missing(self, aws, shop, site, arguments):  # noqa: F811
        id_ = site(behaviour("pages", PathPattern="/premium/*"))
        aws.faults(requests=[{"service": "s3", "match": "^GET /owned/? .*list-type", "status": 403, "code": "AccessDenied", "message": "no"}])
        mine = [id_, *arguments, "--path", "default", "--path", "/premium/*", "--accept-unseen"]
        aws.refused("attach.sh", *mine, says=[
            '1 of 2 priced objects are not in s3://pages', '"premium/report.pdf" for one'])

    def test_what_an_earlier_version_sells_elsewhere_is_not_deleted(self, aws, shop, site, arguments):  # noqa: F811
        def attach(id_, zip_):
            deployed = aws.client("cloudfront").get_distribution(Id=id_)["Distribution"]
            shop.write(url=f"https://{deployed['DomainName']}")
            said = aws.ok("attach.sh", id_, *arguments, "--zip", shop.zip(zip_, table=shop.table()))
            # Moto has it `Deployed` once that was asked.
            aws.client("cloudfront").get_distribution(Id=id_)
            return re.search(r"paywall attach (\S+ --stack shop --rollback \S+)", said).group(1).split()

        first = site(Aliases={"Quantity": 0})
        before = attach(first, "one")
        second = site(CallerReference="second", Aliases={"Quantity": 0})
        (shop.folder / "content" / "premium" / "report.pdf").unlink()
        attach(second, "two")
        deletes = ["--bucket", "owned", "--stack", "shop", "--distribution", second, "--delete"]
        said = publish(aws, shop, *deletes)
        assert f"distribution {first} runs arn:" in said and "premium/report.pdf" in keys(aws, "owned")
        aws.ok("attach.sh", *before, "--yes")
        assert "1 deleted" in publish(aws, shop, *deletes) and "premium/report.pdf" not in keys(aws, "owned")


class TestNobodyGoesRoundTheLook:
    def test_what_was_looked_at_is_what_is_deployed(self, aws, shop, live):
        for parameter in ["ContentBucketName=other", "CodeObjectKey=shop/00.zip", "CodeSha256=00"]:
            aws.refused("deploy.sh", *live, "--parameter", parameter, says=["that is looked at before it is deployed", "--bucket"])

    def test_an_open_site_does_not_change_its_bucket(self, aws, shop, live):
        aws.client("s3").create_bucket(Bucket="another")
        blocks = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
        aws.client("s3").put_public_access_block(Bucket="another", PublicAccessBlockConfiguration=dict.fromkeys(blocks, True))
        publish(aws, shop, "--stack", "shop", "--bucket", "another")
        before = state(aws)
        said = aws.refused("deploy.sh", *live, "--bucket", "another", says="nobody can read s3://another before")
        assert state(aws) == before and "--parameter Open=no" in said
        moves = [*live, "--bucket", "another", "--parameter", "CreateContentBucket=no"]
        aws.ok("deploy.sh", *moves, "--parameter", "Open=no")
        assert not enabled(aws)
        aws.ok("deploy.sh", *moves)
        assert enabled(aws) and aws.outputs()["ContentBucketName"] == "another"

    def test_a_site_s_stack_is_attached_to_nothing(self, aws, shop, live):
        id_ = aws.outputs()["DistributionId"]
        aws.refused("attach.sh", id_, *live, says="stack shop is a site of its own")

    def test_nobody_goes_back_to_a_dry_run_unasked(self, aws, shop, live):
        text = shop.config.read_text()
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400))
        shop.config.write_text(text.replace("[site]", f'[site]\nmode = "dry-run"\nuntil = {end}'))
        dry = shop.zip("dry", table=shop.table())
        aws.ok("deploy.sh", *live, "--zip", dry)
        shop.config.write_text(text)
        aws.ok("deploy.sh", *live, "--zip", shop.zip("charging", table=shop.table()))
        digest = json.loads(dry.with_suffix(".json").read_text())["sha256"]
        back = ["roll-back.sh", "--stack", "shop", "--to", digest, "--yes"]
        aws.refused(*back, says=[f"charges nothing for 2 priced objects until {end}", "--accept-dry-run"])
        aws.ok(*back, "--accept-dry-run")
