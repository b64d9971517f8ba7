"""The stack of a Region where buyers are: the log's retention before the edge writes, and the alarms on money."""

import re

import pytest
from conftest import ACCOUNT, ROOT
from test_attach import site  # noqa: F401
from test_deploy import killed_after_each_change, whole

GROUP = "/x402/shop"


@pytest.fixture
def region(aws):
    return aws.client


def deploy(cloudformation, **parameters):
    given = {"FunctionLogGroupName": GROUP, "AlarmEmail": "seller@example.com", **parameters}
    cloudformation.create_change_set(
        StackName="shop-logs", ChangeSetName="by-hand", ChangeSetType="CREATE", TemplateBody=(ROOT / "infra/region.yaml").read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
    )
    cloudformation.execute_change_set(StackName="shop-logs", ChangeSetName="by-hand")
    return cloudformation.describe_stacks(StackName="shop-logs")["Stacks"][0]


def test_before_there_is_a_site(region):
    stack = deploy(region("cloudformation", "eu-west-1"), LogRetentionDays="7")
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    logs = region("logs", "eu-west-1")
    [group] = logs.describe_log_groups()["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == (GROUP, 7)
    assert region("logs", "us-east-1").describe_log_groups()["logGroups"] == []
    filters = logs.describe_metric_filters(logGroupName=GROUP)["metricFilters"]
    made = {(one["metricNamespace"], one["metricName"]) for each in filters for one in each["metricTransformations"]}
    alarms = region("cloudwatch", "eu-west-1").describe_alarms()["MetricAlarms"]
    assert {(one["Namespace"], one["MetricName"]) for one in alarms} == {("x402", f"{GROUP}/alarm"), ("x402", f"{GROUP}/operator")} < made
    topic = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}["AlarmTopicArn"]
    assert all(one["AlarmActions"] == [topic] for one in alarms) and ":eu-west-1:" in topic
    [subscription] = region("sns", "eu-west-1").list_subscriptions()["Subscriptions"]
    assert subscription["Endpoint"] == "seller@example.com"
    region("cloudformation", "eu-west-1").delete_stack(StackName="shop-logs")
    assert logs.describe_log_groups()["logGroups"] == []


@pytest.mark.parametrize("email", ["", "none"])
def test_no_address(region, email):
    stack = deploy(region("cloudformation", "eu-west-1"), AlarmEmail=email)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert region("sns", "eu-west-1").list_topics()["Topics"] == []


def test_where_the_sites_stack_has_the_group(aws, shop, region):
    home = region("cloudformation", "us-east-1")
    with pytest.raises(home.exceptions.ClientError, match="Set CreateLogGroup to no"):
        deploy(home)
    aws.by_hand("shop", "site.yaml", f"x402-artifacts-{ACCOUNT}", shop.zip(), ContentBucketName="files")
    assert deploy(home, CreateLogGroup="no")["StackStatus"] == "CREATE_COMPLETE"


def test_where_lambda_was_faster(region):
    logs = region("logs", "eu-west-1")
    logs.create_log_group(logGroupName=GROUP)
    cloudformation = region("cloudformation", "eu-west-1")
    assert deploy(cloudformation)["StackStatus"] == "ROLLBACK_COMPLETE"
    cloudformation.delete_stack(StackName="shop-logs")
    assert deploy(cloudformation, CreateLogGroup="no")["StackStatus"] == "CREATE_COMPLETE"
    # What the stack did not make keeps its lines for ever, unless somebody says otherwise.
    assert "retentionInDays" not in logs.describe_log_groups()["logGroups"][0]


@pytest.fixture
def arguments(shop):
    # Without the check, which would be packaged each time.
    return ["--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--parameter", "BookkeeperCodeKey=", "--yes"]


WATCHED = ["--alarm-email", "seller@example.com", "--buyers-in", "eu-west-1"]
REGIONS = ["eu-west-1", "us-east-1"]


def executed(aws):
    """Where stacks were changed, in order."""
    names = {}
    for call in aws.calls(operation="CreateChangeSet"):
        names[call["region"]] = names.get(call["region"], []) + [re.search(r"StackName=([\w-]+)", call["body"]).group(1)]
    return [(call["region"], names[call["region"]].pop(0)) for call in aws.calls(operation="ExecuteChangeSet")]


def groups(aws, region):
    return {one["logGroupName"]: one.get("retentionInDays") for one in aws.client("logs", region).describe_log_groups()["logGroups"]}


def addresses(aws, region):
    return [one["Endpoint"] for one in aws.client("sns", region).list_subscriptions()["Subscriptions"]]


# Streams in the Regions where the function is invoked, into a group of the same name everywhere:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html#lambda-at-edge-logs
class TestDeployed:
    def test_in_each_region_before_the_function_runs_there(self, aws, shop, arguments):
        said = aws.ok("deploy.sh", *arguments, *WATCHED, "--parameter", "LogRetentionDays=60")
        assert executed(aws) == [("eu-west-1", "shop-logs"), ("us-east-1", "shop"), ("us-east-1", "shop-logs"), ("us-east-1", "shop-watch")]
        assert "deploy stack shop-logs in eu-west-1: money alarms, log group /x402/shop, kept for 60 days" in said
        assert groups(aws, "eu-west-1") == {GROUP: 60} and groups(aws, "us-east-1")[GROUP] == 60
        assert addresses(aws, "eu-west-1") == ["seller@example.com"] and addresses(aws, "us-east-1") == ["seller@example.com"] * 2
        alarms = {r: aws.client("cloudwatch", r).describe_alarms(AlarmNamePrefix="shop-logs-")["MetricAlarms"] for r in REGIONS}
        assert [len(alarms[r]) for r in REGIONS] == [2, 2]
        # Regions and address are remembered.
        shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
        assert "this very function is deployed" in aws.ok("deploy.sh", *arguments)
        # One more, and another address, in every stack.
        aws.ok("deploy.sh", *arguments, "--alarm-email", "other@example.com", "--buyers-in", "eu-west-1", "--buyers-in", "sa-east-1")
        for stack, where in [("shop-watch", "us-east-1"), *(("shop-logs", r) for r in [*REGIONS, "sa-east-1"])]:
            assert aws.parameters(stack, where)["AlarmEmail"] == "other@example.com"
        assert "this very function is deployed" in aws.ok("deploy.sh", *arguments)

    def test_attached(self, aws, site, arguments):  # noqa: F811
        id_ = site()
        aws.ok("attach.sh", id_, *arguments, *WATCHED)
        assert executed(aws)[:2] == [("eu-west-1", "shop-logs"), ("us-east-1", "shop")]
        assert aws.parameters("shop-logs")["CreateLogGroup"] == "no" and groups(aws, "eu-west-1") == {GROUP: 30}
        assert "nothing to do" in aws.ok("attach.sh", id_, *arguments)

    @pytest.mark.parametrize("before, after", [(None, 30), (7, 7)])
    def test_where_the_group_is_there(self, aws, shop, arguments, before, after):
        logs = aws.client("logs", "eu-west-1")
        logs.create_log_group(logGroupName=GROUP)
        logs.create_log_group(logGroupName=f"{GROUP}-other")
        if before:
            logs.put_retention_policy(logGroupName=GROUP, retentionInDays=before)
        said = aws.ok("deploy.sh", *arguments, *WATCHED)
        assert aws.stack("shop-logs", "eu-west-1")["StackStatus"] == "CREATE_COMPLETE"
        assert aws.parameters("shop-logs", "eu-west-1")["CreateLogGroup"] == "no"
        assert groups(aws, "eu-west-1") == {GROUP: after, f"{GROUP}-other": None}
        assert ("keeps them for 30 days from now on" in said) == (before is None)
        shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
        assert "this very function is deployed" in aws.ok("deploy.sh", *arguments)
        # What is not the stack's stays.
        aws.ok("destroy.sh", "--stack", "shop", "--yes")
        assert groups(aws, "eu-west-1") == {GROUP: after, f"{GROUP}-other": None}

    def test_where_lambda_makes_the_group_meanwhile(self, aws, arguments):
        aws.client("logs", "eu-west-1").create_log_group(logGroupName=GROUP)
        aws.faults(requests=[{"service": "logs", "match": "DescribeLogGroups", "status": 200, "body": '{"logGroups": []}', "code": "", "message": ""}])
        aws.ok("deploy.sh", *arguments, *WATCHED)
        assert aws.parameters("shop-logs", "eu-west-1")["CreateLogGroup"] == "no"

    def test_a_failure_there_is_told_and_nothing_sells_yet(self, aws, arguments):
        aws.faults(fail_resources={"AlarmMoney": "no more alarms"})
        aws.refused("deploy.sh", *arguments, *WATCHED, says=["stack shop-logs could not be created", "no more alarms"])
        assert aws.stack("shop") is None
        aws.faults()
        aws.ok("deploy.sh", *arguments, *WATCHED)
        assert aws.stack("shop-logs", "eu-west-1")["StackStatus"] == "CREATE_COMPLETE"

    @pytest.mark.parametrize("status, says", [
        ("UPDATE_IN_PROGRESS", "`paywall status --stack shop` says that it is complete"),
        ("DELETE_FAILED", "aws cloudformation delete-stack --region eu-west-1 --stack-name shop-logs"),
    ])
    def test_states_in_between(self, aws, shop, arguments, status, says):
        aws.ok("deploy.sh", *arguments, *WATCHED)
        shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
        answer = f"""<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>
          <member><StackName>shop-logs</StackName><StackStatus>{status}</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime>
          <Tags><member><Key>x402-stack</Key><Value>shop</Value></member></Tags></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"""
        aws.faults(requests=[{"service": "cloudformation", "region": "eu-west-1", "match": "Action=DescribeStacks&", "status": 200,
                              "body": answer, "code": "", "message": ""}])
        said = aws.refused("deploy.sh", *arguments, says=says)
        assert "destroy" not in said

    def test_none_where_nothing_is_watched(self, aws, arguments):
        aws.ok("deploy.sh", *arguments, "--no-watch", "--buyers-in", "eu-west-1")
        assert executed(aws) == [("us-east-1", "shop")]


class TestStatus:
    def test_which_have_it_and_which_lack_it(self, aws, arguments):
        aws.ok("deploy.sh", *arguments, *WATCHED)
        said = aws.ok("status.sh", "--stack", "shop")
        assert all(f"{region}: stack shop-logs CREATE_COMPLETE" in said for region in REGIONS)
        aws.client("cloudformation", "eu-west-1").delete_stack(StackName="shop-logs")
        done = aws.run("status.sh", "--stack", "shop", "--fail")
        assert done.returncode == 1 and "eu-west-1: no stack shop-logs, so no alarms on money there" in done.all
        assert "makes shop-logs in eu-west-1" in done.all and "us-east-1: stack shop-logs CREATE_COMPLETE" in done.all

    def test_alarms_elsewhere(self, aws, arguments):
        aws.ok("deploy.sh", *arguments, *WATCHED)
        watch = aws.client("cloudwatch", "eu-west-1")
        [alarm, *_] = watch.describe_alarms(AlarmNamePrefix="shop-logs-")["MetricAlarms"]
        watch.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="ALARM", StateReason="test")
        assert f"look at alarm {alarm['AlarmName']} in eu-west-1" in aws.ok("status.sh", "--stack", "shop")

    def test_where_one_may_not_look(self, aws, arguments):
        aws.ok("deploy.sh", *arguments, *WATCHED)
        denied = {"service": "cloudformation", "match": "DescribeStacks", "status": 403, "code": "AccessDenied", "message": "not authorized"}
        aws.faults(requests=[{**denied, "region": "sa-east-1"}])
        assert "sa-east-1: these credentials may not look there" in aws.ok("status.sh", "--stack", "shop")
        aws.faults(requests=[{**denied, "region": "eu-west-1"}])
        aws.refused("status.sh", "--stack", "shop", says="asking for stack shop-logs in eu-west-1")
        aws.refused("destroy.sh", "--stack", "shop", "--yes", says="asking for stack shop-logs in eu-west-1")


def left(aws, *regions):
    return [(region, name) for region in [*REGIONS, *regions] for name in ["shop", "shop-logs", "shop-watch"] if aws.stack(name, region)]


class TestDestroyed:
    # eu-north-1 has no regional edge cache: it is found because it was chosen.
    NORTH = ["--buyers-in", "eu-north-1", *WATCHED]

    def test_in_each_region_after_the_site(self, aws, arguments):
        aws.ok("deploy.sh", *arguments, *self.NORTH)
        said = aws.ok("destroy.sh", "--stack", "shop", "--yes")
        assert "delete stack shop-logs in eu-west-1 (CREATE_COMPLETE): money alarms, log group /x402/shop" in said
        assert left(aws, "eu-north-1") == [] and groups(aws, "eu-west-1") == {}
        gone = [(call["region"], re.search(r"StackName=([\w-]+)", call["body"]).group(1)) for call in aws.calls(operation="DeleteStack")]
        assert gone == [("us-east-1", "shop-watch"), ("us-east-1", "shop"), ("eu-north-1", "shop-logs"), ("eu-west-1", "shop-logs"), ("us-east-1", "shop-logs")]
        assert "nothing: it is gone" in aws.ok("destroy.sh", "--stack", "shop", "--yes")

    # Three stacks of the site, two elsewhere, the function, the secrets, the packages.
    @pytest.mark.parametrize("changes", range(1, 9))
    def test_killed_after_any_change_it_goes_on(self, aws, arguments, changes):
        aws.ok("deploy.sh", *arguments, *self.NORTH)
        done = aws.run("destroy.sh", "--stack", "shop", "--yes", kill_after=changes)
        assert done.returncode == -9, done.all
        aws.ok("destroy.sh", "--stack", "shop", "--yes")
        assert left(aws, "eu-north-1") == [] and groups(aws, "eu-west-1") == {}

    def test_one_that_was_chosen_before(self, aws, shop, arguments):
        aws.ok("deploy.sh", *arguments, *WATCHED)
        shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
        aws.ok("deploy.sh", *arguments, "--buyers-in", "sa-east-1")
        aws.ok("destroy.sh", "--stack", "shop", "--yes")
        assert left(aws, "sa-east-1") == []


def test_killed_after_each_change_a_deployment_goes_on(aws, shop, arguments):
    def run(changes):
        mine = ["--stack", f"shop{changes}", *arguments[2:], *WATCHED]
        done = aws.run("deploy.sh", *mine, kill_after=changes)
        if (aws.stack(mine[1]) or {}).get("Outputs"):
            shop.write(url=f"https://{aws.outputs(mine[1])['DistributionDomainName']}")
        aws.ok("deploy.sh", *mine)
        whole(aws, mine[1])
        assert all(aws.stack(f"{mine[1]}-logs", region)["StackStatus"] == "CREATE_COMPLETE" for region in REGIONS)
        shop.write()
        return done

    assert killed_after_each_change(run) >= 13


class TestAddress:
    def test_it_is_asked_for_once(self, aws, shop, arguments):
        aws.refused("deploy.sh", *arguments, says=["who is told by the alarms", "--alarm-email none"])
        aws.refused("deploy.sh", *arguments, answer="nobody\n", says="not an address: nobody")
        assert not any(call["changes"] for call in aws.calls())
        said = aws.ok("deploy.sh", *arguments[:-1], answer="seller@example.com\nyes\n")
        assert said.count("Who is told by the alarms?") == 1
        assert aws.parameters("shop-watch")["AlarmEmail"] == aws.parameters("shop-logs")["AlarmEmail"] == "seller@example.com"
        shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
        assert "this very function is deployed" in aws.ok("deploy.sh", *arguments)

    def test_declined_by_name_and_remembered(self, aws, shop, arguments):
        aws.ok("deploy.sh", *arguments, "--alarm-email", "none")
        assert aws.parameters("shop-watch")["AlarmEmail"] == "none" and addresses(aws, "us-east-1") == []
        shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
        assert "this very function is deployed" in aws.ok("deploy.sh", *arguments)

    def test_a_stack_that_was_never_asked(self, aws, shop, arguments):
        aws.ok("deploy.sh", *arguments, "--no-watch")
        shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
        aws.refused("deploy.sh", *arguments, says="--alarm-email ADDRESS")

    @pytest.mark.parametrize("more, says", [
        (["--alarm-email", "a@b"], "write one address, or none"),
        (["--alarm-email", "none", "--no-watch"], "cannot be used with"),
        (["--parameter", "AlarmEmail=a@example.com"], "name it with --alarm-email"),
    ])
    def test_what_is_none(self, aws, arguments, more, says):
        aws.refused("deploy.sh", *arguments, *more, says=says)
        assert aws.calls() == []
