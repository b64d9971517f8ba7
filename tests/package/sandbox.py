"""Starts a package as Lambda's managed Python runtime does: its `bootstrap` is a shell script whose
last act is to become Python, which runs `awslambdaric`."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

from runtime_api import WAIT, RuntimeApi

NOBODY = 65534


class Sandbox:
    def __init__(self, package, spoil=lambda task_root: None, environment={}):
        """`spoil` may change what was unpacked before it is started. A variable that is None is not there."""
        self.api = RuntimeApi()
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="package-test-"))
        self.task_root = self._folder / "task"
        unzip(package, self.task_root)
        spoil(self.task_root)
        start = ["/bin/sh", "-c", 'exec "$0" -m awslambdaric "$_HANDLER"', sys.executable]
        if os.geteuid() == 0:
            # As on Lambda, where others own the files. Root as it is would not notice their modes.
            for path in [self.task_root, *self.task_root.rglob("*")]:
                os.chown(path, NOBODY, NOBODY)
            start = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *start]
        self._logs = {name: open(self._folder / name, "w+b") for name in ("stdout", "stderr")}
        environment = {
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_FUNCTION_NAME": "us-east-1.x402-edge",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_RUNTIME_API": self.api.address,
            "AWS_REGION": "us-east-1",
            "LAMBDA_TASK_ROOT": str(self.task_root),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "_HANDLER": "index.handler",
            **environment,
        }
        self.process = subprocess.Popen(
            start,
            cwd=self.task_root,
            env={name: value for name, value in environment.items() if value is not None},
            **self._logs,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.api.close()
        for log in self._logs.values():
            log.close()
        shutil.rmtree(self._folder)

    def log(self, stream="stdout"):
        return (self._folder / stream).read_text()

    def program(self, pid=None):
        """What runs as the process now."""
        return pathlib.Path(os.readlink(f"/proc/{pid or self.process.pid}/exe")).name

    def children(self):
        pid = self.process.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in children.split()]

    def ended(self):
        return self.process.wait(timeout=WAIT)


def unzip(package, folder):
    """With the mode bits of the zip, as Lambda does."""
    with zipfile.ZipFile(package) as archive:
        for entry in archive.infolist():
            path = pathlib.Path(archive.extract(entry, folder))
            path.chmod(entry.external_attr >> 16 & 0o777)


def until(condition):
    """Waits until it holds; gives what it came to."""
    end = time.monotonic() + WAIT
    while not (value := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return value
