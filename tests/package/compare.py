"""What packages cost, in turn in one run: bytes of the zip, from spawning to the first `/next` and to the
first answer, CPU of a 402 and of a sale; at full speed and at a 7 % quota, as a viewer function of 128 MB
has it. Each runs under the client of AWS's managed runtime, with a Runtime API on loopback.

    compare.py --cpu EXAMPLE NAME=PACKAGE ...

PACKAGE is a zip with index.py, or a folder with index.py or index.mjs. EXAMPLE is the built example `cpu` of
tests/cpu, whose `serve` is the facilitator and signs payments. Run by scripts/compare.sh. Linux, as root: quotas
and CPU time are cgroups' (either version).
"""

import argparse
import io
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

from runtime_api import WAIT, RuntimeApi
from sandbox import unzip

# (percent of a core or None, rounds, 402s and sales of each round)
SPEEDS = [(None, 7, 1_000, 200), (7, 5, 100, 30)]
CGROUPS = pathlib.Path("/sys/fs/cgroup")
PERIOD = 100_000  # Microseconds, the kernel's default.


class Cgroup:
    """Counts CPU time of whatever runs in it, and bounds it."""

    def __init__(self, percent):
        one = (CGROUPS / "cgroup.controllers").exists()
        name = f"x402-compare-{os.getpid()}"
        self._folders = [CGROUPS / name] if one else [CGROUPS / kind / name for kind in ("cpu", "cpuacct")]
        for folder in self._folders:
            folder.mkdir(exist_ok=True)
        self._time = self._folders[-1] / ("cpu.stat" if one else "cpuacct.usage")
        if percent and one:
            (self._folders[0] / "cpu.max").write_text(f"{PERIOD * percent // 100} {PERIOD}")
        elif percent:
            (self._folders[0] / "cpu.cfs_period_us").write_text(str(PERIOD))
            (self._folders[0] / "cpu.cfs_quota_us").write_text(str(PERIOD * percent // 100))

    def join(self):
        for folder in self._folders:
            (folder / "cgroup.procs").write_text(str(os.getpid()))

    def micros(self):
        text = self._time.read_text().split()
        return int(text[1]) if len(text) > 1 else int(text[0]) / 1_000

    def close(self):
        for folder in self._folders:
            end = time.monotonic() + WAIT
            while (folder / "cgroup.procs").read_text() and time.monotonic() < end:
                time.sleep(0.05)
            folder.rmdir()


class TimedApi(RuntimeApi):
    """Notes when the first event was asked for."""

    first = None

    def note(self, request):
        self.first = self.first or time.monotonic()
        super().note(request)


class Package:
    def __init__(self, name, path, work):
        self.name, self.folder = name, work / name
        if path.is_dir():
            shutil.copytree(path, self.folder)
            self.bytes = zipped(path)
        else:
            unzip(path, self.folder)
            self.bytes = path.stat().st_size
        if (self.folder / "index.mjs").exists():
            client = os.environ["NODE_CLIENT"]
            self.runtime, self.command = "nodejs22.x", [os.environ["NODE"], client]
        else:
            self.runtime, self.command = "python3.13", [sys.executable, "-m", "awslambdaric"]

    def start(self, api, cgroup, facilitator):
        environment = {
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{self.runtime}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_FUNCTION_NAME": "us-east-1.x402-edge",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/us-east-1.x402-edge",
            "AWS_LAMBDA_LOG_STREAM_NAME": "1",
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "AWS_REGION": "us-east-1",
            "LAMBDA_TASK_ROOT": str(self.folder),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "_HANDLER": "index.handler",
            "X402_FACILITATOR": facilitator,
            "X402_SITE": "https://shop.example",
        }
        return subprocess.Popen(
            [*self.command, "index.handler"],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            preexec_fn=cgroup.join,
        )


def zipped(folder):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    return len(data.getvalue())


class Shop:
    """The facilitator, and payments that it has not seen."""

    def __init__(self, example, packages):
        function = next(p.folder / "bootstrap" for p in packages if (p.folder / "table.bin").exists())
        number = len(packages) * sum(rounds * sales for _, rounds, _, sales in SPEEDS)
        command = [example, "serve", str(function), str(number)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        lines = [self._process.stdout.readline().strip() for _ in range(2 + number)]
        self.facilitator, self.quote = lines[0], json.loads(lines[1])
        self.payments = iter([json.loads(line) for line in lines[2:]])

    def close(self):
        self._process.stdin.close()
        self._process.wait(timeout=WAIT)


def measure(package, shop, percent, quotes, sales):
    cgroup, api = Cgroup(percent), TimedApi()
    began = time.monotonic()
    process = package.start(api, cgroup, shop.facilitator)

    def answer(event, status):
        kind, body = api.invoke(event)
        assert kind == "response" and body.get("status", "200") == status, body

    def average(events, status):
        before = cgroup.micros()
        for event in events:
            answer(event, status)
        return (cgroup.micros() - before) / len(events)

    try:
        answer(shop.quote, "402")
        first_answer = time.monotonic() - began
        started = cgroup.micros()
        of_402 = average([shop.quote] * quotes, "402")
        of_sale = average([next(shop.payments) for _ in range(sales)], "200")
        memory = pathlib.Path(f"/proc/{process.pid}/status").read_text().split("VmHWM:")[1].split()[0]
    finally:
        process.kill()
        process.wait()
        api.close()
        cgroup.close()
    return {
        "first /next, ms": (api.first - began) * 1_000,
        "first answer, ms": first_answer * 1_000,
        "CPU to it, ms": started / 1_000,
        "CPU of a 402, us": of_402,
        "CPU of a sale, us": of_sale,
        "memory, MB": int(memory) / 1_024,
    }


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--cpu", required=True)
    arguments.add_argument("packages", nargs="+", metavar="NAME=PACKAGE")
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory() as work:
        named = [package.split("=", 1) for package in arguments.packages]
        packages = [Package(name, pathlib.Path(path), pathlib.Path(work)) for name, path in named]
        shop = Shop(arguments.cpu, packages)
        for percent, rounds, quotes, sales in SPEEDS:
            results = {package.name: [] for package in packages}
            for _ in range(rounds):
                for package in packages:
                    results[package.name].append(measure(package, shop, percent, quotes, sales))
            print(f"\nAt {f'{percent} % of a core' if percent else 'full speed'}, medians of {rounds} rounds\n")
            table(packages, results)
        shop.close()


def table(packages, results):
    what = next(iter(results.values()))[0]
    print("| package | zip, bytes | " + " | ".join(what) + " |")
    print("| --- |" + " ---: |" * (len(what) + 1))
    for package in packages:
        median = [statistics.median(one[name] for one in results[package.name]) for name in what]
        print(f"| {package.name} | {package.bytes:,} | " + " | ".join(f"{it:,.1f}" for it in median) + " |")


if __name__ == "__main__":
    main()
