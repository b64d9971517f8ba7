"""What Terraform plans, by the real provider. TERRAFORM names the program, TF_PROVIDERS a folder with the provider.

Nothing is asked of AWS: the provider's only question, who the caller is, is answered on loopback.
"""

import json
import os
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from conftest import INFRA

ACCOUNT = "111122223333"
CALLER = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::{ACCOUNT}:user/owner</Arn><UserId>AIDAEXAMPLE</UserId><Account>{ACCOUNT}</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""


class Sts(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        known = "Action=GetCallerIdentity" in asked
        answer = CALLER.encode() if known else b"only GetCallerIdentity is answered here"
        self.send_response(200 if known else 501)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


@contextmanager
def sts():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sts)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def terraform(folder, *arguments, endpoint="http://127.0.0.1:9"):
    environment = os.environ | {
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL": endpoint, "AWS_EC2_METADATA_DISABLED": "true",
        "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull, "TF_IN_AUTOMATION": "1",
    }  # fmt: skip
    command = [os.environ["TERRAFORM"], f"-chdir={folder}", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def ready(folder):
    done = terraform(folder, "init", "-backend=false", f"-plugin-dir={os.environ['TF_PROVIDERS']}", "-no-color")
    assert done.returncode == 0, done.stderr


def root(folder, modules, region="us-east-1"):
    """A configuration that has the module by these names, with these settings."""
    common = {"source": str(INFRA / "terraform"), "providers": {"aws.us_east_1": "aws"}, "name": "shop"}
    configuration = {"provider": {"aws": {"region": region}}, "module": {name: common | settings for name, settings in modules.items()}}
    (folder / "main.tf.json").write_text(json.dumps(configuration))
    ready(folder)


def plan(folder, *arguments):
    """The plan as JSON, or what was said instead."""
    with sts() as endpoint:
        done = terraform(folder, "plan", "-input=false", "-no-color", "-lock=false", "-out=plan", *arguments, endpoint=endpoint)
    if done.returncode != 0:
        return None, done.stderr
    shown = terraform(folder, "show", "-json", "plan")
    assert shown.returncode == 0, shown.stderr
    return json.loads(shown.stdout), done.stdout


def resources(shown, module):
    """Planned resources by their address in a module."""
    (child,) = (one for one in shown["planned_values"]["root_module"]["child_modules"] if one["address"] == f"module.{module}")
    return {one["address"].removeprefix(f"module.{module}."): one["values"] for one in child["resources"]}


def distribution_config(planned, arn):
    """A planned distribution as CloudFront's API has it, as far as a local edge needs it. The version is known when it is applied."""
    (behaviour,) = planned["default_cache_behavior"]
    origins = [
        {"Id": one["origin_id"], "DomainName": one["domain_name"], "OriginAccessControlId": "E1", "S3OriginConfig": {"OriginAccessIdentity": ""}}
        for one in planned["origin"]
    ]  # fmt: skip
    associations = [{"EventType": one["event_type"], "LambdaFunctionARN": arn} for one in behaviour["lambda_function_association"]]
    default = {
        "TargetOriginId": behaviour["target_origin_id"], "ViewerProtocolPolicy": behaviour["viewer_protocol_policy"],
        "AllowedMethods": {"Items": behaviour["allowed_methods"]}, "CachePolicyId": behaviour["cache_policy_id"],
        "Compress": behaviour["compress"], "LambdaFunctionAssociations": {"Items": associations},
    }  # fmt: skip
    return {"Enabled": planned["enabled"], "Origins": {"Items": origins}, "DefaultCacheBehavior": default}
