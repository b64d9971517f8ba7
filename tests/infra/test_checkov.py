"""checkov's checks, with the exceptions that stand beside the resources."""

import json
import os
import re
import subprocess

import pytest

from breakages import BUCKET, ROLE, cut, put
from conftest import INFRA

BREAKAGES = {
    "public-bucket": ("CKV_AWS_56", "AWS::S3::Bucket.ContentBucket", put(
        f"{BUCKET}.Properties.PublicAccessBlockConfiguration.RestrictPublicBuckets", False)),
    "plain-http": ("CKV_AWS_34", "AWS::CloudFront::Distribution.Distribution", put(
        "Resources.Distribution.Properties.DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy", "allow-all")),
    "key-for-ever": ("CKV_AWS_7", "AWS::KMS::Key.ContentKey", cut("Resources.ContentKey.Properties.EnableKeyRotation")),
    "may-do-all": ("CKV_AWS_111", "AWS::IAM::Role.EdgeFunctionRole", put(
        f"{ROLE}.Policies.0.PolicyDocument.Statement.0", {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})),
}  # fmt: skip


def exceptions(template):
    """Pairs of a check and a resource, with the reason."""
    for name, resource in template["Resources"].items():
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", []):
            yield (skip["id"], f"{resource['Type']}.{name}"), skip["comment"]


def bare(template):
    """Without conditions, which hide resources from checkov, and without exceptions."""
    for resource in template["Resources"].values():
        resource.pop("Condition", None)
        resource.get("Metadata", {}).pop("checkov", None)
    return template


@pytest.fixture(scope="module")
def failed(template, tmp_path_factory):
    """What checkov says of each template, and of each that is broken."""
    folder = tmp_path_factory.mktemp("checkov")
    templates = {path.stem: template(path.name) for path in INFRA.glob("*.yaml")}
    for name, (_, _, change) in BREAKAGES.items():
        templates[name] = template("site.yaml")
        change(templates[name])
    for name, one in templates.items():
        (folder / f"{name}.json").write_text(json.dumps(bare(one), indent=1))
    command = [os.environ["CHECKOV"], "--framework", "cloudformation", "--skip-download", "--output", "json", "--soft-fail"]
    files = [f"{name}.json" for name in templates]
    said = subprocess.run([*command, "--file", *files], cwd=folder, capture_output=True, text=True, check=True, timeout=120)
    found = {name: set() for name in templates}
    for one in json.loads(said.stdout)["results"]["failed_checks"]:
        found[one["file_path"].strip("/").removesuffix(".json")].add((one["check_id"], one["resource"]))
    return found


@pytest.mark.parametrize("name", sorted(path.stem for path in INFRA.glob("*.yaml")))
def test_exceptions_are_what_fails(name, template, failed):
    """None is missing, and none is left from what was mended."""
    assert failed[name] == set(dict(exceptions(template(f"{name}.yaml"))))


@pytest.mark.parametrize("name", BREAKAGES)
def test_breakage_is_caught(name, failed):
    check, resource, _ = BREAKAGES[name]
    assert (check, resource) in failed[name] - failed["site"]


def test_exceptions_have_reasons(template):
    for path in INFRA.glob("*.yaml"):
        for exception, reason in exceptions(template(path.name)):
            assert re.fullmatch(r"[A-Za-z].{20,}\.", reason), exception
