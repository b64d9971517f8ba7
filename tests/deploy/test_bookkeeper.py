"""The scheduled check, started as Lambda's `provided` runtimes start it, against the mocked control plane.

BOOKKEEPER is its package; RECORD the example that records a deployment as `paywall deploy` does.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import pytest
from conftest import ACCOUNT, ROOT

sys.path.insert(0, str(ROOT / "tests/package"))

from runtime_api import RuntimeApi  # noqa: E402

# What EventBridge sends on schedule, as AWS shows it:
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
SCHEDULED = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2015-10-08T16:53:06Z",
    "region": "us-east-1",
    "resources": ["arn:aws:events:us-east-1:123456789012:rule/my-scheduled-rule"],
    "detail": {},
}
ARTIFACTS = f"x402-artifacts-{ACCOUNT}"
PACKAGE = os.environ.get("BOOKKEEPER", "")
pytestmark = pytest.mark.skipif(not PACKAGE, reason="BOOKKEEPER names no package")


@pytest.fixture(scope="session")
def bootstrap(tmp_path_factory):
    """What Lambda starts: unpacked with its mode."""
    folder = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(PACKAGE) as archive:
        [entry] = archive.infolist()
        path = Path(archive.extract(entry, folder))
        path.chmod(entry.external_attr >> 16)
    assert path.name == "bootstrap"
    return path


class Site:
    """A site and its watching stack, recorded as a deployment records it."""

    def __init__(self, aws, shop, bootstrap):
        self.aws, self.bootstrap = aws, bootstrap
        aws.by_hand("shop", "site.yaml", ARTIFACTS, shop.zip(), ContentBucketName=f"shop-content-{ACCOUNT}")
        self.outputs = aws.outputs("shop")
        self.id = self.outputs["DistributionId"]
        self.version = self.outputs["FunctionVersionArn"]
        self.record()
        aws.client("s3").put_object(Bucket=ARTIFACTS, Key="shop/bookkeeper-1.zip", Body=b"PK\x05\x06" + bytes(18))
        self.stack("shop-watch", "watch.yaml", DistributionId=self.id, FunctionName=self.outputs["FunctionName"], FunctionLogGroupName=self.outputs["FunctionLogGroupName"],
                   WebAclName=self.outputs["WebAclName"], WebAclArn=self.outputs["WebAclArn"], WatchTrail="yes",
                   BookkeeperCodeBucket=ARTIFACTS, BookkeeperCodeKey="shop/bookkeeper-1.zip", ExpectedKey="shop/expected.json")

    def stack(self, name, template, **parameters):
        api = self.aws.client("cloudformation")
        api.create_change_set(
            StackName=name, ChangeSetName="by-hand", ChangeSetType="CREATE", Capabilities=["CAPABILITY_IAM"],
            TemplateBody=(ROOT / "infra" / template).read_text(),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        )
        api.execute_change_set(StackName=name, ChangeSetName="by-hand")
        assert self.aws.stack(name)["StackStatus"] == "CREATE_COMPLETE", api.describe_stack_events(StackName=name)["StackEvents"]

    def environment(self, run, **more):
        return {
            "AWS_ENDPOINT_URL": self.aws.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": "test",
            "AWS_SDK_UA_APP_ID": run, "PATH": "/usr/bin:/bin", **more,
        }

    def record(self, *patterns):
        """Without patterns of its own: the site's."""
        said = [ARTIFACTS, "shop", self.id, self.version, self.outputs["WebAclArn"], *(patterns or ["default"])]
        subprocess.run([os.environ["RECORD"], *said], env=self.environment("record"), check=True)

    def begin(self):
        said = [ARTIFACTS, "shop", self.id, self.version, ""]
        subprocess.run([os.environ["RECORD"], *said], env=self.environment("record"), check=True)

    def function(self):
        """The check as its stack has it in Lambda."""
        name = self.aws.outputs("shop-watch")["CheckFunctionName"]
        return self.aws.client("lambda").get_function(FunctionName=name)["Configuration"]

    @contextlib.contextmanager
    def check(self, **more):
        """The process, with the environment that its stack gives it."""
        api = RuntimeApi()
        with tempfile.TemporaryFile("w+") as out:
            environment = self.environment(
                "check", AWS_LAMBDA_RUNTIME_API=api.address, AWS_LAMBDA_FUNCTION_NAME="check", AWS_LAMBDA_FUNCTION_VERSION="$LATEST",
                AWS_LAMBDA_FUNCTION_MEMORY_SIZE="128", _HANDLER="bootstrap", **self.function()["Environment"]["Variables"], **more,
            )
            process = subprocess.Popen([self.bootstrap], cwd=self.bootstrap.parent, env=environment, stdout=out, stderr=subprocess.STDOUT)
            try:
                yield Running(api, out)
            finally:
                process.kill()
                process.wait()
                api.close()

    def look(self):
        with self.check() as running:
            return running.look()

    def change(self, change):
        """What the distribution's owner does."""
        api = self.aws.client("cloudfront")
        now = api.get_distribution_config(Id=self.id)
        change(now["DistributionConfig"])
        api.update_distribution(Id=self.id, IfMatch=now["ETag"], DistributionConfig=now["DistributionConfig"])

    def alarm(self, name):
        alarms = self.aws.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"shop-watch-{name}-")["MetricAlarms"]
        [alarm] = alarms
        return alarm


class Running:
    def __init__(self, api, out):
        self.api, self.out, self.read = api, out, 0

    def look(self, event=SCHEDULED):
        """How the invocation ended, and the lines of JSON that it left in the log."""
        end, body = self.api.invoke(event)
        self.out.flush()
        self.out.seek(self.read)
        text = self.out.read()
        self.read = self.out.tell()
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        print(end, body, text)
        return Look(end, body, lines)


class Look:
    def __init__(self, end, body, lines):
        self.end, self.body = end, body
        self.codes = [line["finding"] for line in lines if "finding" in line]
        self.metrics = [metric for line in lines if "_aws" in line for metric in extracted(line)]
        assert all(line["what"] and line["mend"] for line in lines if "finding" in line)


def extracted(line):
    """What CloudWatch makes of a line: namespace, name, dimensions, value.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    # Not older than two weeks, and not two hours ahead.
    assert abs(line["_aws"]["Timestamp"] / 1000 - time.time()) < 60
    for directive in line["_aws"]["CloudWatchMetrics"]:
        for metric in directive["Metrics"]:
            for names in directive["Dimensions"]:
                assert all(isinstance(line[name], str) for name in names)
                assert isinstance(line[metric["Name"]], int) and metric["Unit"] == "Count"
                yield directive["Namespace"], metric["Name"], {name: line[name] for name in names}, line[metric["Name"]]


def rings(alarm, metrics):
    """Whether an alarm rings on what came in one period, by its own statistic and threshold."""
    dimensions = {one["Name"]: one["Value"] for one in alarm["Dimensions"]}
    wanted = (alarm["Namespace"], alarm["MetricName"], dimensions)
    values = [value for *metric, value in metrics if tuple(metric) == wanted]
    statistic = {"Maximum": lambda: max(values), "SampleCount": lambda: len(values)}[alarm["Statistic"]]
    if not values:
        return alarm["TreatMissingData"] == "breaching"
    compare = {"GreaterThanThreshold": lambda a, b: a > b, "LessThanThreshold": lambda a, b: a < b}
    return compare[alarm["ComparisonOperator"]](statistic(), alarm["Threshold"])


@pytest.fixture
def site(aws, shop, bootstrap):
    return Site(aws, shop, bootstrap)


def found(site, *codes):
    look = site.look()
    assert look.end == "response" and look.body == {"findings": len(codes)}
    assert look.codes == list(codes)
    assert len(look.metrics) == 1
    assert rings(site.alarm("AlarmNotAsDeployed"), look.metrics) == bool(codes)
    assert not rings(site.alarm("AlarmCheckSilent"), look.metrics)


def test_all_well(site, aws):
    found(site)
    assert rings(site.alarm("AlarmCheckSilent"), [])
    assert not rings(site.alarm("AlarmNotAsDeployed"), [])
    # It asks what its role allows, which is to read, and names the bucket's owner.
    asked = aws.calls(run="check")
    assert not any(call["changes"] for call in asked)
    assert {call["service"] for call in asked} == {"cloudfront", "s3", "sts", "wafv2"}
    [read] = [call for call in asked if call["service"] == "s3"]
    assert read["path"].endswith("/shop/expected.json") and read["expected_bucket_owner"] == ACCOUNT


def test_the_stack_starts_it_every_five_minutes(site, aws):
    function, events = site.function(), aws.client("events")
    assert (function["Runtime"], function["Handler"], function["Timeout"]) == ("provided.al2023", "bootstrap", 60)
    [schedule] = events.list_rules(NamePrefix="shop-watch-CheckSchedule-")["Rules"]
    assert (schedule["ScheduleExpression"], schedule["State"]) == ("rate(5 minutes)", "ENABLED")
    [on_change] = events.list_rules(NamePrefix="shop-watch-CheckOnChange-")["Rules"]
    policy = json.loads(aws.client("lambda").get_policy(FunctionName=function["FunctionName"])["Policy"])
    allowed = {one["Condition"]["ArnLike"]["AWS:SourceArn"] for one in policy["Statement"]}
    assert allowed == {schedule["Arn"], on_change["Arn"]}
    for rule in (schedule, on_change):
        [target] = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        assert target["Arn"] == function["FunctionArn"]


def test_the_association_is_removed(site):
    site.change(lambda c: c["DefaultCacheBehavior"].update(LambdaFunctionAssociations={"Quantity": 0}))
    found(site, "association-removed", "association-removed")


@pytest.mark.parametrize("event", ["viewer-request", "viewer-response"])
def test_one_event_alone_is_removed(site, event):
    def change(config):
        associations = config["DefaultCacheBehavior"]["LambdaFunctionAssociations"]
        associations["Items"] = [one for one in associations["Items"] if one["EventType"] != event]
        associations["Quantity"] = 1

    site.change(change)
    found(site, "association-removed")


def test_a_behaviour_is_put_before(site):
    def change(config):
        open_ = {**config["DefaultCacheBehavior"], "PathPattern": "*.pdf", "LambdaFunctionAssociations": {"Quantity": 0}}
        config["CacheBehaviors"] = {"Quantity": 1, "Items": [open_]}

    site.change(change)
    found(site, "behaviour-before")


def another_version(site):
    """As somebody publishes it."""
    api, name = site.aws.client("lambda"), site.outputs["FunctionName"]
    api.update_function_configuration(FunctionName=name, Description="another")
    arn = api.publish_version(FunctionName=name)["FunctionArn"]
    assert arn != site.version

    def change(config):
        for association in config["DefaultCacheBehavior"]["LambdaFunctionAssociations"]["Items"]:
            association["LambdaFunctionARN"] = arn

    site.change(change)
    return arn


def test_another_version(site):
    another_version(site)
    found(site, "other-version", "other-version")


def test_a_deployment_under_way_and_then_recorded(site):
    site.begin()
    version = another_version(site)
    found(site)
    site.version = version
    site.record()
    found(site)
    # It has ended by being recorded.
    another_version(site)
    found(site, "other-version", "other-version")


def test_the_web_acl_is_taken_off(site):
    site.change(lambda c: c.update(WebACLId=""))
    found(site, "web-acl-gone")


def acl(site):
    name, identity = site.outputs["WebAclArn"].split("/")[-2:]
    return {"Name": name, "Id": identity, "Scope": "CLOUDFRONT"}


def test_the_web_acl_is_deleted(site):
    api = site.aws.client("wafv2")
    api.delete_web_acl(**acl(site), LockToken=api.get_web_acl(**acl(site))["LockToken"])
    found(site, "web-acl-gone")


def test_the_web_acl_limits_nothing(site):
    """moto keeps all rules when it is to keep none, so one stays."""
    api = site.aws.client("wafv2")
    now = api.get_web_acl(**acl(site))
    kept = {key: now["WebACL"][key] for key in ("DefaultAction", "VisibilityConfig")}
    rules = [rule for rule in now["WebACL"]["Rules"] if not rule["Name"].startswith("limit-")]
    assert len(rules) == 1
    api.update_web_acl(**acl(site), LockToken=now["LockToken"], Rules=rules, **kept)
    found(site, "web-acl-changed")


def test_the_distribution_is_gone(site):
    site.change(lambda c: c.update(Enabled=False))
    found(site, "distribution-disabled")
    api = site.aws.client("cloudfront")
    api.delete_distribution(Id=site.id, IfMatch=api.get_distribution_config(Id=site.id)["ETag"])
    found(site, "distribution-gone")


def test_what_was_deployed_is_gone_or_another_shops(site, aws):
    s3 = aws.client("s3")
    document = json.loads(s3.get_object(Bucket=ARTIFACTS, Key="shop/expected.json")["Body"].read())
    for body, code in [({**document, "distribution": "E2SECONDSHOP"}, "expected-of-another"), ({**document, "v": 2}, "expected-unreadable")]:
        s3.put_object(Bucket=ARTIFACTS, Key="shop/expected.json", Body=json.dumps(body).encode())
        found(site, code)
    s3.delete_object(Bucket=ARTIFACTS, Key="shop/expected.json")
    found(site, "expected-gone")


@pytest.mark.parametrize("service, match", [("cloudfront", "GET .*/config"), ("wafv2", "GetWebACL"), ("s3", "GET .*expected.json")])
def test_an_aws_that_does_not_say_fails_the_invocation(site, aws, service, match):
    with site.check() as running:
        aws.faults(requests=[{"service": service, "match": match, "status": 403, "code": "AccessDenied", "message": "not authorized"}])
        look = running.look()
        assert look.end == "error" and "AccessDenied" in look.body["errorMessage"]
        # Lambda counts it, and no metric says that all is well.
        assert look.metrics == [] and look.codes == []
        errors = site.alarm("AlarmCheckFails")
        assert (errors["Namespace"], errors["MetricName"]) == ("AWS/Lambda", "Errors")
        assert errors["Dimensions"] == [{"Name": "FunctionName", "Value": site.function()["FunctionName"]}]
        # The same process looks again.
        aws.faults()
        again = running.look()
        assert again.end == "response" and again.body == {"findings": 0}


def test_an_event_of_a_trail_starts_it_as_well(site):
    """Shortened from https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/logging_using_cloudtrail.html"""
    event = {
        **SCHEDULED, "detail-type": "AWS API Call via CloudTrail", "source": "aws.cloudfront", "resources": [],
        "detail": {"eventSource": "cloudfront.amazonaws.com", "eventName": "UpdateDistribution", "requestParameters": {"id": site.id}},
    }
    with site.check() as running:
        assert running.look(event).body == {"findings": 0}
        assert running.look().body == {"findings": 0}


@pytest.mark.parametrize("lacks", ["STACK", "DISTRIBUTION_ID", "EXPECTED_BUCKET", "EXPECTED_KEY"])
def test_it_does_not_start_without_its_settings(site, lacks):
    environment = {**site.environment("check", AWS_LAMBDA_RUNTIME_API="127.0.0.1:1"), **site.function()["Environment"]["Variables"]}
    del environment[lacks]
    done = subprocess.run([site.bootstrap], env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode != 0 and f"{lacks} is not set" in done.stderr


def test_a_stack_without_the_check_has_none_of_it(site, aws):
    site.stack("bare-watch", "watch.yaml", DistributionId=site.id, FunctionName="f", FunctionLogGroupName="/x402/f", CreateAdditionalMetrics="no")
    assert "CheckFunctionName" not in aws.outputs("bare-watch")
    assert not aws.client("events").list_rules(NamePrefix="bare-watch")["Rules"]
    with pytest.raises(aws.client("cloudformation").exceptions.ClientError, match="BookkeeperCodeKey needs BookkeeperCodeBucket"):
        site.stack("half-watch", "watch.yaml", DistributionId=site.id, FunctionName="f", FunctionLogGroupName="/x402/f", BookkeeperCodeKey="a.zip")
