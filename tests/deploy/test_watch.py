"""`paywall watch`: a site whose function is in its owner's code, Terraform's or CDK's."""

import json

import pytest
from conftest import ACCOUNT
from test_attach import behaviour, site  # noqa: F401 - a fixture
from test_bookkeeper import bootstrap  # noqa: F401 - a fixture

ACL_RULE = {
    "Name": "limit-payments", "Priority": 0, "Action": {"Block": {}},
    "Statement": {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP"}},
    "VisibilityConfig": {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"},
}


class Owner:
    """What the owner's code does, by AWS's own calls."""

    name, function = "terraform", "shop-paywall"

    def __init__(self, aws, shop, id_):
        self.aws, self.shop, self.id = aws, shop, id_

    def watch(self, zip_, *more, run=None, **how):
        command = ["watch", self.id, "--stack", "shop", "--config", self.shop.config, "--zip", zip_, "--yes", *more]
        return (run or self.aws.run)("paywall.sh", *command, **how)

    def watched(self, zip_, *more):
        return self.watch(zip_, *more, run=self.aws.ok)

    def code(self, said):
        """The lines that the code is to have."""
        [bucket] = [line for line in said.splitlines() if "ucket" in line and f'"x402-artifacts-{ACCOUNT}' in line]
        [key] = [line for line in said.splitlines() if '"shop/' in line]
        return bucket.split('"')[1], key.split('"')[1]

    def apply(self, bucket, key):
        """Publishes a version of this package, and has the distribution name it."""
        lambda_ = self.aws.client("lambda")
        try:
            lambda_.get_function(FunctionName=self.function)
            lambda_.update_function_code(FunctionName=self.function, S3Bucket=bucket, S3Key=key)
        except lambda_.exceptions.ResourceNotFoundException:
            trust = {"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": {"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]}}]}
            role = self.aws.client("iam").create_role(RoleName="owners", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
            lambda_.create_function(
                FunctionName=self.function, Runtime="python3.13", Role=role, Handler="index.handler", Timeout=30,
                Description="x402 paywall of stack shop; attempt first", Code={"S3Bucket": bucket, "S3Key": key})
        version = lambda_.publish_version(FunctionName=self.function)["FunctionArn"]
        self.associate(version)
        return version

    def acl(self):
        wafv2 = self.aws.client("wafv2")
        found = [one["ARN"] for one in wafv2.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]]
        return found[0] if found else wafv2.create_web_acl(
            Name="shop-paywall", Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, Rules=[ACL_RULE],
            VisibilityConfig=ACL_RULE["VisibilityConfig"])["Summary"]["ARN"]

    def associate(self, version):
        events = ["viewer-request", "viewer-response"]
        items = [{"LambdaFunctionARN": version, "EventType": event, "IncludeBody": False} for event in events]
        acl = self.acl()

        def change(config):
            config["DefaultCacheBehavior"]["LambdaFunctionAssociations"] = {"Quantity": 2, "Items": items} if version else {"Quantity": 0}
            config["WebACLId"] = acl

        self.change(change)

    def change(self, change):
        api, now = self.aws.client("cloudfront"), self.aws.config(self.id)
        change(now["DistributionConfig"])
        api.update_distribution(Id=self.id, IfMatch=now["ETag"], DistributionConfig=now["DistributionConfig"])
        self.aws.client("cloudfront").get_distribution(Id=self.id)

    def status(self, *says):
        done = self.aws.run("status.sh", "--stack", "shop", "--fail")
        assert (done.returncode == 0) == ("all is as it should be" in done.all), done.all
        for text in says:
            assert text in done.all, f"{text!r} is not in:\n{done.all}"
        return done.all

    def expected(self):
        body = self.aws.client("s3").get_object(Bucket=self.aws.artifacts(), Key="shop/expected.json")["Body"]
        return json.loads(body.read())


class Cdk(Owner):
    """A stack of CDK's that is called as the site is: it has no parameters of this tool's."""

    name, function = "cdk", "shop-EdgeFunction-1A2B3C4D"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        topic = {"Resources": {"Other": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"FunctionVersionArn": {"Value": "arn:of:cdk"}}}
        self.aws.client("cloudformation").create_stack(StackName="shop", TemplateBody=json.dumps(topic))


@pytest.fixture(params=[Owner, Cdk], ids=lambda owner: owner.name)
def owner(request, aws, shop, site):  # noqa: F811
    shop.write(url="https://shop.example.com")
    return request.param(aws, shop, site())


def found(said):
    return {line.split()[1].rstrip(":") for line in said.splitlines() if line.startswith("CHANGED")}


def test_from_the_first_package_to_the_end_of_the_watching(owner, aws, shop):
    one, two, three = (shop.zip(code) for code in ("one", "two", "three"))
    applies = {"terraform": "`terraform apply`", "cdk": "`cdk deploy`"}[owner.name]
    assert "nobody has said whose code" in owner.watch(one).all
    first = owner.watch(one, "--owner", owner.name)
    assert first.returncode == 3 and applies in first.all, first.all
    hash_ = json.loads(one.with_suffix(".json").read_text())["codeSha256"]
    assert f'"{hash_}"' in first.all and aws.stack("shop-watch") is None
    # The tool's own commands leave it alone, and say where it is.
    owner.apply(*owner.code(first.all))
    if owner.name == "terraform":
        owner.status("`paywall watch ID --stack shop --owner terraform`")
    else:
        owner.status("none of this tool's", "--owner cdk")
        for script in ["deploy.sh", "destroy.sh"]:
            config = ["--config", shop.config, "--zip", one] if script == "deploy.sh" else []
            aws.refused(script, "--stack", "shop", "--yes", *config, says="none of this tool's, as CDK's are")
    before = len(aws.calls(service="cloudfront", changes=True))
    said = owner.watched(one, "--owner", owner.name, "--alarm-email", "none")
    assert "every way to 2 priced objects leads past the function" in said and "watched" in said
    # It changes nothing that sells.
    tool = [c for c in aws.calls(service="cloudfront", changes=True)[before:] if c["run"] and "monitoring" not in c["path"]]
    assert tool == []
    assert "nothing to do" in owner.watched(one)
    parameters = aws.parameters("shop-watch")
    assert (parameters["OwnedBy"], parameters["FunctionName"]) == (owner.name, owner.function)
    assert parameters["WebAclName"] == "shop-paywall" and parameters["ExpectedKey"] == "shop/expected.json"
    tags = {tag["Key"]: tag["Value"] for tag in aws.stack("shop-watch")["Tags"]}
    assert tags["x402-site"] == "deploy" and tags["x402-payees-1"]
    assert owner.expected()["v"] == 2 and owner.expected()["owned"] == {"by": owner.name, "code_sha256": [hash_]}
    owner.status(f"{owner.name}: its owner's code has the function", "prices        table ", "all is as it should be")

    # A package that nobody was told of, and one that is expected.
    s3 = aws.client("s3")
    s3.put_object(Bucket="owned", Key="two.zip", Body=two.read_bytes())
    owner.apply("owned", "two.zip")
    said = owner.status("is not the version that was deployed", applies, "`paywall watch --zip`")
    assert found(said) == {"other-version"} and "paywall attach" not in said
    last = owner.watch(three)
    assert last.returncode == 3
    owner.status("is brought, and not live")
    owner.apply(*owner.code(last.all))
    assert found(owner.status()) == set()
    # The same package in another version.
    owner.apply(*owner.code(last.all))
    assert found(owner.status()) == set()
    assert "watched" in owner.watched(three)

    version = owner.expected()["version"]
    owner.associate("")
    said = owner.status("has no function on viewer-request", applies)
    assert found(said) == {"association-removed"} and "attach again" not in said
    owner.associate(version)
    owner.change(lambda c: c.update(WebACLId=""))
    assert found(owner.status(applies)) == {"web-acl-gone"}
    owner.associate(version)
    assert found(owner.status()) == set()

    aws.refused("roll-back.sh", "--stack", "shop", says=["is in its owner's code", applies])
    said = aws.ok("destroy.sh", "--stack", "shop", "--yes")
    assert "not watched any more" in said and aws.stack("shop-watch") is None and aws.stack("shop-logs") is None
    assert aws.client("lambda").get_function(FunctionName=owner.function)
    assert s3.head_object(Bucket=aws.artifacts(), Key=owner.code(last.all)[1])
    if owner.name == "terraform":
        # Nor does it end what it does not know any more.
        assert "it is gone" in aws.run("destroy.sh", "--stack", "shop", "--yes", "--artifact-bucket", "owned").all
        assert aws.client("lambda").get_function(FunctionName=owner.function)


def test_what_leads_round_is_not_watched(owner, aws, shop):
    one = shop.zip("one")
    owner.apply(*owner.code(owner.watch(one, "--owner", owner.name).all))

    def open_(config):
        config["CacheBehaviors"] = {"Quantity": 1, "Items": [behaviour(PathPattern="*.pdf")]}

    owner.change(open_)
    says = ["ungated-behaviour", "leads round the function, and nothing is written down"]
    owner.watch(one, "--owner", owner.name, "--alarm-email", "none", run=lambda *a, **m: aws.refused(*a, says=says, **m))
    assert aws.stack("shop-watch") is None


# One owner is enough: what differs between them is in the first test.
@pytest.mark.parametrize("owner", [Cdk], ids=["cdk"], indirect=True)
def test_the_site_goes_over_and_comes_back(owner, aws, shop):
    """From a stack of this tool's into its owner's code, under another name, and back."""
    attach = ["attach.sh", owner.id, "--stack", "mine", "--config", shop.config, "--yes", "--alarm-email", "none"]
    aws.ok(*attach, "--zip", shop.zip("one"))
    one = shop.zip("one")
    aws.refused("paywall.sh", "watch", owner.id, "--stack", "mine", "--owner", owner.name, "--config", shop.config, "--zip", one,
                "--yes", says="is this tool's own")
    owner.apply(*owner.code(owner.watch(one, "--owner", owner.name).all))
    assert "watched" in owner.watched(one, "--owner", owner.name, "--alarm-email", "none")
    assert aws.parameters("shop-watch")["CreateAdditionalMetrics"] == "no"
    said = aws.run("status.sh", "--stack", "mine", "--distribution", owner.id, "--fail").all
    assert {"other-function", "web-acl-other"} >= found(said) >= {"other-function"} and "`paywall destroy` takes this stack down" in said
    aws.ok("destroy.sh", "--stack", "mine", "--yes")
    # Its metrics went with it.
    assert "watched" in owner.watched(one)
    assert aws.parameters("shop-watch")["CreateAdditionalMetrics"] == "yes"
    assert found(owner.status()) == set()

    owner.change(lambda c: c["DefaultCacheBehavior"].update(LambdaFunctionAssociations={"Quantity": 0}) or c.update(WebACLId=""))
    aws.ok(*attach, "--zip", shop.zip("one"))
    assert found(owner.status()) == {"association-removed", "web-acl-other"} or found(owner.status()) == {"other-function", "web-acl-other"}
    aws.ok("destroy.sh", "--stack", "shop", "--yes")
    assert found(aws.run("status.sh", "--stack", "mine", "--distribution", owner.id).all) == set()


@pytest.mark.parametrize("owner", [Owner], ids=["terraform"], indirect=True)
def test_killed_after_each_change(owner, aws, shop):
    one = shop.zip("one")
    owner.apply(*owner.code(owner.watch(one, "--owner", owner.name).all))
    for changes in range(1, 20):
        done = owner.watch(one, "--owner", owner.name, "--alarm-email", "none", kill_after=changes)
        if done.returncode == 0:
            break
        assert found(aws.run("status.sh", "--stack", "shop").all) == set()
    assert changes > 3 and "nothing to do" in owner.watched(one)
    assert owner.expected()["owned"]["by"] == owner.name


@pytest.mark.parametrize("owner", [Owner], ids=["terraform"], indirect=True)
@pytest.mark.skipif("not __import__('os').environ.get('BOOKKEEPER')", reason="BOOKKEEPER names no package")
def test_the_check_asks_lambda_for_what_is_not_known_alone(owner, aws, shop, bootstrap):  # noqa: F811
    from test_bookkeeper import Site

    one = shop.zip("one")
    code = owner.code(owner.watch(one, "--owner", owner.name).all)
    owner.apply(*code)
    owner.watched(one, "--owner", owner.name, "--alarm-email", "none")
    check = Site.__new__(Site)
    check.aws, check.bootstrap, check.id = aws, bootstrap, owner.id
    assert check.look().codes == []
    assert {call["service"] for call in aws.calls(run="check")} == {"cloudfront", "s3", "sts", "wafv2"}
    owner.apply(*code)
    assert check.look().codes == []
    assert "lambda" in {call["service"] for call in aws.calls(run="check")}
    aws.client("s3").put_object(Bucket="owned", Key="two.zip", Body=shop.zip("two").read_bytes())
    owner.apply("owned", "two.zip")
    assert check.look().codes == ["other-version", "other-version"]
    aws.faults(requests=[{"service": "lambda", "match": "GET .*/configuration.*", "status": 403, "code": "AccessDeniedException", "message": "no"}])
    assert check.look().end == "error"
