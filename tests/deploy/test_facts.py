"""--dry-run, which changes nothing, and --json, which prints the facts alone."""

import json
import re

import pytest
from conftest import ACCOUNT, PAYEE
from test_attach import site  # noqa: F401

PUBLISH = ["publish", "--stack", "shop"]


@pytest.fixture
def arguments(shop):
    return ["--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--alarm-email", "none", "--buyers-in", "eu-west-1",
            "--parameter", "BookkeeperCodeKey="]


def facts(done):
    """Standard output is one object, whatever is said."""
    assert "== " in done.stderr and "== " not in done.stdout, done.stderr
    return json.loads(done.stdout)


def planned(aws, *command, **more):
    """What a command would do; nothing was changed."""
    before = len(aws.calls())
    done = aws.run(*command, "--dry-run", "--json", **more)
    assert done.returncode == 0, done.all
    made = aws.calls()[before:]
    assert made and not [call for call in made if call["changes"]]
    told = facts(done)
    assert told["outcome"] == "planned" and all(step in done.stderr for step in told["steps"])
    return told


def carried_out(aws, *command, **more):
    done = aws.run(*command, "--yes", "--json", **more)
    assert done.returncode == 0, done.all
    told = facts(done)
    assert told["outcome"] == "done"
    return told


def plain(steps):
    """Names are drawn anew each time, and a table's time is in its package."""
    return [re.sub(rf"({ACCOUNT})-[a-z2-7]{{8}}", r"\1-DRAWN", step) for step in steps]


def stacks(steps):
    """Which stacks are changed, in order."""
    found = [re.match(r"(?:create|update|deploy) stack (\S+?)(?: in (\S+?))?:", step) for step in steps]
    return [(one[2] or "us-east-1", one[1]) for one in found if one]


def executed(aws):
    changes = [call for call in aws.calls() if call["operation"] in ("CreateChangeSet", "ExecuteChangeSet")]
    names = [re.search(r"StackName=([\w-]+)", call["body"]).group(1) for call in changes if call["operation"] == "CreateChangeSet"]
    regions = [call["region"] for call in changes if call["operation"] == "ExecuteChangeSet"]
    return list(zip(regions, names, strict=True))


def test_a_site(aws, shop, arguments):
    plan = planned(aws, "deploy.sh", *arguments)
    assert plan["domain"] is None and aws.client("s3").list_buckets()["Buckets"] == []
    done = carried_out(aws, "deploy.sh", *arguments)
    assert plain(plan["steps"]) == plain(done["steps"]) and stacks(done["steps"]) == executed(aws)
    outputs = aws.outputs()
    assert done["domain"] == outputs["DistributionDomainName"] and done["distribution"] == outputs["DistributionId"]
    assert done["functionVersion"] == outputs["FunctionVersionArn"] and done["url"] == outputs["SiteUrl"] and done["stack"] == "shop"
    assert done["buckets"] == {"content": outputs["ContentBucketName"], "packages": aws.artifacts(), "records": None}
    assert done["findings"] == []

    # An update: what is as it should be is no step.
    shop.write(url=f"https://{done['domain']}")
    two = [*arguments, "--zip", shop.zip("two")]
    plan = planned(aws, "deploy.sh", *two)
    before = len(executed(aws))
    assert plan["functionVersion"] == outputs["FunctionVersionArn"]
    done = carried_out(aws, "deploy.sh", *two)
    assert done["steps"] == plan["steps"] and stacks(done["steps"]) == executed(aws)[before:]
    assert ("eu-west-1", "shop-logs") not in stacks(done["steps"])
    again = facts(aws.run("deploy.sh", *two, "--json", "--dry-run"))
    assert again["outcome"] == "unchanged" and again["steps"] == [] and again["domain"] == done["domain"]

    # Back.
    listed = json.loads(aws.run("roll-back.sh", "--stack", "shop", "--json").stdout)["packages"]
    assert [package["live"] for package in listed] == [False, True]
    back = ["roll-back.sh", "--stack", "shop", "--to", listed[0]["sha256"]]
    plan = planned(aws, *back)
    assert aws.outputs()["FunctionVersionArn"] == done["functionVersion"] == plan["functionVersion"]
    done = carried_out(aws, *back)
    assert done["steps"] == plan["steps"] and done["functionVersion"] == aws.outputs()["FunctionVersionArn"] != plan["functionVersion"]
    assert facts(aws.run(*back, "--json", "--dry-run"))["outcome"] == "unchanged"

    # Down.
    plan = planned(aws, "destroy.sh", "--stack", "shop")
    assert plan["steps"][0].startswith("delete stack shop-watch") and aws.outputs()
    aws.faults(replicated=True)
    later = aws.run("destroy.sh", "--stack", "shop", "--yes", "--json")
    assert later.returncode == 3 and facts(later)["outcome"] == "later" and facts(later)["steps"] == plan["steps"]
    aws.faults()
    assert carried_out(aws, "destroy.sh", "--stack", "shop")["stack"] == "shop"
    assert facts(aws.run("destroy.sh", "--stack", "shop", "--json"))["outcome"] == "unchanged"


def test_an_attached_function(aws, shop, site, arguments):  # noqa: F811
    id_ = site()
    plan = planned(aws, "attach.sh", id_, *arguments)
    assert any(step.startswith(f"change distribution {id_}: default: ") for step in plan["steps"]) and plan["domain"]
    done = carried_out(aws, "attach.sh", id_, *arguments)
    assert stacks(plan["steps"]) == stacks(done["steps"]) == executed(aws)
    assert done["distribution"] == id_ and done["functionVersion"] == aws.outputs()["FunctionVersionArn"] and done["findings"] == []
    [file] = (shop.folder.parent / "dist/rollback").iterdir()
    back = ["attach.sh", id_, "--stack", "shop", "--rollback", file]
    before = aws.config(id_)["ETag"]
    plan = planned(aws, *back)
    assert aws.config(id_)["ETag"] == before
    assert carried_out(aws, *back)["steps"] == plan["steps"]


# Whatever is asked of the content: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
def test_content(aws, shop, arguments):
    s3 = {"environment": {"AWS_ENDPOINT_URL_S3": aws.url}}
    bucket = carried_out(aws, "deploy.sh", *arguments)["buckets"]["content"]
    objects = lambda: aws.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    command = ["paywall.sh", *PUBLISH, "--config", shop.config]
    before = len(aws.calls())
    done = aws.run(*command, "--dry-run", "--json", **s3)
    plan = json.loads(done.stdout)
    assert plan["outcome"] == "planned" and plan["bucket"] == bucket and objects() == []
    assert not [call for call in aws.calls()[before:] if call["changes"]]
    done = json.loads(aws.run(*command, "--yes", "--json", **s3).stdout)
    assert done["outcome"] == "done" and done["uploads"] == plan["uploads"] and len(objects()) == len(done["uploads"]) == 3
    again = json.loads(aws.run(*command, "--yes", "--json", **s3).stdout)
    assert again["outcome"] == "unchanged" and again["upToDate"] == 3 and again["uploads"] == []


def test_what_is_declined_or_refused_is_a_fact(aws, shop, arguments):
    done = aws.run("deploy.sh", *arguments, "--json", answer="no\n")
    assert done.returncode == 1 and facts(done)["outcome"] == "declined" and aws.stack("shop") is None
    shop.write(token="base/usdc", payee=PAYEE)
    done = aws.run("deploy.sh", *arguments, "--json", "--yes")
    told = facts(done)
    assert done.returncode == 1 and told["outcome"] == "failed" and "--accept P4" in told["next"] and told["error"].startswith("not deployed")
    assert "error: not deployed" in done.stderr


def test_findings(aws, shop, arguments):
    domain = carried_out(aws, "deploy.sh", *arguments)["domain"]
    shop.write(url=f"https://{domain}")
    live = aws.config(aws.outputs()["DistributionId"])
    config = {**live["DistributionConfig"], "DefaultRootObject": "index.html"}
    aws.client("cloudfront").update_distribution(Id=aws.outputs()["DistributionId"], IfMatch=live["ETag"], DistributionConfig=config)
    told = facts(aws.run("deploy.sh", *arguments, "--json", "--dry-run"))
    assert told["outcome"] == "unchanged" and [one["code"] for one in told["findings"]] == ["root-object"], told
