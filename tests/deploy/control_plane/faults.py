"""What moto cannot make: a JSON file that tests write says what goes wrong, and is read each time.

{"association_max_timeout": 5,         CloudFront's older quota, seconds
 "association_max_code": 1048576,      CloudFront's older quota, bytes
 "replicated": true,                   functions have replicas at the edge
 "fail_resources": {"EdgeWebAcl": "why"},   CloudFormation cannot make this one
 "requests": [{"service": "ssm", "match": "PutParameter", "status": 400,
               "code": "ThrottlingException", "message": "Rate exceeded"}]}
"""

import io
import json
import re
from pathlib import Path
from urllib.parse import unquote

FILE = ""


def get(name, default=None):
    path = Path(FILE)
    faults = json.loads(path.read_text()) if path.exists() else {}
    return faults.get(name, default)


JSON_SERVICES = {"ssm", "lambda", "logs", "wafv2", "monitoring"}


class Middleware:
    """Answers those requests with an error that the faults name."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        rules = get("requests", [])
        if rules:
            # A request is signed in a header, or in its query string.
            signed = environ.get("HTTP_AUTHORIZATION", "") + unquote(environ.get("QUERY_STRING", ""))
            match = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", signed)
            service = match.group(1) if match else ""
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            asked = " ".join([
                environ["REQUEST_METHOD"],
                environ["PATH_INFO"],
                environ.get("HTTP_X_AMZ_TARGET", ""),
                body[:500].decode("utf-8", "replace"),
            ])
            for rule in rules:
                if rule["service"] == service and re.search(rule["match"], asked):
                    return refuse(rule, service, start_response)
        return self.application(environ, start_response)


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
