"""The stack of a Region where buyers are: the log's retention before the edge writes, and the alarms on money."""

import boto3
import pytest
from conftest import ACCOUNT, ROOT

GROUP = "/x402/shop"


@pytest.fixture
def region(aws):
    def client(service, name):
        return boto3.client(service, endpoint_url=aws.url, region_name=name, aws_access_key_id="test", aws_secret_access_key="test")

    return client


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
    assert {(one["Namespace"], one["MetricName"]) for one in alarms} == made == {("x402", f"{GROUP}/alarm"), ("x402", f"{GROUP}/operator")}
    topic = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}["AlarmTopicArn"]
    assert all(one["AlarmActions"] == [topic] for one in alarms) and ":eu-west-1:" in topic
    [subscription] = region("sns", "eu-west-1").list_subscriptions()["Subscriptions"]
    assert subscription["Endpoint"] == "seller@example.com"
    region("cloudformation", "eu-west-1").delete_stack(StackName="shop-logs")
    assert logs.describe_log_groups()["logGroups"] == []


def test_no_address(region):
    stack = deploy(region("cloudformation", "eu-west-1"), AlarmEmail="")
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
