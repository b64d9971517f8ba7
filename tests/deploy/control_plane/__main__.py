"""Serves on a free port of 127.0.0.1 and prints it."""

import os
import sys

os.environ.setdefault("MOTO_ACCOUNT_ID", "111122223333")
# Faults count requests, and resources are made through the server itself: it must answer while it works.
os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from . import cloudfront, faults, lambda_edge, resources, s3, stacks, web_acl


def main() -> None:
    faults.FILE = sys.argv[1]
    cloudfront.install()
    lambda_edge.install()
    s3.install()
    stacks.install()
    web_acl.install()
    application = faults.Middleware(DomainDispatcherApplication(create_backend_app))
    server = make_server(
        "127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler
    )
    resources.ENDPOINT = f"http://127.0.0.1:{server.server_port}"
    print(server.server_port, flush=True)
    server.serve_forever()


main()
