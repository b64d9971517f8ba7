"""Which part of a deployment an older tool made: one version deploys, the next one over it, and back."""

import json

import pytest

EVERYWHERE = ["stack shop", "stack shop-watch", "stack shop-logs in eu-west-1", "stack shop-logs in us-east-1"]


class Tool:
    """The tool, as another version of itself."""

    def __init__(self, aws, shop, version):
        self.aws, self.shop, self.environment = aws, shop, {"PAYWALL_VERSION": version}
        self.version = version

    def deploy(self, code, *more, packaged=True):
        path = self.shop.zip(code, version=self.version if packaged else None)
        said = self.aws.ok(
            "deploy.sh", "--stack", "shop", "--config", self.shop.config, "--zip", path, "--yes", "--parameter", "BookkeeperCodeKey=",
            "--alarm-email", "none", "--buyers-in", "eu-west-1", *more, environment=self.environment)
        self.shop.write(url=f"https://{self.aws.outputs()['DistributionDomainName']}")
        return said

    def back_to(self, code):
        digest = json.loads((self.shop.folder / f"{code}.json").read_text())["sha256"]
        self.aws.ok("roll-back.sh", "--stack", "shop", "--to", digest, "--yes", environment=self.environment)

    def told(self):
        done = self.aws.run("status.sh", "--stack", "shop", "--json", environment=self.environment)
        return [fact["is"] for fact in json.loads(done.stdout)["facts"] if fact["what"] == "version"]

    def older(self, *parts, than):
        return [f"{part}: {self.version}, older than this tool ({than.version})" for part in parts]


@pytest.fixture
def tools(aws, shop):
    return [Tool(aws, shop, version) for version in ("1.9.0", "1.10.0", "1.10.1")]


def test_one_over_the_other_and_back(aws, tools):
    old, new, _ = tools
    old.deploy("one")
    assert old.told() == ["all was made by this tool's, 1.9.0"]
    assert new.told() == old.older("function package", *EVERYWHERE, than=new)

    new.deploy("two")
    assert new.told() == ["all was made by this tool's, 1.10.0"]
    assert old.told() == [f"{part}: 1.10.0, newer than this tool (1.9.0): take the newer one before you deploy"
                          for part in ["function package", *EVERYWHERE]]

    # The package is the older one's again, and the stacks are not.
    new.back_to("one")
    assert new.told() == old.older("function package", than=new)
    new.deploy("two")
    assert new.told() == ["all was made by this tool's, 1.10.0"]


def test_one_that_changes_nothing_else(aws, tools):
    _, new, newest = tools
    new.deploy("one")
    version = aws.outputs()["FunctionVersionArn"]
    assert "this very function is deployed" in new.deploy("one")
    newest.deploy("one")
    assert newest.told() == ["all was made by this tool's, 1.10.1"] and aws.outputs()["FunctionVersionArn"] == version
    assert "this very function is deployed" in newest.deploy("one")


def test_from_before_versions_were_kept(aws, shop, tools):
    old, new, _ = tools
    old.deploy("one", packaged=False)
    assert old.told() == ["function package: from before versions were kept, older than this tool (1.9.0)"]
    # A stack that loses its tags, as one that was deployed by hand.
    api, stack = aws.client("cloudformation"), aws.stack("shop-watch")
    api.create_change_set(
        StackName="shop-watch", ChangeSetName="by-hand", ChangeSetType="UPDATE", UsePreviousTemplate=True, Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": p["ParameterKey"], "UsePreviousValue": True} for p in stack["Parameters"]],
        Tags=[tag for tag in stack["Tags"] if tag["Key"] != "x402-version"])
    api.execute_change_set(StackName="shop-watch", ChangeSetName="by-hand")
    assert "stack shop-watch: from before versions were kept, older than this tool (1.9.0)" in old.told()
    old.deploy("one")
    assert old.told() == ["all was made by this tool's, 1.9.0"]


def test_a_package_says_who_made_it(aws, shop):
    """Packaged by the tool itself."""
    arguments = ["--stack", "shop", "--config", shop.config, "--yes", "--no-watch"]
    aws.ok("deploy.sh", *arguments, environment={"PATH": "/usr/bin:/bin"})
    done = aws.run("status.sh", "--stack", "shop", "--json")
    told = [fact["is"] for fact in json.loads(done.stdout)["facts"] if fact["what"] == "version"]
    made = json.loads((shop.folder.parent / "dist/edge-fn.json").read_text())["version"]
    assert told == [f"all was made by this tool's, {made}"]
