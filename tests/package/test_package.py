"""The package under the client of AWS's managed Python runtime, by either shim.

    python -m unittest -v test_package    EXEC_PACKAGE and CHILD_PACKAGE name the zips
"""

import json
import os
import pathlib
import signal
import struct
import subprocess
import sys
import unittest
import zipfile

from events import FOREIGN, FREE, PRICED
from sandbox import Sandbox, until

PACKAGES = {shim: pathlib.Path(os.environ[f"{shim.upper()}_PACKAGE"]) for shim in ("exec", "child")}
RUST = "aws-lambda-rust/"  # AWS's client for Rust; awslambdaric calls itself aws-lambda-python/.


def seal(package):
    with zipfile.ZipFile(package) as archive:
        return json.loads(archive.read("seal.json"))["seal"]


def paths(sandbox):
    return [path for _, path, _ in sandbox.api.calls]


class BillOfMaterials(unittest.TestCase):
    def test_it_has_whatever_is_linked(self):
        """What cargo itself says of each program of a release; procedural macros' own crates are in the bill as well."""
        root = pathlib.Path(__file__).parents[2]
        target = "x86_64-unknown-linux-gnu"
        bill = json.loads(self.output(root, sys.executable, "scripts/bill_of_materials.py", target))
        listed = {(c["name"], c["version"]) for c in [bill["metadata"]["component"], *bill["components"]]}
        for built in (["-p", "paywall", "--features", "aws"], ["-p", "edge-fn"], ["-p", "bookkeeper"]):
            with self.subTest(built):
                tree = self.output(root, "cargo", "tree", "--locked", "--target", target, "--edges", "normal", "--prefix", "none", *built)
                linked = {tuple(line.split()[:2]) for line in tree.splitlines() if line}
                self.assertEqual({(name, version[1:]) for name, version in linked} - listed, set())
                self.assertGreater(len(linked), 50)

    @staticmethod
    def output(root, *command):
        return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


class Zip(unittest.TestCase):
    def test_what_is_in_it(self):
        for shim, package in PACKAGES.items():
            with self.subTest(shim), zipfile.ZipFile(package) as archive:
                self.assertIsNone(archive.testzip())
                entries = {
                    entry.filename: (oct(entry.external_attr >> 16), entry.create_system)
                    for entry in archive.infolist()
                }
                plain = dict.fromkeys(["index.py", "secrets.json", "table.bin", "seal.json"], ("0o100644", 3))
                self.assertEqual(entries, {"bootstrap": ("0o100755", 3), **plain})
                self.assertEqual({e.date_time for e in archive.infolist()}, {(1980, 1, 1, 0, 0, 0)})


class BothShims(unittest.TestCase):
    def test_events_are_answered_and_logged(self):
        for shim, package in PACKAGES.items():
            with self.subTest(shim), Sandbox(package) as sandbox:
                kind, free = sandbox.api.invoke(FREE)
                self.assertEqual((kind, free["uri"]), ("response", f"/{seal(package)}/free/hello.txt"))
                kind, priced = sandbox.api.invoke(PRICED)
                self.assertEqual((kind, priced["status"]), ("response", "402"))
                self.assertEqual(json.loads(priced["body"])["x402Version"], 1)
                lines = until(lambda: (found := sandbox.log().splitlines())[1:] and found)
                self.assertEqual(len([json.loads(line) for line in lines]), 2)
                self.assertEqual(sandbox.log("stderr"), "")

    def test_an_event_that_fails_does_not_end_it(self):
        for shim, package in PACKAGES.items():
            with self.subTest(shim), Sandbox(package) as sandbox:
                kind, error = sandbox.api.invoke(FOREIGN)
                self.assertEqual(kind, "error")
                self.assertIn("origin-request", error["errorMessage"])
                self.assertEqual(sandbox.api.invoke(FREE)[0], "response")


class Exec(unittest.TestCase):
    def test_one_process_and_no_request_before_the_exec(self):
        with Sandbox(PACKAGES["exec"]) as sandbox:
            sandbox.api.invoke(FREE)
            self.assertEqual(sandbox.program(), "bootstrap")
            self.assertEqual(sandbox.children(), [])
            agents = {agent.split("/")[0] + "/" for _, _, agent in sandbox.api.calls}
            self.assertEqual(agents, {RUST}, sandbox.api.calls)
            self.assertEqual(paths(sandbox)[:2], ["invocation/next", "invocation/request-1/response"])

    def test_a_platform_that_does_not_name_the_function(self):
        names = [f"AWS_LAMBDA_FUNCTION_{name}" for name in ("NAME", "VERSION", "MEMORY_SIZE")]
        with Sandbox(PACKAGES["exec"], environment=dict.fromkeys(names)) as sandbox:
            self.assertEqual(sandbox.api.invoke(FREE)[0], "response")


class Child(unittest.TestCase):
    def test_python_polls_and_the_child_answers(self):
        with Sandbox(PACKAGES["child"]) as sandbox:
            sandbox.api.invoke(FREE)
            self.assertNotEqual(sandbox.program(), "bootstrap")
            (child,) = sandbox.children()
            self.assertEqual(sandbox.program(child), "bootstrap")
            self.assertFalse([call for call in sandbox.api.calls if call[2].startswith(RUST)])
            sandbox.api.invoke(PRICED)
            self.assertEqual(sandbox.children(), [child])

    def test_a_child_that_dies_fails_one_event(self):
        with Sandbox(PACKAGES["child"]) as sandbox:
            sandbox.api.invoke(FREE)
            (first,) = sandbox.children()
            os.kill(first, signal.SIGKILL)
            stat = pathlib.Path(f"/proc/{first}/stat")
            until(lambda: stat.read_text().rsplit(")")[1].split()[0] == "Z")
            kind, error = sandbox.api.invoke(FREE)
            self.assertEqual(kind, "error")
            self.assertIn("bootstrap ended with status -9", error["errorMessage"])
            self.assertEqual(sandbox.api.invoke(FREE)[0], "response")
            (second,) = sandbox.children()
            self.assertNotEqual(first, second)


class CannotStart(unittest.TestCase):
    def init_error(self, shim, spoil):
        with Sandbox(PACKAGES[shim], spoil) as sandbox:
            path, error = sandbox.api.outcome()
            self.assertEqual(path, "init/error")
            self.assertNotEqual(sandbox.ended(), 0)
            self.assertEqual(paths(sandbox), ["init/error"])
            return error["errorMessage"]

    def test_the_zip_is_at_fault(self):
        def foreign(root):
            header = bytearray((root / "bootstrap").read_bytes()[:4096])
            struct.pack_into("<H", header, 18, 183)  # e_machine: AArch64
            (root / "bootstrap").write_bytes(header)

        for reason, spoil in [
            ("No such file or directory", lambda root: (root / "bootstrap").unlink()),
            ("Permission denied", lambda root: (root / "bootstrap").chmod(0o644)),
            ("Exec format error", foreign),
        ]:
            for shim in PACKAGES:
                with self.subTest(reason, shim=shim):
                    message = self.init_error(shim, spoil)
                    self.assertIn(f"bootstrap: {reason}.", message)
                    self.assertIn("scripts/package.sh makes such a zip", message)

    def test_files_that_nobody_may_read(self):
        for name in ("table.bin", "secrets.json"):
            for shim in PACKAGES:
                with self.subTest(name, shim=shim):
                    message = self.init_error(shim, lambda root: (root / name).chmod(0))
                    self.assertIn(name, message)
                    self.assertIn("Permission denied", message)

    def test_a_table_of_another_version(self):
        def older(root):
            table = bytearray((root / "table.bin").read_bytes())
            table[7] = 0
            (root / "table.bin").write_bytes(table)

        for shim in PACKAGES:
            self.assertIn("version 0 of its format", self.init_error(shim, older))

    def test_bootstrap_refuses_to_start(self):
        environment = {"X402_STORE": "s3+http://elsewhere.example/bucket/prefix"}
        for shim, package in PACKAGES.items():
            with self.subTest(shim), Sandbox(package, environment=environment) as sandbox:
                path, error = sandbox.api.outcome()
                self.assertEqual(path, "init/error")
                self.assertIn("X402_STORE must be memory or", error["errorMessage"])
                self.assertNotEqual(sandbox.ended(), 0)

    def test_a_child_that_dies_at_once(self):
        def dying(root):
            (root / "bootstrap").write_text("#!/bin/sh\nexit 3\n")

        self.assertIn("bootstrap ended with status 3", self.init_error("child", dying))


if __name__ == "__main__":
    unittest.main()
