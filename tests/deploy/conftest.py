"""A control plane on loopback, and the scripts run against it."""

import base64
import functools
import hashlib
import itertools
import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
ACCOUNT = "111122223333"
PAYEE = "0x1111111111111111111111111111111111111111"
# Longer than any step takes; a hang fails.
PATIENCE_SECONDS = 300
runs = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    faults = tmp_path_factory.mktemp("control-plane") / "faults.json"
    log = open(faults.with_name("log"), "w")
    process = subprocess.Popen(
        [sys.executable, "-m", "control_plane", str(faults)], cwd=HERE, stdout=subprocess.PIPE, stderr=log, text=True
    )
    port = process.stdout.readline().strip()
    assert port, faults.with_name("log").read_text()
    yield f"http://127.0.0.1:{port}", faults
    process.terminate()
    process.wait(timeout=10)


@functools.cache
def one_root():
    file = Path(tempfile.mkdtemp()) / "root.pem"
    first = ssl.create_default_context().get_ca_certs(binary_form=True)[0]
    file.write_text(ssl.DER_cert_to_PEM_cert(first))
    return file


@functools.cache
def client(service, url, region):
    return boto3.client(
        service, endpoint_url=url, region_name=region, aws_access_key_id="test", aws_secret_access_key="test",
        config=Config(user_agent_appid="test"),
    )


class Aws:
    """One account, empty at first."""

    def __init__(self, url, faults, folder):
        self.url, self.faults_file, self.folder = url, faults, folder

    def client(self, service, region="us-east-1"):
        return client(service, self.url, region)

    def faults(self, **faults):
        self.faults_file.write_text(json.dumps(faults))

    def calls(self, **wanted):
        """What scripts asked AWS for, in order."""
        file = self.faults_file.with_name("calls")
        calls = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return [call for call in calls if all(call[key] == value for key, value in wanted.items())]

    def run(self, script, *arguments, answer=None, environment=None, kill_after=None):
        """A script from the root of the project; `answer` is what its user types. With `kill_after`, all of it
        dies by SIGKILL once so many changes are made."""
        name, scratch = f"run-{next(runs)}", self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "TMPDIR": str(scratch),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_MAX_ATTEMPTS": "2",
            "AWS_SDK_UA_APP_ID": name,
            "DIST": str(self.folder / "dist"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "PAYWALL": os.environ["PAYWALL"],
            "X402_BOOKKEEPER": os.environ["X402_BOOKKEEPER"],
            "PAYWALL_POLL_MS": "20",
            # Nothing here speaks TLS, and reading all that the system trusts takes longer than most commands.
            "SSL_CERT_FILE": str(one_root()),
            **({"ASK_FROM_PIPE": "yes"} if answer is not None else {}),
            **(environment or {}),
        }
        environ = {key: value for key, value in environ.items() if value is not None}
        process = subprocess.Popen(
            [ROOT / "scripts" / script, *map(str, arguments)], env=environ, cwd=self.folder, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )
        if kill_after:
            self.faults(**self.live_faults(), kill={"run": name, "group": process.pid, "after": kill_after})
        try:
            out, err = process.communicate(answer or "", timeout=PATIENCE_SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            if kill_after:
                self.faults(**self.live_faults())
        done = subprocess.CompletedProcess(process.args, process.returncode, out, err)
        done.all = out + err
        print(f"$ {script} {' '.join(map(str, arguments))}\n{done.all}[{done.returncode}]")
        return done

    def live_faults(self):
        faults = json.loads(self.faults_file.read_text()) if self.faults_file.exists() else {}
        return {key: value for key, value in faults.items() if key != "kill"}

    def ok(self, script, *arguments, **more):
        done = self.run(script, *arguments, **more)
        assert done.returncode == 0, done.all
        return done.all

    def refused(self, script, *arguments, says, **more):
        done = self.run(script, *arguments, **more)
        assert done.returncode != 0, done.all
        for text in [says] if isinstance(says, str) else says:
            assert text in done.all, f"{text!r} is not in:\n{done.all}"
        return done.all

    def stack(self, name, region="us-east-1"):
        api = self.client("cloudformation", region)
        try:
            return api.describe_stacks(StackName=name)["Stacks"][0]
        except api.exceptions.ClientError:
            return None

    def bucket(self, begins):
        """The only one whose name begins so."""
        [name] = [b["Name"] for b in self.client("s3").list_buckets()["Buckets"] if b["Name"].startswith(begins)]
        return name

    def stock(self, shop, bucket=None, below=""):
        """The shop's objects are in the bucket, its stack's if none is named."""
        bucket = bucket or self.outputs()["ContentBucketName"]
        content = shop.folder / "content"
        for path in content.rglob("*.*"):
            self.client("s3").put_object(Bucket=bucket, Key=f"{below}{path.relative_to(content)}", Body=path.read_bytes())

    def artifacts(self):
        return self.bucket(f"x402-artifacts-{ACCOUNT}-")

    def parameters(self, name, region="us-east-1"):
        return {p["ParameterKey"]: p["ParameterValue"] for p in self.stack(name, region)["Parameters"]}

    def outputs(self, name="shop"):
        return {o["OutputKey"]: o["OutputValue"] for o in self.stack(name)["Outputs"]}

    def by_hand(self, name, template, bucket, zip_, **parameters):
        """A stack that its owner makes without the scripts, as `aws cloudformation deploy` does."""
        about = json.loads(zip_.with_suffix(".json").read_text())
        self.client("s3").create_bucket(Bucket=bucket)
        self.client("s3").put_object(Bucket=bucket, Key=zip_.name, Body=zip_.read_bytes())
        given = {"CodeBucketName": bucket, "CodeObjectKey": zip_.name, "CodeSha256": about["codeSha256"], **parameters}
        self.client("cloudformation").create_change_set(
            StackName=name, ChangeSetName="by-hand", ChangeSetType="CREATE", Capabilities=["CAPABILITY_IAM"],
            TemplateBody=(ROOT / "infra" / template).read_text(),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
        )
        self.client("cloudformation").execute_change_set(StackName=name, ChangeSetName="by-hand")
        assert self.stack(name)["StackStatus"] == "CREATE_COMPLETE"

    def config(self, distribution):
        return self.client("cloudfront").get_distribution_config(Id=distribution)


@pytest.fixture
def aws(server, tmp_path):
    url, faults = server
    urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST"), timeout=30)
    faults.unlink(missing_ok=True)
    faults.with_name("calls").unlink(missing_ok=True)
    return Aws(url, faults, tmp_path)


class Late:
    """Whoever is asked, and answers late: the tool is started, and waits once it has said `until`."""

    def __init__(self, aws, until, *command):
        environment = {**os.environ, "AWS_ENDPOINT_URL": aws.url, "AWS_ENDPOINT_URL_S3": aws.url, "AWS_ACCESS_KEY_ID": "test",
                       "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true", "ASK_FROM_PIPE": "yes",
                       "DIST": str(aws.folder / "dist"), "PAYWALL_POLL_MS": "20", "SSL_CERT_FILE": str(one_root())}
        self.process = subprocess.Popen([os.environ["PAYWALL"], *map(str, command)], env=environment, text=True, cwd=aws.folder,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if until in line:
                break
        else:
            raise AssertionError(self.said)

    def answers(self):
        out, _ = self.process.communicate("yes\n", timeout=120)
        return self.process.returncode, self.said + out


class Shop:
    """A content.toml with content, and packaged functions."""

    def __init__(self, folder):
        self.folder, self.config = folder / "shop", folder / "shop" / "content.toml"
        for name in ["premium/report.pdf", "pictures/a.jpg", "free/hello.txt"]:
            path = self.folder / "content" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
        self.write()

    def write(self, token="base-sepolia/usdc", payee=PAYEE, url="https://shop.example.com", more="", sealed=False):
        self.config.write_text(f"""
[site]
id = "deploy"
discovery = false
page = false
urls = ["{url}"]
content = "content"
sealed = {str(sealed).lower()}
[payment]
pay_to = "{payee}"
accept = ["{token}"]
facilitators = ["https://facilitator.example.com"]
{more}
[[rule]]
path = "free/**"
free = true
[[rule]]
path = "**"
price = "0.01"
""")
        return self.config

    def table(self):
        """As the package of this content.toml has it."""
        table = self.folder.parent / "table.bin"
        compile = [os.environ["PAYWALL"], "compile", "--config", self.config, "--output", table]
        subprocess.run(compile, check=True, timeout=60, env={})
        return table.read_bytes()

    def zip(self, code="one", rehearsal=False, seal=None, version=None, table=None):
        """A package as `paywall build` leaves it, with other code in it."""
        path = self.folder / f"{code}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(zipfile.ZipInfo("index.py"), code)
            if table:
                archive.writestr(zipfile.ZipInfo("table.bin"), table)
            if seal:
                archive.writestr(zipfile.ZipInfo("seal.json"), json.dumps({"site": "deploy", "seal": seal}))
        digest = hashlib.sha256(path.read_bytes())
        path.with_suffix(".json").write_text(json.dumps({
            "sha256": digest.hexdigest(),
            "codeSha256": base64.b64encode(digest.digest()).decode(),
            "bytes": path.stat().st_size, "shim": "exec", "rehearsal": rehearsal,
            "quota": "fits the old 1 MB quota", **({"version": version} if version else {}),
        }))
        return path


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)
