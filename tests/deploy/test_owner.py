"""Every call to S3 names the account that the bucket must belong to.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
"""

import json

from conftest import ACCOUNT
from test_attach import site  # noqa: F401
from test_destroy import down


def without_owner(aws):
    """CreateBucket has no such parameter, and ListBuckets is about no bucket."""
    made = lambda c: c["method"] == "PUT" and c["path"].strip("/").count("/") == 0 and not c["query"]
    calls = [c for c in aws.calls(service="s3") if c["run"] and not made(c) and c["path"] != "/"]
    assert calls
    return [f"{c['method']} {c['path']}?{c['query']}" for c in calls if c["expected_bucket_owner"] != ACCOUNT]


def operations(aws):
    return {(c["method"], "/" in c["path"].strip("/"), c["query"].split("=")[0].split("&")[0]) for c in aws.calls(service="s3") if c["run"]}


def test_a_site_from_its_first_deployment_to_its_end(aws, shop):
    arguments = ["--stack", "shop", "--config", shop.config, "--no-watch", "--yes"]
    aws.ok("deploy.sh", *arguments, "--zip", shop.zip("one"))
    shop.write(url=f"https://{aws.outputs()['DistributionDomainName']}")
    aws.ok("deploy.sh", *arguments, "--zip", shop.zip("two"))
    aws.ok("roll-back.sh", "--stack", "shop")
    aws.ok("status.sh", "--stack", "shop")
    content = aws.outputs()["ContentBucketName"]
    for number in range(3):
        aws.client("s3").put_object(Bucket=content, Key=f"premium/{number} ü&<.pdf", Body=b"paid")
    # More than one page of it.
    down(aws, "--stack", "shop", "--delete-content", content, environment={"DELETE_AT_ONCE": "2"})
    assert without_owner(aws) == []
    # Read, written, listed, emptied and deleted; settings asked for and set.
    assert {("HEAD", False, ""), ("PUT", True, ""), ("GET", True, ""), ("POST", False, "delete"), ("DELETE", False, "")} <= operations(aws)
    assert {"publicAccessBlock", "policyStatus", "location", "list-type"} <= {query for _, _, query in operations(aws)}
    left = aws.client("s3").list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in left] == [aws.artifacts()]
    assert aws.client("s3").list_objects_v2(Bucket=left[0]["Name"])["KeyCount"] == 0


def test_an_attached_function_and_an_adopted_bucket(aws, shop, site):  # noqa: F811
    arguments = ["--config", shop.config, "--zip", shop.zip(), "--no-watch", "--yes"]
    aws.ok("attach.sh", site(), "--stack", "guard", *arguments)
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="mine")
    s3.put_bucket_policy(Bucket="mine", Policy=json.dumps({"Version": "2012-10-17", "Statement": []}))
    aws.refused("deploy.sh", "--stack", "shop", "--bucket", "mine", *arguments, says="has a policy")
    assert without_owner(aws) == []


def test_an_object_that_stays_is_told(aws, shop):
    aws.ok("deploy.sh", "--stack", "shop", "--config", shop.config, "--no-watch", "--yes", "--zip", shop.zip())
    content = aws.outputs()["ContentBucketName"]
    aws.client("s3").put_object(Bucket=content, Key="locked.pdf", Body=b"paid")
    aws.faults(requests=[{"service": "s3", "match": f"POST /{content}", "status": 200, "code": "", "message": "", "body":
               "<DeleteResult><Error><Key>locked.pdf</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>"}])
    aws.refused("destroy.sh", "--stack", "shop", "--delete-content", content, "--yes", says=[
        f"s3://{content}/locked.pdf could not be deleted: AccessDenied", "run the same command again"])
