"""AWS's command line, loaded once.

Starting it costs half a second of processor time, and the scripts start it a thousand times in these tests.
`serve` loads it and forks for each call; the `aws` that `install` writes hands its arguments, environment,
folder, umask and files over. What runs is AWS's own code. `AWS_CLI=plain` in the environment of the tests
takes the real command instead.
"""

import functools
import json
import os
import signal
import socket
import sys
import traceback
from pathlib import Path

SERVICES = ["cloudformation", "cloudfront", "cloudwatch", "lambda", "s3", "ssm", "sts"]

CLIENT = """#!{python} -IS
import json, os, socket, sys
umask = os.umask(0)
with socket.socket(socket.AF_UNIX) as server:
    server.connect({path!r})
    call = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd(), umask]).encode()
    socket.send_fds(server, [len(call).to_bytes(4, "big")], [0, 1, 2])
    server.sendall(call)
    sys.exit(int(server.recv(16) or b"1"))
"""


def install(folder: Path, path: str) -> None:
    """Writes `aws` into a folder for PATH."""
    folder.mkdir(exist_ok=True)
    client = folder / "aws"
    client.write_text(CLIENT.format(python=sys.executable, path=path))
    client.chmod(0o755)


def serve(path: str) -> None:
    import awscli.clidriver
    from awscli.botocore.loaders import JSONFileLoader

    # Models of services are read before the first fork; a fork cannot change them for the next.
    JSONFileLoader.load_file = functools.cache(JSONFileLoader.load_file)
    JSONFileLoader.__eq__, JSONFileLoader.__hash__ = (lambda self, other: True), (lambda self: 0)
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
    driver = awscli.clidriver.create_clidriver()
    driver.create_help_command()
    for service in SERVICES:
        driver.session.create_client(service, region_name="us-east-1")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(64)
    print("ready", flush=True)
    while True:
        connection, _ = server.accept()
        if os.fork() == 0:
            server.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            answer(connection, awscli.clidriver)
        connection.close()


def answer(connection, clidriver):
    code = 1
    try:
        head, files, _, _ = socket.recv_fds(connection, 4, 3)
        size, call = int.from_bytes(head, "big"), b""
        while len(call) < size:
            call += connection.recv(65536)
        arguments, environment, folder, umask = json.loads(call)
        for number, file in enumerate(files):
            os.dup2(file, number)
        # Where its own data lies, the command line says in its environment.
        data = os.environ["AWS_DATA_PATH"]
        os.environ.clear()
        os.environ.update(environment, AWS_DATA_PATH=data)
        os.chdir(folder)
        os.umask(umask)
        sys.argv = ["aws", *arguments]
        try:
            code = clidriver.main() or 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        connection.sendall(str(code).encode())
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
