"""destroy.sh and status.sh: down again, in as many runs as it takes."""

import re

import pytest

from conftest import ACCOUNT
from test_attach import associations, site  # noqa: F401

CONTENT = f"shop-content-{ACCOUNT}"


@pytest.fixture
def deployed(aws, shop):
    aws.ok("deploy.sh", "--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--yes")
    aws.client("s3").put_object(Bucket=CONTENT, Key="premium/report.pdf", Body=b"paid")
    return aws.outputs()


def buckets(aws):
    return {b["Name"] for b in aws.client("s3").list_buckets()["Buckets"]}


def test_replicas_take_hours(aws, deployed):
    aws.faults(replicated=True)
    said = aws.run("destroy.sh", "--stack", "shop", "--yes")
    assert said.returncode == 3
    for text in ["delete  stack shop-watch", "keep    content in s3://" + CONTENT, "has replicas at the edge still",
                 "run scripts/destroy.sh --stack shop again in some hours"]:
        assert text in said.all, text
    assert aws.stack("shop") is None and aws.stack("shop-watch") is None
    assert aws.client("cloudfront").list_distributions()["DistributionList"]["Quantity"] == 0
    assert "a function is left" in aws.ok("status.sh", "--stack", "shop")
    # A bounded wait is a bounded wait.
    said = aws.run("destroy.sh", "--stack", "shop", "--yes", "--wait", "0", environment={"DESTROY_POLL_SECONDS": "0"})
    assert said.returncode == 3
    aws.faults()
    assert "gone: stack shop" in aws.ok("destroy.sh", "--stack", "shop", "--yes")
    assert aws.client("lambda").list_functions()["Functions"] == []
    assert aws.client("ssm").describe_parameters()["Parameters"] == []
    assert CONTENT in buckets(aws)
    assert aws.client("s3").list_objects_v2(Bucket=f"x402-artifacts-{ACCOUNT}")["KeyCount"] == 0
    assert "nothing: it is gone" in aws.ok("destroy.sh", "--stack", "shop", "--yes")


def test_content_goes_by_its_name_alone(aws, deployed):
    aws.refused("destroy.sh", "--stack", "shop", "--delete-content", "other", "--yes", says="type its name")
    assert CONTENT in buckets(aws)
    said = aws.ok("destroy.sh", "--stack", "shop", "--delete-content", CONTENT, "--yes")
    assert f"DELETE  bucket {CONTENT} WITH ALL CONTENT" in said
    assert CONTENT not in buckets(aws)


def test_it_asks(aws, deployed):
    aws.refused("destroy.sh", "--stack", "shop", answer="no\n", says="nothing was changed")
    assert aws.outputs() == deployed


def test_a_stack_that_cannot_be_deleted(aws, deployed):
    aws.faults(fail_resources={"EdgeWebAcl": "the web ACL is in use"})
    aws.refused("destroy.sh", "--stack", "shop", "--yes",
                says=["stack shop could not be deleted", "the web ACL is in use", "run the same command again"])
    aws.faults()
    aws.ok("destroy.sh", "--stack", "shop", "--yes")
    assert aws.stack("shop") is None


def test_redeployed_on_the_content_that_stayed(aws, shop, deployed):
    aws.ok("destroy.sh", "--stack", "shop", "--yes")
    aws.ok("deploy.sh", "--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--no-watch", "--yes")
    assert aws.client("s3").get_object(Bucket=CONTENT, Key="premium/report.pdf")["Body"].read() == b"paid"


def test_an_attached_distribution_is_not_opened_by_accident(aws, shop, site):  # noqa: F811
    id_ = site()
    said = aws.ok("attach.sh", id_, "--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--no-watch", "--yes")
    aws.refused("destroy.sh", "--stack", "shop", "--yes", says=["without it, what it guards is free", "--rollback"])
    assert len(associations(aws.config(id_))) == 2
    file = re.search(r"--rollback (\S+)", said).group(1)
    aws.ok("attach.sh", id_, "--stack", "shop", "--rollback", file, "--yes")
    aws.ok("attach.sh", id_, "--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--no-watch", "--yes")
    said = aws.ok("destroy.sh", "--stack", "shop", "--open", "--yes")
    assert f"change  distribution {id_}: without the function" in said
    config = aws.config(id_)
    assert associations(config) == [] and config["DistributionConfig"]["WebACLId"] == ""
    assert aws.stack("shop") is None


def test_status(aws, shop, deployed):
    status = ["--stack", "shop", "--config", shop.config]
    said = aws.ok("status.sh", *status)
    for text in ["CREATE_COMPLETE", "InProgress", "wait: the edge takes some minutes", "3 objects",
                 "SSM /x402/shop:1, written", "function      shop-EdgeFunction-"]:
        assert text in said, text
    assert "nothing: all is as it should be" in aws.ok("status.sh", *status)

    shop.config.write_text(shop.config.read_text().replace("0.01", "0.02"))
    aws.client("ssm").put_parameter(Name="/x402/shop", Value="{}", Type="SecureString", Overwrite=True)
    watch = aws.client("cloudwatch")
    [alarm, *_] = watch.describe_alarms(AlarmNamePrefix="shop-watch-")["MetricAlarms"]
    watch.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="ALARM", StateReason="test")
    said = aws.ok("status.sh", *status)
    for text in ["are not live", "has a newer version, 2", f"ALARM         {alarm['AlarmName']}"]:
        assert text in said, text
    assert "not deployed" in aws.ok("status.sh", "--stack", "other")


@pytest.mark.parametrize("script", ["deploy.sh", "attach.sh", "destroy.sh", "status.sh"])
def test_help_and_wrong_options(aws, script):
    assert "usage: scripts/" + script in aws.ok(script, "--help")
    assert aws.run(script, "--nonsense", "x").returncode == 2
