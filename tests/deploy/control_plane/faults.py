"""What moto cannot make: a JSON file that tests write says what goes wrong, and is read each time.
Beside it lies what the scripts asked for: `calls`, one JSON object a line.

{"association_max_timeout": 5,         CloudFront's older quota, seconds
 "association_max_code": 1048576,      CloudFront's older quota, bytes
 "replicated": true,                   functions have replicas at the edge
 "concurrency": {"eu-west-1": 10},     Lambda's limit in a Region; 1000
 "edge_lags": true,                    distributions stay InProgress
 "fail_resources": {"EdgeWebAcl": "why"},   CloudFormation cannot make this one
 "kill": {"run": "r1", "group": 4711, "after": 3},   this run's processes die once their third change is made
 "requests": [{"service": "ssm", "match": "PutParameter", "status": 400,
               "code": "ThrottlingException", "message": "Rate exceeded"}]}   in every Region, or in one: "region": "eu-west-1"
"""

import io
import json
import os
import re
import signal
import threading
from pathlib import Path
from urllib.parse import unquote

FILE = ""


def get(name, default=None):
    path = Path(FILE)
    faults = json.loads(path.read_text()) if path.exists() else {}
    return faults.get(name, default)


JSON_SERVICES = {"ssm", "lambda", "logs", "wafv2", "monitoring"}


# Clients say who they are in their user agent: CloudFormation's handlers, and tests that look.
NOT_RECORDED = ("app/control-plane", "app/test")
lock, dead = threading.Lock(), set()


def asked(environ):
    """A request as it is recorded."""
    # It is signed in a header, or in its query string.
    signed = environ.get("HTTP_AUTHORIZATION", "") + unquote(environ.get("QUERY_STRING", ""))
    service = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/", signed)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    text = body[:20000].decode("utf-8", "replace")
    action = re.search(r"(?:^|&)Action=(\w+)", text)
    operation = environ.get("HTTP_X_AMZ_TARGET", "").rsplit(".")[-1] or (action.group(1) if action else "")
    agent = environ.get("HTTP_USER_AGENT", "")
    run = re.search(r"app/(\S+)", agent)
    return {
        "region": service.group(1) if service else "",
        "service": service.group(2) if service else "",
        "operation": operation,
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"],
        "query": environ.get("QUERY_STRING", ""),
        "expected_bucket_owner": environ.get("HTTP_X_AMZ_EXPECTED_BUCKET_OWNER"),
        "target": environ.get("HTTP_X_AMZ_TARGET", ""),
        "run": run.group(1) if run else "",
        "body": text,
    }


def changes(call):
    if call["operation"]:
        return not re.match("Describe|Get|List", call["operation"])
    return call["method"] not in ("GET", "HEAD")


def in_progress():
    from moto.cloudfront.models import cloudfront_backends

    backend = cloudfront_backends[os.environ["MOTO_ACCOUNT_ID"]]["aws"]
    return sorted(d.id for d in backend.distributions.values() if d.status == "InProgress")


class Middleware:
    """Records requests, and answers those with an error that the faults name."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        call = asked(environ)
        recorded = not any(name in environ.get("HTTP_USER_AGENT", "") for name in NOT_RECORDED)
        if recorded and call["run"] in dead:
            return refuse({"status": 400, "code": "Killed", "message": "its script is dead"}, call["service"], start_response)
        words = " ".join([call["method"], call["path"], call["target"], call["body"][:500], call["query"]])
        for rule in get("requests", []):
            if rule["service"] == call["service"] and rule.get("region", call["region"]) == call["region"] and re.search(rule["match"], words):
                return refuse(rule, call["service"], start_response)
        before = in_progress() if recorded else []
        answer = self.application(environ, start_response)
        if recorded and call["service"]:
            self.record({**call, "in_progress": before})
        return answer

    def record(self, call):
        file = Path(FILE).with_name("calls")
        with lock:
            with open(file, "a") as calls:
                calls.write(json.dumps({**call, "changes": changes(call)}) + "\n")
            kill = get("kill")
            if not kill or call["run"] != kill["run"] or call["run"] in dead:
                return
            made = [json.loads(line) for line in file.read_text().splitlines()]
            if sum(one["changes"] and one["run"] == kill["run"] for one in made) >= kill["after"]:
                dead.add(call["run"])
                os.killpg(kill["group"], signal.SIGKILL)


def refuse(rule, service, start_response):
    code, message = rule["code"], rule["message"]
    if "body" in rule:
        start_response("200 OK", [("Content-Type", "text/xml")])
        return [rule["body"].encode()]
    if service in JSON_SERVICES:
        headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", code)]
        body = json.dumps({"__type": code, "message": message})
    else:
        headers = [("Content-Type", "text/xml")]
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
            f"<Message>{message}</Message></Error></ErrorResponse>"
        )
    start_response(f"{rule['status']} Fault", headers)
    return [body.encode()]
