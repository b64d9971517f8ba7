"""destroy.sh and status.sh: down again, in as many runs as it takes."""

import re

import pytest

from test_attach import associations, behaviour, site  # noqa: F401


@pytest.fixture
def deployed(aws, shop):
    aws.ok("deploy.sh", "--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--alarm-email", "none", "--yes")
    aws.client("s3").put_object(Bucket=aws.outputs()["ContentBucketName"], Key="premium/report.pdf", Body=b"paid")
    return aws.outputs()


@pytest.fixture
def content(deployed):
    return deployed["ContentBucketName"]


def buckets(aws):
    return {b["Name"] for b in aws.client("s3").list_buckets()["Buckets"]}


def test_replicas_take_hours(aws, content):
    aws.faults(replicated=True)
    said = aws.run("destroy.sh", "--stack", "shop", "--yes")
    assert said.returncode == 3
    for text in ["delete stack shop-watch", "keep    content in s3://" + content, "has replicas at the edge still",
                 "run `paywall destroy --stack shop` again in some hours"]:
        assert text in said.all, text
    assert aws.stack("shop") is None and aws.stack("shop-watch") is None
    assert aws.client("cloudfront").list_distributions()["DistributionList"]["Quantity"] == 0
    assert "a function is left" in aws.ok("status.sh", "--stack", "shop")
    # A bounded wait is a bounded wait.
    said = aws.run("destroy.sh", "--stack", "shop", "--yes", "--wait", "0")
    assert said.returncode == 3
    aws.faults()
    assert "gone: stack shop" in aws.ok("destroy.sh", "--stack", "shop", "--yes")
    assert aws.client("lambda").list_functions()["Functions"] == []
    assert aws.client("ssm").describe_parameters()["Parameters"] == []
    assert content in buckets(aws)
    assert aws.client("s3").list_objects_v2(Bucket=aws.artifacts())["KeyCount"] == 0
    assert "nothing: it is gone" in aws.ok("destroy.sh", "--stack", "shop", "--yes")


def test_content_goes_by_its_name_alone(aws, content):
    aws.refused("destroy.sh", "--stack", "shop", "--delete-content", "other", "--yes", says="type its name")
    assert content in buckets(aws)
    said = aws.ok("destroy.sh", "--stack", "shop", "--delete-content", content, "--yes")
    assert f"DELETE bucket {content} WITH ALL CONTENT" in said and "content stays" not in said
    assert content not in buckets(aws)


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


def test_redeployed_on_the_content_that_stayed(aws, shop, content):
    aws.ok("destroy.sh", "--stack", "shop", "--yes")
    aws.ok("deploy.sh", "--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--no-watch", "--yes")
    assert aws.client("s3").get_object(Bucket=content, Key="premium/report.pdf")["Body"].read() == b"paid"


def test_an_attached_distribution_is_not_opened_by_accident(aws, shop, site):  # noqa: F811
    id_ = site()
    said = aws.ok("attach.sh", id_, "--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--no-watch", "--yes")
    aws.refused("destroy.sh", "--stack", "shop", "--yes", says=["without it, what it guards is free", "--rollback"])
    assert len(associations(aws.config(id_))) == 2
    file = re.search(r"--rollback (\S+)", said).group(1)
    aws.ok("attach.sh", id_, "--stack", "shop", "--rollback", file, "--yes")
    aws.ok("attach.sh", id_, "--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--no-watch", "--yes")
    said = aws.ok("destroy.sh", "--stack", "shop", "--open", "--wait", "1", "--yes")
    assert f"change distribution {id_}: without the function" in said
    config = aws.config(id_)
    assert associations(config) == [] and config["DistributionConfig"]["WebACLId"] == ""
    assert aws.stack("shop") is None


def down(aws, *arguments, **more):
    """destroy.sh, as often as it asks to be run again."""
    for _ in range(5):
        done = aws.run("destroy.sh", *arguments, "--yes", **more)
        if done.returncode != 3:
            break
    assert done.returncode == 0, done.all
    return done.all


def gated(arn):
    return {"DefaultCacheBehavior": behaviour(LambdaFunctionAssociations={"Quantity": 1, "Items": [
        {"EventType": "viewer-request", "LambdaFunctionARN": arn}]})}


# https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html: 64 characters. Up to 38 of a stack's name fit,
# as CloudFormation's own framework cuts them; control_plane/resources.py says where that is written.
@pytest.mark.parametrize("length", [37, 38, 41])
def test_functions_are_found_whatever_became_of_their_names(aws, shop, site, length):  # noqa: F811
    name = ("shop-" + "of-many-words-" * 3)[:38].ljust(length, "y")[:length]
    # Another stack, whose name begins alike, and whose function's name may differ in nothing but the random part.
    sister = name + "x" if length < 41 else name[:-1] + "x"
    distributions = {}
    for stack in [name, sister]:
        aws.by_hand(stack, "attach.yaml", "code", shop.zip(), SecretsParameterName=f"/x402/{stack}")
        distributions[stack] = site(**gated(aws.outputs(stack)["FunctionVersionArn"]))
    functions = {stack: aws.outputs(stack)["FunctionName"] for stack in distributions}
    assert all(len(function) <= 64 for function in functions.values())
    said = aws.refused("destroy.sh", "--stack", name, "--yes", says=["without it, what it guards is free", distributions[name]])
    assert distributions[sister] not in said and functions[sister] not in said
    assert f"delete function {functions[name]}," in said

    aws.faults(replicated=True)
    assert aws.run("destroy.sh", "--stack", name, "--open", "--yes").returncode == 3
    assert associations(aws.config(distributions[name])) == []
    assert aws.run("destroy.sh", "--stack", name, "--yes").returncode == 3 and aws.stack(name) is None
    aws.faults(replicated=False)
    # When the stack is gone, nothing but the function itself says whose it is.
    down(aws, "--stack", name)
    left = {function["FunctionName"] for function in aws.client("lambda").list_functions()["Functions"]}
    assert left == {functions[sister]}
    assert len(associations(aws.config(distributions[sister]))) == 1 and aws.stack(sister)


@pytest.mark.parametrize("script, arguments", [("deploy.sh", []), ("attach.sh", ["EDFDVBD6EXAMPLE"])])
def test_a_name_that_would_be_cut_is_refused(aws, shop, site, script, arguments):  # noqa: F811
    if arguments:
        arguments = [site()]
    arguments = [*arguments, "--config", shop.config, "--zip", shop.zip(), "--no-watch", "--yes"]
    said = aws.refused(script, *arguments, "--stack", "s" * 38, says=["38 characters, and 37 are the most", "a function's name has 64"])
    assert not any(call["changes"] for call in aws.calls()), said
    if script == "deploy.sh":
        aws.ok(script, *arguments, "--stack", "s" * 37)
    else:
        # One that has such a name can still be changed.
        aws.by_hand("s" * 38, "attach.yaml", "code", shop.zip())
        aws.ok(script, *arguments, "--stack", "s" * 38, "--accept-new-site-id")


@pytest.fixture
def attached(aws, shop, site):  # noqa: F811
    id_ = site()
    aws.ok("attach.sh", id_, "--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--no-watch", "--yes")
    aws.client("cloudfront").get_distribution(Id=id_)
    return id_


def deletions(aws):
    """What was under way to the edge when the role and the web ACL went."""
    return [call["in_progress"] for call in aws.calls(operation="DeleteStack")]


# "InProgress" until the edge has it: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Distribution.html
def test_role_and_web_acl_stay_until_the_edge_has_let_go(aws, attached):
    aws.faults(edge_lags=True)
    again = ["is under way to the edge", "run `paywall destroy --stack shop` again in some minutes", attached]
    for arguments in [["--open"], [], ["--wait", "0"]]:
        done = aws.run("destroy.sh", "--stack", "shop", *arguments, "--yes")
        assert done.returncode == 3, done.all
        assert all(text in done.all for text in again), done.all
        assert associations(aws.config(attached)) == []
        assert aws.stack("shop")["StackStatus"] == "CREATE_COMPLETE" and deletions(aws) == []
    aws.faults()
    aws.ok("destroy.sh", "--stack", "shop", "--wait", "1", "--yes")
    assert deletions(aws) == [[]] and aws.stack("shop") is None


# It makes five: the association, the stack, the function, the secrets, the packages.
@pytest.mark.parametrize("changes", range(1, 6))
def test_killed_after_any_change_it_goes_on(aws, attached, changes):
    done = aws.run("destroy.sh", "--stack", "shop", "--open", "--yes", "--wait", "1", kill_after=changes)
    assert done.returncode == -9, done.all
    # Without --open, once the function is off.
    down(aws, "--stack", "shop")
    assert all(not under_way for under_way in deletions(aws)) and deletions(aws)
    config = aws.config(attached)
    assert associations(config) == [] and config["DistributionConfig"]["WebACLId"] == ""
    assert aws.stack("shop") is None and aws.client("lambda").list_functions()["Functions"] == []
    assert aws.client("ssm").describe_parameters()["Parameters"] == []
    assert aws.client("s3").list_objects_v2(Bucket=aws.artifacts())["KeyCount"] == 0


def test_status(aws, shop, deployed):
    aws.stock(shop)
    shop.write(url=f"https://{deployed['DistributionDomainName']}")
    aws.ok("deploy.sh", "--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--yes")
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html: a custom group gets no prefix.
    [group] = aws.client("logs").describe_log_groups(logGroupNamePrefix="/x402/shop")["logGroups"][:1]
    assert group["logGroupName"] == "/x402/shop"
    status = ["--stack", "shop", "--config", shop.config]
    said = aws.ok("status.sh", *status)
    for text in ["CREATE_COMPLETE", "InProgress", "wait: the edge takes some minutes", "3 objects",
                 "SSM /x402/shop:1, written", "function      shop-EdgeFunction-",
                 "log           /x402/shop in each Region where it ran: aws logs tail /x402/shop --since 1h --region REGION"]:
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


@pytest.mark.parametrize("script", ["deploy.sh", "attach.sh", "roll-back.sh", "destroy.sh", "status.sh"])
def test_help_and_wrong_options(aws, script):
    assert "Usage: " in aws.ok(script, "--help")
    assert aws.run(script, "--nonsense", "x").returncode == 2


@pytest.mark.parametrize("script", ["destroy.sh", "roll-back.sh", "status.sh"])
def test_a_name_that_would_change_a_query_is_none(aws, script):
    """It would find everybody's functions."""
    done = aws.run(script, "--stack", "x' || starts_with(Description, '")
    assert done.returncode == 2 and "letters, digits and hyphens" in done.all
