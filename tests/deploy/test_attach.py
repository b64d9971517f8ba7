"""attach.sh: a distribution that exists; what it refuses; back again."""

import json
import re

import pytest

from conftest import ACCOUNT, ROOT
from test_deploy import killed_after_each_change, whole

OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"


def behaviour(origin="content", **more):
    return {
        "TargetOriginId": origin,
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": {"Quantity": 3, "Items": ["GET", "HEAD", "OPTIONS"],
                           "CachedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]}},
        "CachePolicyId": OPTIMIZED,
        **more,
    }


def origin(name, bucket, path=""):
    return {"Id": name, "DomainName": f"{bucket}.s3.us-east-1.amazonaws.com", "OriginPath": path,
            "S3OriginConfig": {"OriginAccessIdentity": ""}}


@pytest.fixture
def site(aws, shop):
    """An owner's distribution on an owner's private bucket, in which the objects lie open unless it is not stocked."""

    def make(*behaviours, stocked=True, **more):
        s3, cloudfront = aws.client("s3"), aws.client("cloudfront")
        for bucket in ["owned", "pages"]:
            s3.create_bucket(Bucket=bucket)
            s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={
                "BlockPublicAcls": True, "IgnorePublicAcls": True,
                "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
        if stocked:
            aws.stock(shop, "owned")
        config = {
            "CallerReference": "owner", "Comment": "owner's", "Enabled": True,
            "Aliases": {"Quantity": 1, "Items": ["shop.example.com"]},
            "Origins": {"Quantity": 3, "Items": [
                origin("content", "owned"), origin("assets", "owned", "/assets"), origin("pages", "pages")]},
            "DefaultCacheBehavior": behaviour(),
            "CacheBehaviors": {"Quantity": len(behaviours), "Items": list(behaviours)} if behaviours else {"Quantity": 0},
            **more,
        }
        return cloudfront.create_distribution(DistributionConfig=config)["Distribution"]["Id"]

    return make


def signs(aws, id_):
    """The distribution asks as itself."""
    config = aws.config(id_)
    config["DistributionConfig"]["Origins"]["Items"][0]["OriginAccessControlId"] = "E327GJI25M56DG"
    aws.client("cloudfront").update_distribution(
        Id=id_, IfMatch=config["ETag"], DistributionConfig=config["DistributionConfig"])


def lets_read(aws, id_, *more):
    """The owner's bucket lets it, and has these statements as well."""
    allow = {"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject",
             "Resource": "arn:aws:s3:::owned/*", "Condition": {"StringEquals": {
                 "AWS:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/{id_}"}}}
    policy = {"Version": "2012-10-17", "Statement": [allow, *more]}
    aws.client("s3").put_bucket_policy(Bucket="owned", Policy=json.dumps(policy))


@pytest.fixture
def arguments(shop):
    return ["--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--no-watch", "--yes"]


def associations(config):
    return (config["DistributionConfig"]["DefaultCacheBehavior"]["LambdaFunctionAssociations"]).get("Items", [])


def test_attach_again_update_and_roll_back(aws, shop, site, arguments):
    id_ = site(behaviour("assets", PathPattern="/assets/*"))
    before = aws.config(id_)
    said = aws.ok("attach.sh", id_, *arguments)
    for text in ["every way to 2 priced objects leads past the function", "default: arn:aws:lambda:us-east-1",
                 "on viewer-request and viewer-response", "web ACL: arn:", "attached"]:
        assert text in said, text
    attached = aws.config(id_)
    version = aws.outputs()["FunctionVersionArn"]
    assert {(a["EventType"], a["LambdaFunctionARN"]) for a in associations(attached)} == {
        ("viewer-request", version), ("viewer-response", version)}
    assert attached["DistributionConfig"]["WebACLId"] == aws.outputs()["WebAclArn"]
    assert attached["DistributionConfig"]["CacheBehaviors"] == before["DistributionConfig"]["CacheBehaviors"]

    assert "nothing to do" in aws.ok("attach.sh", id_, *arguments)
    assert aws.config(id_)["ETag"] == attached["ETag"]

    aws.ok("attach.sh", id_, *arguments, "--zip", shop.zip("two"))
    assert {a["LambdaFunctionARN"] for a in associations(aws.config(id_))} == {aws.outputs()["FunctionVersionArn"]}
    assert aws.outputs()["FunctionVersionArn"] != version

    file = re.search(r"--rollback (\S+)", said).group(1)
    said = aws.ok("attach.sh", id_, "--stack", "shop", "--rollback", file, "--yes")
    assert "serve their content free" in said
    after = aws.config(id_)
    assert after["DistributionConfig"] == before["DistributionConfig"]
    assert "nothing to do" in aws.ok("attach.sh", id_, "--stack", "shop", "--rollback", file, "--yes")


REFUSED = {
    "an ungated *.jpg behaviour": (
        [behaviour(PathPattern="*.jpg")], {}, [],
        ["ungated-behaviour: behaviour `*.jpg`", "can reach 2 priced objects", "--path '*.jpg'"]),
    "/premium/* alone gated": (
        [behaviour(PathPattern="/premium/*")], {}, ["--path", "/premium/*"],
        ["ungated-behaviour: the default behaviour", "--path 'default'"]),
    "a custom error page on the same bucket": (
        [], {"CustomErrorResponses": {"Quantity": 1, "Items": [
            {"ErrorCode": 404, "ResponsePagePath": "/errors/404.html", "ResponseCode": "200", "ErrorCachingMinTTL": 10}]}}, [],
        ["error-page: the error page of 404 is /errors/404.html"]),
    "an origin group that fails over": (
        [behaviour("group", PathPattern="/old/*")],
        {"OriginGroups": {"Quantity": 1, "Items": [{
            "Id": "group", "FailoverCriteria": {"StatusCodes": {"Quantity": 1, "Items": [404]}},
            "Members": {"Quantity": 2, "Items": [{"OriginId": "pages"}, {"OriginId": "content"}]}}]}}, [],
        ["origin-group: behaviour `/old/*` leads past the function"]),
    "everything forwarded": (
        [], {"DefaultCacheBehavior": behaviour(OriginRequestPolicyId=ALL_VIEWER)}, [],
        ["query-forwarded", "cookies-forwarded", "header-forwarded"]),
    "a function on the same event": (
        [], {"DefaultCacheBehavior": behaviour(FunctionAssociations={"Quantity": 1, "Items": [
            {"FunctionARN": "arn:aws:cloudfront::111122223333:function/rewrite", "EventType": "viewer-request"}]})}, [],
        ["function-conflict: default has the CloudFront Function"]),
    "plain http": (
        [], {"DefaultCacheBehavior": behaviour(ViewerProtocolPolicy="allow-all")}, [], ["plain-http"]),
    "no such behaviour": ([], {}, ["--path", "/vip/*"], ["no behaviour has the path pattern"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_ways_round_are_refused(aws, site, arguments, case):
    behaviours, more, paths, says = REFUSED[case]
    id_ = site(*behaviours, **more)
    before = aws.config(id_)
    aws.refused("attach.sh", id_, *arguments, *paths, says=[*says, f"{id_} is untouched"])
    after = aws.config(id_)
    assert (after["ETag"], after["DistributionConfig"]) == (before["ETag"], before["DistributionConfig"])
    assert aws.stack("shop") is None


def test_mended_as_told(aws, site, arguments):
    id_ = site(behaviour(PathPattern="*.jpg"), behaviour("pages", PathPattern="/errors/*"))
    said = aws.ok("attach.sh", id_, *arguments, "--path", "default", "--path", "*.jpg")
    assert "which 2 behaviours name" in said
    # The next time it knows where it is.
    assert "nothing to do" in aws.ok("attach.sh", id_, *arguments)


def test_other_ways_to_the_bucket(aws, site, arguments):
    id_ = site()
    aws.client("s3").put_public_access_block(Bucket="owned", PublicAccessBlockConfiguration={
        "BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    other = aws.config(id_)["DistributionConfig"]
    other["CallerReference"] = "another"
    aws.client("cloudfront").create_distribution(DistributionConfig=other)
    aws.refused("attach.sh", id_, *arguments, says=["public-bucket: bucket owned", "other-distribution: distribution E"])


def test_timeout_falls_back(aws, site, arguments):
    id_ = site()
    aws.faults(association_max_timeout=5)
    said = aws.ok("attach.sh", id_, *arguments)
    assert "deploying with 5 s" in said
    arn = associations(aws.config(id_))[0]["LambdaFunctionARN"]
    assert aws.client("lambda").get_function(FunctionName=arn)["Configuration"]["Timeout"] == 5


def test_somebody_changes_the_distribution_meanwhile(aws, site, arguments):
    id_ = site()
    aws.faults(requests=[{"service": "cloudfront", "match": "PUT .*/config", "status": 412,
                          "code": "PreconditionFailed", "message": "The pre-conditions failed"}])
    aws.refused("attach.sh", id_, *arguments, says=["changed distribution", "run the same command again"])
    assert associations(aws.config(id_)) == []
    aws.faults()
    aws.ok("attach.sh", id_, *arguments)


def test_unknown_distributions(aws, arguments):
    aws.refused("attach.sh", "EDFDVBD6EXAMPLE", *arguments, says=["has no distribution EDFDVBD6EXAMPLE", "list-distributions"])
    aws.refused("attach.sh", "my-site", *arguments, says="name its id")


def test_a_rollback_file_of_another_distribution(aws, site, tmp_path):
    id_ = site()
    file = tmp_path / "other.json"
    file.write_text(json.dumps({"ETag": "E", "DistributionConfig": {"CallerReference": "another"}}))
    aws.refused("attach.sh", id_, "--rollback", file, "--yes", says="is of another distribution")


ENABLED = {"RealtimeMetricsSubscriptionConfig": {"RealtimeMetricsSubscriptionStatus": "Enabled"}}


class TestAdditionalMetrics:
    """A distribution has them once: from its owner, or from the watching stack."""

    @pytest.fixture
    def watched(self, aws, site, arguments):
        arguments.remove("--no-watch")
        cloudfront, id_ = aws.client("cloudfront"), site()

        class Watched:
            def attach(self, *more):
                return aws.ok("attach.sh", id_, *arguments, "--alarm-email", "none", *more)

            def refused(self, *more, says):
                return aws.refused("attach.sh", id_, *arguments, "--alarm-email", "none", *more, says=says)

            def made_by_stack(self):
                stack = aws.stack("shop-watch")
                return {p["ParameterKey"]: p["ParameterValue"] for p in stack["Parameters"]}["CreateAdditionalMetrics"]

            def subscribe(self, status="Enabled"):
                subscription = {"RealtimeMetricsSubscriptionConfig": {"RealtimeMetricsSubscriptionStatus": status}}
                cloudfront.create_monitoring_subscription(DistributionId=id_, MonitoringSubscription=subscription)

            def unsubscribe(self):
                cloudfront.delete_monitoring_subscription(DistributionId=id_)

            def subscribed(self):
                try:
                    return cloudfront.get_monitoring_subscription(DistributionId=id_)["MonitoringSubscription"] == ENABLED
                except cloudfront.exceptions.NoSuchMonitoringSubscription:
                    return False

        watched = Watched()
        watched.id = id_
        return watched

    def test_the_owners_are_left_alone(self, aws, watched):
        watched.subscribe()
        watched.attach()
        assert watched.made_by_stack() == "no" and watched.subscribed()
        assert "nothing to do" in watched.attach()
        aws.client("cloudformation").delete_stack(StackName="shop-watch")
        assert watched.subscribed()

        # The owner's gone, the stack makes its own.
        watched.attach()
        watched.unsubscribe()
        watched.attach()
        assert watched.made_by_stack() == "yes" and watched.subscribed()

    def test_the_stacks_own_stay_when_it_is_updated(self, aws, watched):
        watched.attach()
        assert watched.made_by_stack() == "yes" and watched.subscribed()
        told = ["--alarm-email", "ops@example.com"]
        watched.attach(*told)
        assert watched.made_by_stack() == "yes" and watched.subscribed()
        assert "nothing to do" in watched.attach(*told)
        aws.client("cloudformation").delete_stack(StackName="shop-watch")
        assert not watched.subscribed()

    def test_a_stack_from_before_the_parameter(self, aws, watched):
        template = (ROOT / "infra/watch.yaml").read_text()
        template = re.sub(r"  CreateAdditionalMetrics: {[^}]*}\n", "", template)
        template = template.replace(", CreateAdditionalMetrics]", "]").replace("    Condition: CreatesAdditionalMetrics\n", "")
        template = re.sub(r"  CreatesAdditionalMetrics:.*\n", "", template)
        assert "CreateAdditionalMetrics" not in template
        api, names = aws.client("cloudformation"), {"DistributionId": watched.id, "FunctionName": "f", "FunctionLogGroupName": "/x402/f"}
        api.create_change_set(
            StackName="shop-watch", ChangeSetName="old", ChangeSetType="CREATE", TemplateBody=template,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in names.items()])
        api.execute_change_set(StackName="shop-watch", ChangeSetName="old")
        assert aws.stack("shop-watch")["StackStatus"] == "CREATE_COMPLETE" and watched.subscribed()
        watched.attach()
        assert watched.made_by_stack() == "yes" and watched.subscribed()

    def test_turned_off(self, watched):
        watched.subscribe("Disabled")
        watched.refused(says="lets this script turn them on")

    def test_what_the_user_says_counts(self, watched):
        watched.attach("--parameter", "CreateAdditionalMetrics=no")
        assert watched.made_by_stack() == "no" and not watched.subscribed()

    def test_credentials_that_may_not_ask(self, aws, watched):
        aws.faults(requests=[{"service": "cloudfront", "match": "GET .*monitoring-subscription", "status": 403,
                              "code": "AccessDenied", "message": "not authorized"}])
        watched.refused(says=["asking for the additional metrics", "may not do that"])
        # Everything else is current by now: it ends before it changes anything.
        assert "== secrets" not in watched.refused(says="asking for the additional metrics")
        assert aws.stack("shop-watch") is None


# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
@pytest.mark.parametrize("tags, owner", [
    ({"aws:cloudformation:stack-name": "web", "aws:cloudformation:stack-id": "arn:aws:cloudformation:eu-west-1:1:stack/web/1"}, "web"),
    ({"ManagedBy": "Terraform"}, "terraform"),
])
def test_a_distribution_that_somebody_else_deploys(aws, site, arguments, tags, owner):
    """Its next deployment would take the function off."""
    id_ = site()
    arn = aws.client("cloudfront").get_distribution(Id=id_)["Distribution"]["ARN"]
    aws.client("cloudfront").tag_resource(Resource=arn, Tags={"Items": [{"Key": key, "Value": value} for key, value in tags.items()]})
    aws.refused("attach.sh", id_, *arguments, says=[f"is {owner}'s", "all is free", f"--accept-owner {owner}", "lambda_function_association"])
    assert aws.stack("shop") is None and not associations(aws.config(id_))
    aws.refused("attach.sh", id_, *arguments, "--accept-owner", "other", says=f"is {owner}'s")
    said = aws.ok("attach.sh", id_, *arguments, "--accept-owner", owner)
    assert f"LambdaFunctionARN: {aws.outputs()['FunctionVersionArn']}" in said and associations(aws.config(id_))


def test_a_distribution_of_a_stack_without_tags(aws, shop, site, arguments):
    aws.ok("deploy.sh", "--stack", "web", "--config", shop.config, "--zip", shop.zip("web"), "--no-watch", "--yes")
    id_ = aws.outputs("web")["DistributionId"]
    aws.refused("attach.sh", id_, "--stack", "guard", *arguments[2:], says="function-conflict")


def test_what_undid_it_is_told_by_status(aws, shop, site, arguments):
    id_ = site(behaviour("assets", PathPattern="/assets/*"))
    aws.ok("attach.sh", id_, *arguments)
    status = ["--stack", "shop", "--distribution", id_, "--fail"]
    assert "CHANGED" not in aws.run("status.sh", *status).all
    live = aws.config(id_)
    live["DistributionConfig"]["DefaultCacheBehavior"]["LambdaFunctionAssociations"] = {"Quantity": 0}
    aws.client("cloudfront").update_distribution(Id=id_, IfMatch=live["ETag"], DistributionConfig=live["DistributionConfig"])
    done = aws.run("status.sh", *status)
    assert done.returncode == 1 and "CHANGED" in done.all and "association-removed" in done.all
    facts = json.loads(aws.run("status.sh", *status, "--json").stdout)["facts"]
    assert any(fact["what"] == "CHANGED" and "association-removed" in fact["is"] for fact in facts)


def test_killed_after_each_change_it_goes_on(aws, shop, site, arguments):
    id_ = site(behaviour("assets", PathPattern="/assets/*"))

    def run(changes):
        mine = [*arguments, "--zip", shop.zip(f"attach {changes}")]
        done = aws.run("attach.sh", id_, *mine, kill_after=changes)
        aws.ok("attach.sh", id_, *mine)
        whole(aws, "shop", "--distribution", id_)
        assert {a["LambdaFunctionARN"] for a in associations(aws.config(id_))} == {aws.outputs()["FunctionVersionArn"]}
        assert "nothing to do" in aws.ok("attach.sh", id_, *mine)
        return done

    # The first one makes the stack; each later one changes it.
    assert killed_after_each_change(run) >= 7
