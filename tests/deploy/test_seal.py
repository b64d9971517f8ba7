"""A sealed site: its seal is made once, kept, found again, and told to nobody."""

import json
import zipfile

import pytest
from test_attach import lets_read, signs, site  # noqa: F401 - a fixture
from test_deploy import killed_after_each_change

SEAL, OTHER = "abcdefghijklmnopqrstuvwx23", "bcdefghijklmnopqrstuvwxy23"


@pytest.fixture
def arguments(shop):
    shop.write(sealed=True)
    return ["--stack", "shop", "--config", shop.config, "--zip", shop.zip(seal=SEAL), "--no-watch", "--yes"]


def kept(aws, stack="shop"):
    try:
        found = aws.client("ssm").get_parameter(Name=f"/x402/{stack}/seal", WithDecryption=True)["Parameter"]
    except aws.client("ssm").exceptions.ParameterNotFound:
        return None
    assert (found["Type"], found["Version"]) == ("SecureString", 1), "it is written once"
    return json.loads(found["Value"])


def keys(aws, bucket):
    return [found["Key"] for found in aws.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]


def answers(aws, shop, stack="shop"):
    """A distribution that is there answers under a name, which the site must name."""
    if (aws.stack(stack) or {}).get("Outputs"):
        shop.write(sealed=True, url=f"https://{aws.outputs(stack)['DistributionDomainName']}")


def publish(aws, shop, *more, run=None):
    environment = {"AWS_ENDPOINT_URL_S3": aws.url}
    command = ["publish", "--config", shop.config, "--stack", "shop", "--yes", *more]
    return (run or aws.ok)("paywall.sh", *command, environment=environment)


def test_made_kept_and_told_to_nobody(aws, shop, arguments):
    said = aws.ok("deploy.sh", *arguments)
    assert "in SSM /x402/shop/seal and in the zip" in said and SEAL not in said
    assert kept(aws) == {"site": "deploy", "seal": SEAL}
    # The function has it in its package, and may not read the parameter.
    role = aws.outputs()["FunctionRoleArn"].split("/")[-1]
    policy = json.dumps(aws.client("iam").get_role_policy(RoleName=role, PolicyName="secrets")["PolicyDocument"])
    assert 'parameter/x402/shop"' in policy and "/seal" not in policy and "*" not in policy
    assert SEAL not in json.dumps([aws.stack("shop"), aws.outputs()], default=str)

    answers(aws, shop)
    assert "the site stays closed" in aws.ok("deploy.sh", *arguments)
    aws.ok("deploy.sh", *arguments, "--zip", shop.zip("two", seal=SEAL))

    said = publish(aws, shop)
    bucket = aws.outputs()["ContentBucketName"]
    assert f"s3://{bucket}/(seal)/" in said and SEAL not in said
    names = ["free/hello.txt", "pictures/a.jpg", "premium/report.pdf"]
    assert keys(aws, bucket) == [f"{SEAL}/{name}" for name in names]
    said = publish(aws, shop)
    assert "0 to upload" in said and "the site is closed, and nothing is sold; next: `paywall deploy` opens it" in said
    aws.ok("deploy.sh", *arguments, "--zip", shop.zip("two", seal=SEAL))
    assert "nothing to do" in aws.ok("deploy.sh", *arguments, "--zip", shop.zip("two", seal=SEAL))


def test_the_tool_makes_it_and_packs_it(aws, shop, arguments, tmp_path):
    at = arguments.index("--zip")
    said = aws.ok("deploy.sh", *arguments[:at], *arguments[at + 2:], environment={"PATH": "/usr/bin:/bin"})
    packed = json.loads(zipfile.ZipFile(tmp_path / "dist" / "edge-fn.zip").read("seal.json"))
    assert packed == kept(aws) and packed["seal"] not in said
    assert "seal        new, in SSM" in said
    assert "closed until they are published: 2 of 2 priced objects are not in s3://shop-content-" in said
    publish(aws, shop)
    assert keys(aws, aws.outputs()["ContentBucketName"])[0].startswith(f"{packed['seal']}/")


def test_another_seal_is_refused(aws, shop, arguments, tmp_path):
    aws.ok("deploy.sh", *arguments)
    answers(aws, shop)
    says = "do not have the same seal"
    aws.refused("deploy.sh", *arguments, "--zip", shop.zip("two", seal=OTHER), says=says)
    aws.refused("deploy.sh", *arguments, "--zip", shop.zip("two"), says="has no seal, and the site is sealed")
    file = tmp_path / "other.json"
    file.write_text(json.dumps({"site": "deploy", "seal": OTHER}))
    file.chmod(0o600)
    aws.refused("deploy.sh", *arguments, "--seal", file, says=says)
    publish(aws, shop, "--seal", file, run=lambda *command, **more: aws.refused(*command, says="another seal", **more))
    assert kept(aws)["seal"] == SEAL
    shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
    aws.refused("deploy.sh", *arguments, "--seal", file, says="a seal is named, and the site is not sealed")


def test_what_is_lost_is_found_in_the_bucket(aws, shop, arguments):
    aws.ok("deploy.sh", *arguments)
    answers(aws, shop)
    publish(aws, shop)
    aws.client("ssm").delete_parameter(Name="/x402/shop/seal")
    says = ["its seal is not known", "--seal"]
    publish(aws, shop, run=lambda *command, **more: aws.refused(*command, says=says, **more))
    file = shop.folder / "found.json"
    assert "the seal is the bucket's" in publish(aws, shop, "--seal", file)
    assert json.loads(file.read_text())["seal"] == SEAL
    # A package of another one would ask where nothing is.
    aws.refused("deploy.sh", *arguments, "--zip", shop.zip("two", seal=OTHER), says="lie below another seal")
    aws.ok("deploy.sh", *arguments, "--zip", shop.zip("three", seal=SEAL))
    assert kept(aws)["seal"] == SEAL


def test_it_goes_with_its_site_and_comes_back_from_the_bucket(aws, shop, arguments):
    aws.ok("deploy.sh", *arguments)
    publish(aws, shop)
    bucket = aws.outputs()["ContentBucketName"]
    said = aws.run("destroy.sh", "--stack", "shop", "--yes", environment={"DELETE_AT_ONCE": "yes"}).all
    assert "the seal in SSM /x402/shop/seal" in said
    assert kept(aws) is None
    assert keys(aws, bucket)[0].startswith(f"{SEAL}/")
    aws.ok("deploy.sh", *arguments, "--bucket", bucket)
    assert kept(aws)["seal"] == SEAL
    assert "0 to upload" in publish(aws, shop)


def test_an_attached_site_is_published_first(aws, shop, arguments, site):  # noqa: F811
    id_ = site(stocked=False)
    signs(aws, id_)
    mine = [id_, *arguments]
    lets_read(aws, id_)
    # Its objects lie open, and nothing below the seal: who paid would get nothing.
    aws.client("s3").put_object(Bucket="owned", Key="premium/report.pdf", Body=b"")
    aws.refused("attach.sh", *mine, says="1 objects on sale lie open in s3://owned/")
    file = shop.folder / "seal.json"
    command = ["publish", "--config", shop.config, "--bucket", "owned", "--seal", file, "--yes"]
    aws.ok("paywall.sh", *command, environment={"AWS_ENDPOINT_URL_S3": aws.url})
    seal = json.loads(file.read_text())["seal"]
    assert f"{seal}/premium/report.pdf" in keys(aws, "owned")
    aws.refused("attach.sh", *mine, says="lie below another seal than this one")
    assert kept(aws) is None
    mine[mine.index("--zip") + 1] = shop.zip("attached", seal=seal)
    aws.client("s3").delete_bucket_policy(Bucket="owned")
    # Whoever pays before the bucket lets the distribution read is answered 403, and may be told the seal.
    aws.refused("attach.sh", *mine, "--seal", file, says=["not-readable", f"distribution {id_}"])
    private = {"Sid": "Tagged", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
               "Resource": "arn:aws:s3:::owned/*",
               "Condition": {"StringEquals": {"s3:ExistingObjectTag/sold": "no"}}}
    lets_read(aws, id_, private)
    aws.refused("attach.sh", *mine, "--seal", file, says=["object-refused", "statement Tagged", "PrincipalIsAWSService"])
    assert kept(aws) is None
    lets_read(aws, id_)
    aws.ok("attach.sh", *mine, "--seal", file)
    assert kept(aws)["seal"] == seal
    status = ["status.sh", "--stack", "shop", "--distribution", id_]
    assert "NOT CLOSED" not in aws.run(*status).all
    # Afterwards as well.
    lets_read(aws, id_, {"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"},
                         "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::owned",
                         "Condition": {"StringEquals": {"AWS:SourceAccount": "111122223333"}}})
    said = aws.run(*status).all
    assert "NOT CLOSED    listable: the policy of bucket owned lets CloudFront list it" in said
    assert "next          let it have s3:GetObject alone" in said


def test_killed_after_each_change_there_is_one_seal(aws, shop, arguments):
    def run(changes):
        mine = ["--stack", f"shop{changes}", *arguments[2:]]
        done = aws.run("deploy.sh", *mine, kill_after=changes)
        answers(aws, shop, mine[1])
        aws.ok("deploy.sh", *mine)
        assert kept(aws, mine[1])["seal"] == SEAL
        shop.write(sealed=True)
        return done

    assert killed_after_each_change(run) >= 7


def test_nobody_goes_back_to_where_nothing_is(aws, shop, arguments):
    at = arguments.index("--zip")
    mine = [*arguments[:at], *arguments[at + 2:]]
    basics = {"environment": {"PATH": "/usr/bin:/bin"}}
    live = lambda: aws.parameters("shop")["CodeObjectKey"].split("/")[-1].removesuffix(".zip")
    shop.write()
    aws.ok("deploy.sh", *mine, **basics)
    host = f"https://{aws.outputs()['DistributionDomainName']}"
    shop.write(url=host)
    aws.ok("deploy.sh", *mine, **basics)
    publish(aws, shop)
    opened, bucket = live(), aws.outputs()["ContentBucketName"]
    assert "premium/report.pdf" in keys(aws, bucket)

    shop.write(sealed=True, url=host)
    said = publish(aws, shop, run=lambda *command, **more: aws.refused(*command, says="its seal is not known", **more))
    file = shop.folder / "seal.json"
    said = publish(aws, shop, "--seal", file)
    assert "3 in the bucket are on sale and outside of the seal as well: not closed" in said
    aws.ok("deploy.sh", *mine, "--seal", file, **basics)
    sealed = live()
    said = aws.run("status.sh", "--stack", "shop", "--fail").all
    assert "3 of 3 objects are in s3://" in said and "NOT CLOSED" in said
    back = ["--stack", "shop", "--yes", "--to"]
    aws.ok("roll-back.sh", *back, opened)
    aws.ok("roll-back.sh", *back, sealed)

    # The mock's distribution is never `Deployed`: its record says what is live.
    record = aws.client("s3").get_object(Bucket=aws.artifacts(), Key=f"shop/{sealed}.json")["Body"].read()
    deployed = shop.folder / "deployed.json"
    deployed.write_bytes(record)
    said = publish(aws, shop, "--delete", "--deployed", deployed)
    assert "3 deleted" in said and all(key.startswith(json.loads(file.read_text())["seal"]) for key in keys(aws, bucket))
    aws.refused("roll-back.sh", *back, opened, says=["sells 2 objects that are not where it would ask for them",
                                                     "charged for nothing"])
    assert live() == sealed
    said = aws.run("status.sh", "--stack", "shop").all
    assert "NOT CLOSED" not in said and "3 of 3 objects" in said
    aws.client("s3").delete_object(Bucket=bucket, Key=f"{json.loads(file.read_text())['seal']}/premium/report.pdf")
    said = aws.run("status.sh", "--stack", "shop", "--fail")
    assert said.returncode == 1 and ', "premium/report.pdf" for one, and who buys one of them pays for nothing' in said.all


def test_a_site_of_another_id_takes_the_seal_over_by_name(aws, shop, arguments):
    aws.ok("deploy.sh", *arguments)
    publish(aws, shop)
    answers(aws, shop)
    shop.config.write_text(shop.config.read_text().replace('id = "deploy"', 'id = "renamed"'))
    # Nothing of it goes below another site's seal.
    says = ["the seal is that of the site deploy", "--accept-new-site-id"]
    publish(aws, shop, run=lambda *command, **more: aws.refused(*command, says=says, **more))
    at = arguments.index("--zip")
    mine = [*arguments[:at], *arguments[at + 2:]]
    basics = {"environment": {"PATH": "/usr/bin:/bin"}}
    said = aws.ok("deploy.sh", *mine, "--accept-new-site-id", **basics)
    assert "that of the site's earlier id" in said and SEAL not in said
    found = aws.client("ssm").get_parameter(Name="/x402/shop/seal", WithDecryption=True)["Parameter"]
    assert json.loads(found["Value"]) == {"site": "renamed", "seal": SEAL}
    assert "0 to upload" in publish(aws, shop)
