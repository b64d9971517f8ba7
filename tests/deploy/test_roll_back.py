"""roll-back.sh: an earlier package again, and what the stack's tags say of it."""

import hashlib
import json

import pytest


def tags(aws, stack="shop"):
    return {tag["Key"]: tag["Value"] for tag in aws.stack(stack)["Tags"]}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def arguments(shop):
    return ["--stack", "shop", "--config", shop.config, "--no-watch", "--yes"]


@pytest.fixture
def two(aws, shop, arguments):
    """Deployed twice, with tags of the owner's own."""
    aws.ok("deploy.sh", *arguments, "--zip", shop.zip("one"))
    host = aws.outputs()["DistributionDomainName"]
    shop.write(url=f"https://{host}")
    stack = aws.stack("shop")
    aws.client("cloudformation").create_change_set(
        StackName="shop", ChangeSetName="tag", ChangeSetType="UPDATE", UsePreviousTemplate=True, Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": p["ParameterKey"], "UsePreviousValue": True} for p in stack["Parameters"]],
        Tags=[*stack["Tags"], {"Key": "team", "Value": "books and maps"}],
    )
    aws.client("cloudformation").execute_change_set(StackName="shop", ChangeSetName="tag")
    aws.ok("deploy.sh", *arguments, "--zip", shop.zip("two"))
    return shop.zip("one"), shop.zip("two")


def test_the_owners_tags_survive_a_deployment(aws, two):
    assert tags(aws)["team"] == "books and maps"


def test_back_and_forth(aws, shop, two, arguments):
    one, second = two
    said = aws.ok("roll-back.sh", "--stack", "shop")
    assert digest(one) in said and f"{digest(second)}  live" in said
    before, version = tags(aws), aws.outputs()["FunctionVersionArn"]
    assert (before["x402-secrets"], before["x402-site"], before["team"]) == ("/x402/shop:1", "deploy", "books and maps")

    aws.refused("roll-back.sh", "--stack", "shop", "--to", digest(one), answer="no\n", says="nothing was changed")
    said = aws.ok("roll-back.sh", "--stack", "shop", "--to", digest(one)[:8], "--yes")
    assert "in place of" in said and tags(aws) == before
    parameters = {p["ParameterKey"]: p["ParameterValue"] for p in aws.stack("shop")["Parameters"]}
    assert parameters["CodeObjectKey"] == f"shop/{digest(one)}.zip"
    function = aws.client("lambda").get_function(FunctionName=aws.outputs()["FunctionVersionArn"])["Configuration"]
    assert function["CodeSha256"] == parameters["CodeSha256"] and aws.outputs()["FunctionVersionArn"] != version
    assert "nothing to do" in aws.ok("roll-back.sh", "--stack", "shop", "--to", digest(one), "--yes")
    assert "this very function is deployed" in aws.ok("deploy.sh", *arguments, "--zip", one)

    aws.ok("deploy.sh", *arguments, "--zip", second)
    assert tags(aws) == before


def test_the_package_says_which_secrets_it_reads(aws, shop, two, arguments):
    one, _ = two
    # Rotated, and deployed with the next package.
    ssm = aws.client("ssm")
    value = ssm.get_parameter(Name="/x402/shop", WithDecryption=True)["Parameter"]["Value"]
    ssm.put_parameter(Name="/x402/shop", Type="SecureString", Overwrite=True, Value=value)
    aws.ok("deploy.sh", *arguments, "--zip", shop.zip("three"))
    assert tags(aws)["x402-secrets"] == "/x402/shop:2"
    aws.ok("roll-back.sh", "--stack", "shop", "--to", digest(one), "--yes")
    assert tags(aws)["x402-secrets"] == "/x402/shop:1" and tags(aws)["team"] == "books and maps"


def test_a_package_without_tags_keeps_the_stacks(aws, two):
    one, _ = two
    before = tags(aws)
    aws.client("s3").delete_object(Bucket=aws.artifacts(), Key=f"shop/{digest(one)}.tags")
    said = aws.ok("roll-back.sh", "--stack", "shop", "--to", digest(one), "--yes")
    assert "before its tags were kept" in said and tags(aws) == before


@pytest.mark.parametrize("to, says", [("0123456789", "no package in"), ("xyz", "write 6 or more digits")])
def test_what_is_not_there(aws, two, to, says):
    aws.refused("roll-back.sh", "--stack", "shop", "--to", to, "--yes", says=says)
    aws.refused("roll-back.sh", "--stack", "other", "--to", "0123456789", "--yes", says="there is no stack other")


def test_what_the_bucket_no_longer_has_is_not_sold_again(aws, shop, arguments):
    """A package from before the seal looks for the objects where they lay open, and one of another seal below that."""
    seal, opened = "s3" * 13, shop.zip("open", table=shop.table())
    aws.ok("deploy.sh", *arguments, "--zip", opened)
    # Below both, so that both can be sold.
    aws.stock(shop)
    aws.stock(shop, below=f"{seal}/")
    shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}", sealed=True)
    sealed = shop.zip("sealed", table=shop.table(), seal=seal)
    assert "deployed: https://" in aws.ok("deploy.sh", *arguments, "--zip", sealed)

    bucket, s3 = aws.outputs()["ContentBucketName"], aws.client("s3")
    keys = ["premium/report.pdf", "pictures/a.jpg", "free/hello.txt"]
    for key in keys:
        s3.delete_object(Bucket=bucket, Key=key)
    back = ["roll-back.sh", "--stack", "shop", "--to", digest(opened), "--yes"]
    for key in keys[:2]:
        said = aws.refused(*back, says=["objects that are not where it would ask for them", "would be charged for nothing"])
        assert seal not in said and f"sells {2 - keys.index(key)} objects" in said
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    # Nobody pays for what is free.
    aws.ok(*back)

    s3.delete_object(Bucket=bucket, Key=f"{seal}/pictures/a.jpg")
    forward = ["roll-back.sh", "--stack", "shop", "--to", digest(sealed), "--yes"]
    for more in [[], ["--accept-unseen"]]:
        said = aws.refused(*forward, *more, says="sells 1 objects that are not where")
        assert '"pictures/a.jpg" for one' in said and seal not in said
    s3.put_object(Bucket=bucket, Key=f"{seal}/pictures/a.jpg", Body=b"")
    aws.ok(*forward)
    assert "nothing to do" in aws.ok(*forward)


def test_what_another_version_packed_goes_back_by_name(aws, shop, arguments):
    other = shop.zip("other", table=b"x402tab\x02" + bytes(64))
    aws.ok("deploy.sh", *arguments, "--zip", shop.zip())
    aws.stock(shop)
    shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
    aws.ok("deploy.sh", *arguments, "--zip", shop.zip())
    key = f"shop/{digest(other)}.zip"
    aws.client("s3").put_object(Bucket=aws.artifacts(), Key=key, Body=other.read_bytes())
    back = ["roll-back.sh", "--stack", "shop", "--to", digest(other), "--yes"]
    aws.refused(*back, says=["cannot be told", "has version 2 of its format", "--accept-unseen"])
    aws.ok(*back, "--accept-unseen")
    assert aws.parameters("shop")["CodeObjectKey"] == key
