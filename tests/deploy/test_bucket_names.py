"""Names of buckets that nobody can guess, drawn once."""

import re

import pytest
from conftest import ACCOUNT
from test_deploy import killed_after_each_change

DRAWN = "-[a-z2-7]{8}"


@pytest.fixture
def arguments(shop):
    return ["--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--no-watch", "--yes"]


def names(aws):
    return [bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]]


def test_they_are_drawn_once(aws, shop, arguments):
    aws.ok("deploy.sh", *arguments)
    content, artifacts = sorted(names(aws))
    assert re.fullmatch(f"shop-content-{ACCOUNT}{DRAWN}", content) and re.fullmatch(f"x402-artifacts-{ACCOUNT}{DRAWN}", artifacts)
    assert aws.outputs()["ContentBucketName"] == content and aws.parameters("shop")["CodeBucketName"] == artifacts
    shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
    assert "this very function is deployed" in aws.ok("deploy.sh", *arguments)
    # Another site has its own content, and the account's packages; one whose name is long as well.
    long = "s" * 37
    aws.ok("deploy.sh", *arguments, "--stack", long, "--accept-new-site-id")
    assert aws.parameters(long)["CodeBucketName"] == artifacts and len(aws.outputs(long)["ContentBucketName"]) == 63
    assert len(names(aws)) == 3
    # After its end, too.
    aws.ok("destroy.sh", "--stack", "shop", "--yes")
    aws.ok("deploy.sh", *arguments, "--accept-new-site-id")
    assert aws.outputs()["ContentBucketName"] == content and len(names(aws)) == 3


def test_killed_after_each_change_there_is_no_second_one(aws, shop, arguments):
    def run(changes):
        for bucket in names(aws):
            if bucket.startswith("x402-"):
                aws.client("s3").delete_objects(Bucket=bucket, Delete={"Objects": [
                    {"Key": one["Key"]} for one in aws.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]})
                aws.client("s3").delete_bucket(Bucket=bucket)
        mine = [*arguments, "--stack", f"shop{changes}"]
        done = aws.run("deploy.sh", *mine, kill_after=changes)
        if (aws.stack(mine[-1]) or {}).get("Outputs"):
            shop.write(url=f"https://{aws.outputs(mine[-1])['DistributionDomainName']}")
        aws.ok("deploy.sh", *mine)
        shop.write()
        assert aws.bucket("x402-artifacts-") and aws.bucket(f"shop{changes}-content-")
        return done

    assert killed_after_each_change(run) >= 8


def test_those_that_have_the_old_names_are_used(aws, arguments):
    s3, old = aws.client("s3"), {f"shop-content-{ACCOUNT}", f"x402-artifacts-{ACCOUNT}"}
    # What only looks like one is none.
    others = {f"x402-artifacts-{ACCOUNT}-backup", f"x402-artifacts-{ACCOUNT}0", f"shop-content-{ACCOUNT}-of-mine"}
    for bucket in old | others:
        s3.create_bucket(Bucket=bucket)
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={
            "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    aws.ok("deploy.sh", *arguments)
    assert {aws.outputs()["ContentBucketName"], aws.parameters("shop")["CodeBucketName"]} == old
    assert set(names(aws)) == old | others


def test_somebody_elses_old_name_is_in_nobodys_way(aws, arguments):
    taken = {"service": "s3", "status": 403, "code": "Forbidden", "message": "no"}
    aws.faults(requests=[{**taken, "match": f"HEAD /{name}-{ACCOUNT} "} for name in ["x402-artifacts", "shop-content"]])
    aws.ok("deploy.sh", *arguments)
    assert len(names(aws)) == 2


def test_packages_stay_in_the_bucket_that_was_named(aws, shop, arguments):
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="my-packages")
    aws.ok("deploy.sh", *arguments, "--artifact-bucket", "my-packages")
    shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
    assert "this very function is deployed" in aws.ok("deploy.sh", *arguments)
    aws.ok("deploy.sh", *arguments, "--zip", shop.zip("two"))
    assert len(names(aws)) == 2 and not any("my-packages" in call["path"] and "publicAccessBlock" in call["query"] for call in aws.calls(method="PUT"))
    aws.ok("destroy.sh", "--stack", "shop", "--yes")
    assert s3.list_objects_v2(Bucket="my-packages")["KeyCount"] == 0
