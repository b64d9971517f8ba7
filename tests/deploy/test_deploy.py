"""deploy.sh: a new site, its updates, and each way in which it can fail."""

import json
import zipfile

import pytest

from conftest import ACCOUNT, PAYEE


@pytest.fixture
def arguments(shop):
    return ["--stack", "shop", "--config", shop.config, "--zip", shop.zip(), "--no-watch", "--yes"]


def test_create_no_op_and_update(aws, shop, arguments):
    said = aws.ok("deploy.sh", *arguments)
    for text in ["create the site of stack shop in us-east-1", "$0.01", "eip155:84532", PAYEE,
                 "sha256", "SSM /x402/shop version 1", f"s3://shop-content-{ACCOUNT}-",
                 "every way to 2 priced objects leads past the function", "deployed, and closed: https://"]:
        assert text in said, text
    outputs = aws.outputs()
    behaviour = aws.config(outputs["DistributionId"])["DistributionConfig"]["DefaultCacheBehavior"]
    items = behaviour["LambdaFunctionAssociations"]["Items"]
    assert {i["EventType"] for i in items} == {"viewer-request", "viewer-response"}
    assert {i["LambdaFunctionARN"] for i in items} == {outputs["FunctionVersionArn"]}
    secret = aws.client("ssm").get_parameter(Name="/x402/shop", WithDecryption=True)["Parameter"]
    assert secret["Type"] == "SecureString"
    assert set(json.loads(secret["Value"])) == {"site", "handover", "pass"}
    block = aws.client("s3").get_public_access_block(Bucket=aws.artifacts())
    assert all(block["PublicAccessBlockConfiguration"].values())

    host = outputs["DistributionDomainName"]
    shop.write(url=f"https://{host}")
    aws.stock(shop)
    assert "deployed: https://" in aws.ok("deploy.sh", *arguments)
    said = aws.ok("deploy.sh", *arguments)
    assert "nothing to do: this very function is deployed" in said
    assert aws.outputs() == outputs

    said = aws.ok("deploy.sh", *arguments, "--zip", shop.zip("two"))
    assert "update the site" in said
    after = aws.outputs()
    assert after["FunctionVersionArn"] != outputs["FunctionVersionArn"]
    assert after["FunctionName"] == outputs["FunctionName"]
    config = json.dumps(aws.config(after["DistributionId"])["DistributionConfig"])
    assert after["FunctionVersionArn"] in config and outputs["FunctionVersionArn"] + '"' not in config
    # The old version stays: it has replicas.
    versions = aws.client("lambda").list_versions_by_function(FunctionName=after["FunctionName"])
    assert len(versions["Versions"]) == 3


def test_it_asks(aws, arguments):
    aws.refused("deploy.sh", *arguments[:-1], answer="no\n", says="nothing was changed")
    aws.refused("deploy.sh", *arguments[:-1], says="add --yes")
    assert aws.stack("shop") is None
    assert aws.client("s3").list_buckets()["Buckets"] == []
    aws.ok("deploy.sh", *arguments[:-1], answer="yes\n")
    assert aws.stack("shop")["StackStatus"] == "CREATE_COMPLETE"


@pytest.mark.parametrize("environment, says", [
    ({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, "no AWS credentials"),
    ({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_PROFILE": "nobody"}, "AWS_PROFILE names a profile"),
    ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "AWS cannot be reached"),
])
def test_nobody_signed_in(aws, arguments, environment, says):
    aws.refused("deploy.sh", *arguments, environment=environment, says=says)


@pytest.mark.parametrize("code, says", [
    ("ExpiredToken", "credentials have expired"),
    ("InvalidClientTokenId", "AWS does not know these credentials"),
    ("AccessDenied", "may not do that"),
])
def test_refused_credentials(aws, arguments, code, says):
    aws.faults(requests=[{"service": "sts", "match": "GetCallerIdentity", "status": 403, "code": code, "message": "no"}])
    aws.refused("deploy.sh", *arguments, says=says)


def test_another_region_is_named(aws, arguments):
    said = aws.ok("deploy.sh", *arguments, environment={"AWS_REGION": "eu-west-1"})
    assert "AWS_REGION is eu-west-1" in said
    assert "us-east-1" in aws.outputs()["FunctionVersionArn"]


@pytest.mark.parametrize("bucket", ["Shop", "sh", "my.shop", "shop-s3alias", "xn--shop"])
def test_bucket_names(aws, arguments, bucket):
    aws.refused("deploy.sh", *arguments, "--bucket", bucket, says="not a bucket's name")


def test_bucket_elsewhere(aws, arguments):
    aws.client("s3").create_bucket(Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws.refused("deploy.sh", *arguments, "--bucket", "far-away", says="not in us-east-1")
    aws.refused("deploy.sh", *arguments, "--artifact-bucket", "far-away", says="not in us-east-1")


def test_bucket_of_somebody_else(aws, arguments):
    aws.faults(requests=[{"service": "s3", "match": "HEAD /taken", "status": 403, "code": "Forbidden", "message": "no"}])
    aws.refused("deploy.sh", *arguments, "--bucket", "taken", says="the name taken is taken")


def test_a_bucket_that_exists_is_used(aws, arguments):
    aws.client("s3").create_bucket(Bucket="mine")
    aws.client("s3").put_public_access_block(Bucket="mine", PublicAccessBlockConfiguration={
        "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
    aws.ok("deploy.sh", *arguments, "--bucket", "mine")
    parameters = {p["ParameterKey"]: p["ParameterValue"] for p in aws.stack("shop")["Parameters"]}
    assert parameters["CreateContentBucket"] == "no"


class TestBucketWithAPolicy:
    POLICY = {"Version": "2012-10-17", "Statement": [{
        "Sid": "Backup", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/backup"},
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::mine/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]}

    @pytest.fixture
    def mine(self, aws, arguments):
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="mine")
        s3.put_public_access_block(Bucket="mine", PublicAccessBlockConfiguration={
            "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True})
        s3.put_bucket_policy(Bucket="mine", Policy=json.dumps(self.POLICY))
        return [*arguments, "--bucket", "mine"]

    def policy(self, aws):
        return json.loads(aws.client("s3").get_bucket_policy(Bucket="mine")["Policy"])

    def statements(self, said):
        return json.loads("[" + said[said.index('{"Effect"'):said.rindex("}}}") + 3] + "]")

    def test_it_is_shown_and_refused(self, aws, mine):
        said = aws.refused("deploy.sh", *mine, says=["bucket mine has a policy", "role/backup", "--own-bucket-policy"])
        assert "DISTRIBUTION_ID" in json.dumps(self.statements(said))
        assert self.policy(aws) == self.POLICY and aws.stack("shop") is None
        assert not any(call["changes"] for call in aws.calls())

    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
    def test_its_owner_keeps_it(self, aws, shop, mine):
        aws.stock(shop, "mine")
        said = aws.ok("deploy.sh", *mine, "--own-bucket-policy")
        assert "content is answered 403" in said and self.policy(aws) == self.POLICY
        # Who paid until then would pay for that.
        assert "closed until the distribution may read the bucket" in said and "deployed, and closed" in said
        told = self.statements(said)
        assert told[0]["Condition"]["StringEquals"]["AWS:SourceArn"] == aws.outputs()["DistributionArn"]
        shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
        # Said again, with or without the option, until it is there.
        said = aws.ok("deploy.sh", *mine)
        assert "the site stays closed" in said and "content is answered 403" in said
        assert "content is answered 403" in aws.ok("status.sh", "--stack", "shop")
        merged = {**self.POLICY, "Statement": [*self.POLICY["Statement"], *told]}
        aws.client("s3").put_bucket_policy(Bucket="mine", Policy=json.dumps(merged))
        said = aws.ok("deploy.sh", *mine, "--own-bucket-policy")
        assert "403" not in said and "deployed: https://" in said
        assert "403" not in aws.ok("status.sh", "--stack", "shop")
        # An update leaves it, and so does the end.
        aws.ok("deploy.sh", *mine, "--zip", shop.zip("two"))
        assert self.policy(aws) == merged
        said = aws.ok("destroy.sh", "--stack", "shop", "--yes")
        assert "keep    the policy of s3://mine" in said and self.policy(aws) == merged

    def test_the_stacks_own_is_not_given_away(self, aws, shop, mine):
        aws.client("s3").delete_bucket_policy(Bucket="mine")
        aws.ok("deploy.sh", *mine)
        shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
        aws.refused("deploy.sh", *mine, "--own-bucket-policy", says="the policy of bucket mine is the stack's")
        assert aws.ok("destroy.sh", "--stack", "shop", "--yes")
        with pytest.raises(aws.client("s3").exceptions.ClientError):
            self.policy(aws)


def test_a_policy_that_comes_in_between_is_told(aws, arguments):
    aws.faults(fail_resources={"ContentBucketPolicy": "The bucket policy already exists on bucket mine."})
    said = aws.refused("deploy.sh", *arguments, says=["already exists on bucket mine", "--own-bucket-policy"])
    assert "CreateContentBucket=no" not in said


def test_an_open_bucket_is_told(aws, arguments):
    aws.client("s3").create_bucket(Bucket="open")
    aws.refused("deploy.sh", *arguments, "--bucket", "open", says=["public-bucket", "put-public-access-block --bucket open"])


def test_rehearsals_and_mixed_up_zips_stay_here(aws, shop, arguments):
    aws.refused("deploy.sh", *arguments, "--zip", shop.zip("r", rehearsal=True), says="throw-away secrets")
    path = shop.zip("changed")
    path.write_bytes(b"other")
    aws.refused("deploy.sh", *arguments, "--zip", path, says="is not the file that")
    assert aws.stack("shop") is None


def test_timeout_falls_back(aws, shop, arguments):
    aws.faults(association_max_timeout=5)
    said = aws.ok("deploy.sh", *arguments)
    assert "5 s, not 30: deploying with 5 s" in said
    function = aws.client("lambda").get_function(FunctionName=aws.outputs()["FunctionVersionArn"])
    assert function["Configuration"]["Timeout"] == 5
    # The next deployment does not try 30 s again.
    shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
    said = aws.ok("deploy.sh", *arguments, "--zip", shop.zip("two"))
    assert "deploying with 5 s" not in said
    assert "this very function is deployed" in aws.ok("deploy.sh", *arguments, "--zip", shop.zip("two"))


def test_a_function_too_big_for_the_old_quota(aws, arguments):
    aws.faults(association_max_code=10)
    aws.refused("deploy.sh", *arguments, says=["older quota of 1,048,576 bytes", "sell fewer objects"])


def test_failed_creation_goes_on(aws, arguments):
    aws.faults(fail_resources={"EdgeWebAcl": "WAFLimitsExceededException"})
    said = aws.refused("deploy.sh", *arguments, says=["could not be created", "WAFLimitsExceededException",
                                                      "run the same command again"])
    assert "EdgeWebAcl" in said
    assert aws.stack("shop")["StackStatus"] == "ROLLBACK_COMPLETE"
    assert aws.client("cloudfront").list_distributions()["DistributionList"]["Quantity"] == 0
    aws.faults()
    assert "an empty shell" in aws.ok("deploy.sh", *arguments)
    assert aws.stack("shop")["StackStatus"] == "CREATE_COMPLETE"


def test_failed_update_leaves_the_site(aws, shop, arguments):
    aws.ok("deploy.sh", *arguments)
    before = aws.outputs()
    shop.write(url=f"https://{before['DistributionDomainName']}")
    aws.faults(fail_resources={"EdgeFunctionVersion": "no more versions"})
    aws.refused("deploy.sh", *arguments, "--zip", shop.zip("two"),
                says=["it is as it was before", "no more versions", "the live site is untouched"])
    assert aws.outputs() == before
    aws.faults()
    aws.ok("deploy.sh", *arguments, "--zip", shop.zip("two"))


def versions(aws):
    return len(aws.client("lambda").list_versions_by_function(FunctionName=aws.outputs()["FunctionName"])["Versions"]) - 1


# https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html: no version if nothing has changed since the last.
def test_a_retry_after_a_roll_back_makes_its_version(aws, shop, arguments):
    aws.ok("deploy.sh", *arguments)
    shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
    two = [*arguments, "--zip", shop.zip("two")]
    # Version 2 is published, stays when the update is taken back, and is the newest: twice.
    aws.faults(fail_resources={"Distribution": "too many distributions"})
    for count in [2, 3]:
        aws.refused("deploy.sh", *two, says=["it is as it was before", "too many distributions"])
        assert versions(aws) == count
    aws.faults()
    aws.ok("deploy.sh", *two)
    assert aws.outputs()["FunctionVersionArn"].endswith(":4")
    assert "this very function is deployed" in aws.ok("deploy.sh", *two)
    assert versions(aws) == 4


def test_what_is_not_the_function_makes_no_version(aws, shop, arguments):
    aws.ok("deploy.sh", *arguments)
    before = aws.outputs()
    shop.write(url=f"https://{before['DistributionDomainName']}")
    aws.ok("deploy.sh", *arguments, "--parameter", "LogRetentionDays=60")
    assert aws.outputs() == before and versions(aws) == 1
    # The function's own settings do, and back again.
    for memory, count in [("256", 2), ("128", 3), ("256", 4)]:
        aws.ok("deploy.sh", *arguments, "--parameter", f"FunctionMemory={memory}")
        assert versions(aws) == count


@pytest.mark.parametrize("status, says", [
    ("UPDATE_IN_PROGRESS", "in the middle of something"),
    ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback"),
    ("DELETE_FAILED", "paywall destroy"),
    ("DELETE_IN_PROGRESS", "wait stack-delete-complete"),
])
def test_states_in_between(aws, arguments, status, says):
    aws.ok("deploy.sh", *arguments)
    answer = f"""<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>
      <member><StackName>shop</StackName><StackStatus>{status}</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime>
      <Parameters><member><ParameterKey>CodeSha256</ParameterKey><ParameterValue>c2hh</ParameterValue></member></Parameters></member>
      </Stacks></DescribeStacksResult></DescribeStacksResponse>"""
    aws.faults(requests=[{"service": "cloudformation", "match": "Action=DescribeStacks&", "status": 200, "body": answer,
                          "code": "", "message": ""}])
    aws.refused("deploy.sh", *arguments, says=says)


def test_throttled(aws, arguments):
    aws.faults(requests=[{"service": "cloudformation", "match": "CreateChangeSet", "status": 400,
                          "code": "Throttling", "message": "Rate exceeded"}])
    aws.refused("deploy.sh", *arguments, says=["AWS asks for patience", "run the same command"])
    aws.faults()
    aws.ok("deploy.sh", *arguments)


class TestMoney:
    def test_weaker_promises_are_accepted_by_name(self, aws, shop, arguments):
        shop.write(token="base/usdc")
        aws.refused("deploy.sh", *arguments, says=["--accept P4", "--accept P5", "main network"])
        aws.refused("deploy.sh", *arguments, "--accept", "P4", says="--accept P5")
        assert aws.stack("shop") is None
        aws.ok("deploy.sh", *arguments, "--accept", "P4", "--accept", "P5")

    def test_test_payees_are_refused(self, aws, shop, arguments):
        shop.write(token="base/usdc", payee="0x70997970C51812dc3A010C7d01b50e0d17dc79C8")
        aws.refused("deploy.sh", *arguments, "--accept", "P4", "--accept", "P5", says="test account would be paid real money")

    def test_a_changed_payee_is_accepted_by_name(self, aws, shop, arguments):
        accept = ["--accept", "P4", "--accept", "P5"]
        shop.write(token="base/usdc")
        aws.ok("deploy.sh", *arguments, *accept)
        url, other = f"https://{aws.outputs()['DistributionDomainName']}", "0x2222222222222222222222222222222222222222"
        shop.write(token="base/usdc", payee=other, url=url)
        changed = [*arguments, *accept, "--zip", shop.zip("two")]
        aws.refused("deploy.sh", *changed, says=f"--accept-payee-change {other}")
        # Without the record of what was deployed, no payee is known.
        key = "shop/" + json.loads(shop.zip("one").with_suffix(".json").read_text())["sha256"] + ".json"
        record = aws.client("s3").get_object(Bucket=aws.artifacts(), Key=key)["Body"].read()
        aws.client("s3").delete_object(Bucket=aws.artifacts(), Key=key)
        shop.write(token="base/usdc", url=url)
        aws.refused("deploy.sh", *arguments, *accept, "--zip", shop.zip("two"), says=f"--accept-payee-change {PAYEE}")
        aws.client("s3").put_object(Bucket=aws.artifacts(), Key=key, Body=record)
        shop.write(token="base/usdc", payee=other, url=url)
        aws.ok("deploy.sh", *changed, "--accept-payee-change", other)

    def test_answers_must_name_the_site(self, aws, shop, arguments):
        aws.ok("deploy.sh", *arguments)
        host = aws.outputs()["DistributionDomainName"]
        aws.refused("deploy.sh", *arguments, "--zip", shop.zip("two"), says=f'write "https://{host}" there')


class TestSecrets:
    def test_a_file_of_ones_own(self, aws, shop, arguments, tmp_path):
        file = tmp_path / "secrets.json"
        packaged = [*arguments, "--secrets", file]
        said = aws.ok("deploy.sh", *packaged)
        assert "embedded in the zip" in said
        assert file.stat().st_mode & 0o777 == 0o600
        first = json.loads(file.read_text())
        aws.refused("deploy.sh", *packaged, "--rotate-secrets", says="leave --zip away")
        assert json.loads(file.read_text()) == first
        shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
        file.chmod(0o644)
        aws.refused("deploy.sh", *packaged, says="chmod 600")

    def test_rotation_rolls_out_as_a_new_version(self, aws, shop, arguments, tmp_path):
        at = arguments.index("--zip")
        arguments = arguments[:at] + arguments[at + 2:]
        # Without a compiler it takes the function that was built before.
        basics = {"PATH": "/usr/bin:/bin"}
        aws.ok("deploy.sh", *arguments, environment=basics)
        parameter = lambda: aws.client("ssm").get_parameter(Name="/x402/shop", WithDecryption=True)["Parameter"]
        first, version = json.loads(parameter()["Value"]), aws.outputs()["FunctionVersionArn"]
        shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
        aws.ok("deploy.sh", *arguments, environment=basics)
        version = aws.outputs()["FunctionVersionArn"]
        assert "this very function is deployed" in aws.ok("deploy.sh", *arguments, environment=basics)

        # Interrupted between the new secrets and the new function.
        aws.faults(fail_resources={"EdgeFunctionVersion": "no"})
        aws.refused("deploy.sh", *arguments, "--rotate-secrets", environment=basics, says="is as it was before")
        aws.faults()
        said = aws.ok("deploy.sh", *arguments, "--rotate-secrets", environment=basics)
        assert "not live yet: this run deploys them" in said
        after = json.loads(parameter()["Value"])
        assert parameter()["Version"] == 2
        for kind in ["handover", "pass"]:
            assert after[kind][1:] == first[kind] and len(after[kind]) == 2
            assert first[kind][0] not in said
        assert aws.outputs()["FunctionVersionArn"] != version
        tags = {t["Key"]: t["Value"] for t in aws.stack("shop")["Tags"]}
        assert tags["x402-secrets"] == "/x402/shop:2"
        embedded = zipfile.ZipFile(tmp_path / "dist" / "edge-fn.zip").read("secrets.json").decode()
        assert json.loads(embedded) == {"ssm": {"parameter": "/x402/shop:2", "region": "us-east-1"}}

    KEYS = [f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{letter * 8}" for letter in "ab"]

    # Without a key id it is the account's own: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
    def test_they_are_written_under_the_key_that_the_stack_names(self, aws, shop, arguments):
        def run(*more):
            said = aws.ok("deploy.sh", *arguments, *more)
            puts = [json.loads(call["body"]).get("KeyId") for call in aws.calls(operation="PutParameter")]
            [found] = aws.client("ssm").describe_parameters()["Parameters"]
            return said, puts, found["KeyId"], found["Version"], aws.outputs()["FunctionRoleArn"].split("/")[-1]

        def decrypts(role):
            policy = aws.client("iam").get_role_policy(RoleName=role, PolicyName="secrets")["PolicyDocument"]
            return [s["Resource"] for s in policy["Statement"] if s["Action"] == "kms:Decrypt"]

        first, second = self.KEYS
        _, puts, key, version, role = run()
        assert (puts, key, version, decrypts(role)) == ([None], "alias/aws/ssm", 1, [])
        shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
        said, puts, key, version, role = run("--parameter", f"SecretsKmsKeyArn={first}")
        assert "under another key, in SSM /x402/shop version 2" in said
        assert (puts, key, version, decrypts(role)) == ([None, first], first, 2, [[first]])
        # It stays, with the stack's own parameter; an interrupted run goes on.
        said, puts, key, version, _ = run()
        assert "this very function is deployed" in said and version == 2
        done = aws.run("deploy.sh", *arguments, "--parameter", f"SecretsKmsKeyArn={second},{first}", kill_after=1)
        assert done.returncode == -9
        _, puts, key, version, role = run("--parameter", f"SecretsKmsKeyArn={second},{first}")
        assert (key, version, decrypts(role)) == (second, 3, [[second, first]])
        _, puts, key, version, role = run("--parameter", f"SecretsKmsKeyArn={second}")
        assert (key, version, decrypts(role)) == (second, 3, [[second]])
        # moto leaves it under the key that it had.
        _, puts, _, version, role = run("--parameter", "SecretsKmsKeyArn=")
        assert (puts[-1], version, decrypts(role)) == (None, 4, [])

    def test_facilitator_secrets_are_demanded_and_merged(self, aws, shop, arguments, tmp_path):
        text = shop.write().read_text().replace(
            '["https://facilitator.example.com"]', '[{ url = "https://facilitator.example.com", auth = "bearer" }]')
        shop.config.write_text(text)
        aws.refused("deploy.sh", *arguments, says=['facilitators["https://facilitator.example.com"].bearer', "--merge-secrets"])
        more = tmp_path / "more.json"
        more.write_text('{"facilitators": {"https://facilitator.example.com": {"bearer": "hunter2"}}}')
        more.chmod(0o600)
        said = aws.ok("deploy.sh", *arguments, "--merge-secrets", more)
        assert "hunter2" not in said
        value = aws.client("ssm").get_parameter(Name="/x402/shop", WithDecryption=True)["Parameter"]["Value"]
        assert "hunter2" in value


def test_sales_are_kept_where_the_content_toml_says(aws, shop, arguments):
    shop.write(token="base/usdc", more="""
[redemptions]
store = "s3"
bucket = "shop-sales"
region = "us-east-1"
prefix = "shop"
keep_days = 30
[rpc]
base = { url = "https://rpc.example.com" }""")
    # Every promise holds: nothing to accept.
    assert "all of them hold" in aws.ok("deploy.sh", *arguments)
    assert aws.outputs()["RedemptionsBucketName"] == "shop-sales"
    role = aws.outputs()["FunctionRoleArn"].split("/")[-1]
    policy = aws.client("iam").get_role_policy(RoleName=role, PolicyName="redemptions")["PolicyDocument"]
    folders = ["payments", "accounts", "transactions"]
    assert policy["Statement"][0]["Resource"] == [f"arn:aws:s3:::shop-sales/shop/v2/{name}/*" for name in folders]
    # Records outlive the site, and the next one finds them.
    said = aws.ok("destroy.sh", "--stack", "shop", "--yes")
    assert "keep    records of sales in s3://shop-sales" in said
    aws.ok("deploy.sh", *arguments)


class TestSites:
    """One id, one stack; one payee, one store."""

    STORE = """
[redemptions]
store = "s3"
bucket = "shop-sales"
region = "us-east-1"
prefix = "{prefix}"
accept_unresolved = true
{more}"""

    def write(self, shop, prefix="x402", more="", **other):
        shop.write(more=self.STORE.format(prefix=prefix, more=more), **other)

    def rename(self, shop, id_):
        shop.config.write_text(shop.config.read_text().replace('id = "deploy"', f'id = "{id_}"'))

    def holder(self, aws, prefix="x402", id_="deploy"):
        key = f"{prefix}/v2/sites/{id_}.json"
        return json.loads(aws.client("s3").get_object(Bucket="shop-sales", Key=key)["Body"].read())

    def sister(self, arguments):
        return ["--stack", "sister", *arguments[2:]]

    def test_an_id_belongs_to_one_stack(self, aws, shop, arguments):
        self.write(shop)
        aws.ok("deploy.sh", *arguments)
        assert self.holder(aws) == {"v": 2, "site": "deploy", "stack": "shop"}
        said = aws.refused("deploy.sh", *self.sister(arguments), says=[
            'id = "deploy" is held by stack shop', "s3://shop-sales/x402/v2/sites/deploy.json", "--accept-new-site-id"])
        assert aws.stack("sister") is None and "== secrets" not in said
        # By name it goes over, and then the first one is told.
        self.rename(shop, "other")
        aws.ok("deploy.sh", *self.sister(arguments))
        assert self.holder(aws, id_="other")["stack"] == "sister"
        self.write(shop, url=f"https://{aws.outputs('sister')['DistributionDomainName']}")
        aws.ok("deploy.sh", *self.sister(arguments), "--accept-new-site-id")
        assert self.holder(aws)["stack"] == "sister"
        self.write(shop, url=f"https://{aws.outputs()['DistributionDomainName']}")
        aws.refused("deploy.sh", *arguments, says="held by stack sister")

    def test_a_live_stack_keeps_its_id(self, aws, shop, arguments):
        self.write(shop)
        aws.ok("deploy.sh", *arguments)
        self.write(shop, url=f"https://{aws.outputs()['DistributionDomainName']}")
        self.rename(shop, "other")
        aws.refused("deploy.sh", *arguments, says=["stack shop is live as \"deploy\"", "--accept-new-site-id"])
        aws.ok("deploy.sh", *arguments, "--accept-new-site-id")
        assert self.holder(aws, id_="other")["stack"] == "shop"
        assert "this very function is deployed" in aws.ok("deploy.sh", *arguments)

    def test_a_payee_belongs_to_one_store(self, aws, shop, arguments):
        self.write(shop)
        aws.ok("deploy.sh", *arguments)
        self.write(shop, prefix="second")
        aws.refused("deploy.sh", *self.sister(arguments), says=[
            f"stack shop sells for {PAYEE}, too", "s3://shop-sales/x402", "s3://shop-sales/second",
            "Give each store a `pay_to` of its own", "shared_pay_to = true"])
        assert aws.stack("sister") is None
        # Another payee, or the seller's word.
        self.write(shop, prefix="second", payee="0x2222222222222222222222222222222222222222")
        aws.ok("deploy.sh", *self.sister(arguments))
        self.write(shop, prefix="third", more="shared_pay_to = true")
        aws.ok("deploy.sh", "--stack", "third", *arguments[2:])

    def test_two_sites_share_a_store(self, aws, shop, arguments):
        self.write(shop)
        aws.ok("deploy.sh", *arguments)
        self.rename(shop, "other")
        aws.ok("deploy.sh", *self.sister(arguments))
        assert self.holder(aws)["stack"] == "shop" and self.holder(aws, id_="other")["stack"] == "sister"

    def test_a_half_done_deployment_goes_on(self, aws, shop, arguments):
        self.write(shop)
        # The stack is made, with the bucket, and then the claim fails.
        aws.faults(requests=[{"service": "s3", "match": "PUT /shop-sales/x402/v2/sites/", "status": 403,
                              "code": "AccessDenied", "message": "no"}])
        aws.refused("deploy.sh", *arguments, says=["the site's id could not be claimed", "s3:PutObject"])
        assert aws.stack("shop")["StackStatus"] == "CREATE_COMPLETE"
        aws.faults()
        self.write(shop, url=f"https://{aws.outputs()['DistributionDomainName']}")
        aws.ok("deploy.sh", *arguments)
        assert self.holder(aws)["stack"] == "shop"
        # Claimed, and then the stack fails.
        aws.ok("destroy.sh", "--stack", "shop", "--yes")
        self.write(shop)
        aws.faults(fail_resources={"EdgeWebAcl": "WAFLimitsExceededException"})
        aws.refused("deploy.sh", *arguments, says="could not be created")
        aws.faults()
        aws.ok("deploy.sh", *arguments)

    def test_independent_purchases_are_accepted_by_name(self, aws, shop, arguments):
        self.write(shop, token="base/usdc", more="[rpc]\nbase = { url = \"https://rpc.example.com\" }")
        text = shop.config.read_text().replace('price = "0.01"', 'price = "0.01"\npurchases = "independent"')
        shop.config.write_text(text)
        aws.refused("deploy.sh", *arguments, says=["--accept-independent", "may be charged twice"])
        assert aws.stack("shop") is None
        aws.ok("deploy.sh", *arguments, "--accept-independent")


# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: new accounts begin with less.
def test_how_many_sales_fit_in_at_once(aws, shop, arguments):
    aws.faults(concurrency={"us-east-1": 10, "eu-west-1": 100})
    said = aws.ok("deploy.sh", *arguments, "--buyers-in", "eu-west-1")
    for text in ["us-east-1: 10 at once, this account's limit: so about 5 a second that settle in 2 s, or 1 in 7 s", "CloudFront's 503",
                 "eu-west-1: 100 at once, this account's limit: so about 50 a second", "servicequotas"]:
        assert text in said, text
    asked = lambda: [call["region"] for call in aws.calls(service="lambda", method="GET") if "account-settings" in call["path"]]
    assert asked() == ["eu-west-1", "us-east-1"]
    # It is remembered: by status.sh, and by the next deployment.
    status = aws.ok("status.sh", "--stack", "shop")
    assert "sales         us-east-1: 10 at once" in status and "sales         eu-west-1: 100 at once" in status
    aws.faults(concurrency={"eu-west-1": 10}, requests=[
        {"service": "lambda", "match": "account-settings", "status": 403, "code": "AccessDenied", "message": "no"}])
    shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
    said = aws.ok("deploy.sh", *arguments)
    assert "this very function is deployed" in said and "eu-west-1: how many fit in at once is not known" in said
    aws.faults(concurrency={"sa-east-1": 10})
    said = aws.ok("status.sh", "--stack", "shop", "--buyers-in", "sa-east-1")
    assert "sa-east-1: 10 at once" in said and "us-east-1: 1000 at once\n" in said and "sales         eu-west-1" not in said
    aws.refused("status.sh", "--buyers-in", "Europe", says="write a Region")


def test_own_parameters(aws, arguments):
    arguments.remove("--no-watch")
    aws.ok("deploy.sh", *arguments, "--parameter", "WebAcl=off", "--alarm-email", "ops@example.com",
           "--parameter", "FreePathPattern=/assets/*", "--parameter", "FreeBucketName=shop-assets")
    assert "WebAclArn" not in aws.outputs()
    assert aws.outputs()["FreeBucketName"] == "shop-assets"
    assert "AlarmTopicArn" in aws.outputs("shop-watch")
    aws.refused("deploy.sh", *arguments, "--parameter", "DomainNames=shop.example.com",
                says="DomainNames and CertificateArn go together")


def test_limits_are_changed_in_place(aws, shop, arguments):
    def limits():
        wafv2 = aws.client("wafv2")
        [acl] = wafv2.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
        rules = wafv2.get_web_acl(Name=acl["Name"], Id=acl["Id"], Scope="CLOUDFRONT")["WebACL"]["Rules"]
        return acl["Id"], {r["Name"]: r["Statement"].get("RateBasedStatement", {}).get("Limit") for r in rules}

    aws.ok("deploy.sh", *arguments)
    shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
    acl, rules = limits()
    assert rules == {"block-forged-waf-headers": None, "limit-payments": 100, "limit-requests": 2000}
    aws.ok("deploy.sh", *arguments, "--parameter", "NetworkRateLimit=20000", "--parameter", "RequestRateLimit=")
    assert limits() == (acl, {"block-forged-waf-headers": None, "limit-payments": 100, "limit-networks": 20000})
    # What is not named again stays.
    assert "this very function is deployed" in aws.ok("deploy.sh", *arguments)
    aws.ok("deploy.sh", *arguments, "--parameter", "NetworkRateLimit=")
    assert limits() == (acl, {"block-forged-waf-headers": None, "limit-payments": 100})
    aws.refused("deploy.sh", *arguments, "--parameter", "RequestRateLimit=5", says="A number from 10")


def killed_after_each_change(run):
    """`run(changes)` begins anew each time, and dies after so many changes, until it makes no more."""
    for changes in range(1, 30):
        done = run(changes)
        if done.returncode != -9:
            assert done.returncode == 0, done.all
            return changes - 1
    raise AssertionError("it never ends")


def whole(aws, name, *arguments):
    """What was deployed is what is to stay, and no deployment is under way any more."""
    done = aws.run("status.sh", "--stack", name, *arguments)
    assert done.returncode == 0 and "CHANGED" not in done.all, done.all
    kept = aws.client("s3").get_object(Bucket=aws.parameters(name)["CodeBucketName"], Key=f"{name}/expected.json")
    kept = json.loads(kept["Body"].read())
    assert "changing_until" not in kept and kept["version"] == aws.outputs(name)["FunctionVersionArn"]


class TestKilled:
    """After each change that it makes, and run again."""

    def test_an_update_and_a_roll_back(self, aws, shop, arguments):
        aws.ok("deploy.sh", *arguments)
        shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
        aws.ok("deploy.sh", *arguments, "--zip", shop.zip("zero"))
        whole(aws, "shop")

        def update(changes):
            mine = [*arguments, "--zip", shop.zip(f"update {changes}")]
            done = aws.run("deploy.sh", *mine, kill_after=changes)
            aws.ok("deploy.sh", *mine)
            whole(aws, "shop")
            assert "this very function is deployed" in aws.ok("deploy.sh", *mine)
            return done

        assert killed_after_each_change(update) >= 6

        def back(changes):
            digest = json.loads(shop.zip(f"update {changes}").with_suffix(".json").read_text())["sha256"]
            command = ["--stack", "shop", "--to", digest, "--yes"]
            done = aws.run("roll-back.sh", *command, kill_after=changes)
            aws.ok("roll-back.sh", *command)
            whole(aws, "shop")
            return done

        # That it begins, the change set, its execution, what is to stay.
        assert killed_after_each_change(back) >= 4


def test_objects_below_another_seal_are_not_sold_by_this_one(aws, shop, arguments):
    """Published by name below a seal of a file: a function with the stack's would be paid, and find nothing."""
    shop.write(sealed=True)
    seal = "s2" * 13
    aws.ok("deploy.sh", *arguments, "--zip", shop.zip("one sealed", seal=seal))
    kept = aws.client("ssm").get_parameter(Name="/x402/shop/seal", WithDecryption=True)["Parameter"]
    assert kept["Type"] == "SecureString"
    shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}", sealed=True)
    bucket, other = aws.outputs()["ContentBucketName"], "s3" * 13
    aws.client("s3").put_object(Bucket=bucket, Key=f"{other}/premium/report.pdf", Body=b"")
    two = shop.zip("two sealed", seal=seal)
    said = aws.refused("deploy.sh", *arguments, "--zip", two, says="lie below another seal than this one")
    assert other not in said and json.loads(kept["Value"])["seal"] not in said


def test_a_site_is_sealed_when_its_objects_are(aws, shop, arguments):
    """Deployed before it is published, the sealed function would be paid, and find nothing."""
    aws.ok("deploy.sh", *arguments)
    bucket, s3 = aws.outputs()["ContentBucketName"], aws.client("s3")
    s3.put_object(Bucket=bucket, Key="premium/report.pdf", Body=b"")
    s3.put_object(Bucket=bucket, Key="not ours", Body=b"")
    shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}", sealed=True)
    seal = "s3" * 13
    two = shop.zip("two", seal=seal)
    aws.refused("deploy.sh", *arguments, "--zip", two, says=["1 objects on sale lie open", "publish them below it first"])
    parameter = {"Name": "/x402/shop/seal", "WithDecryption": True}
    with pytest.raises(aws.client("ssm").exceptions.ParameterNotFound):
        aws.client("ssm").get_parameter(**parameter)

    s3.put_object(Bucket=bucket, Key=f"{seal}/premium/report.pdf", Body=b"")
    said = aws.ok("deploy.sh", *arguments, "--zip", two)
    assert "seal        as it is named" in said and seal not in said
    assert json.loads(aws.client("ssm").get_parameter(**parameter)["Parameter"]["Value"])["seal"] == seal
