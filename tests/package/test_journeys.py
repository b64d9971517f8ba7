"""Buyers at a local edge whose sandboxes are the package under `awslambdaric`.

    python -m unittest -v test_journeys    EDGE_LOCAL names the executable, EXEC_PACKAGE and
                                           CHILD_PACKAGE the zips, PATH_WITHOUT_COMPILER where
                                           tools are but for cargo and rustc
"""

import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from sandbox import WAIT, until

EDGE_LOCAL = os.environ["EDGE_LOCAL"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTENT = ROOT / "content-config/sample/content"


class Edge:
    def __init__(self, package):
        self._log = tempfile.NamedTemporaryFile("w+", suffix=".log")
        command = [EDGE_LOCAL, "--listen", "127.0.0.1:0", "--package", package, "--python", sys.executable]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=self._log, stderr=self._log)
        self.url = until(self._ready)

    def _ready(self):
        assert self._process.poll() is None, self.log()
        log = self.log()
        return "Ctrl-C stops it" in log and re.search(r"http://127\.0\.0\.1:\d+", log)[0]

    def log(self):
        return pathlib.Path(self._log.name).read_text()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(timeout=WAIT)
        finally:
            self._process.kill()
            self._log.close()

    def get(self, path, headers={}):
        """Status, header fields, body."""
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            answer = urllib.request.urlopen(request, timeout=WAIT)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            return answer.status, answer.headers, answer.read()

    def sign(self, path):
        """The payment header of the test buyer."""
        command = [EDGE_LOCAL, "sign", self.url + path]
        line = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=WAIT, text=True).stdout
        name, _, value = line.strip().partition(": ")
        return {name: value}


class Journeys(unittest.TestCase):
    def test_free_priced_paid_sent_again_cached(self):
        for shim in ("exec", "child"):
            with self.subTest(shim), Edge(os.environ[f"{shim.upper()}_PACKAGE"]) as edge:
                self.journey(edge)

    def test_a_new_price_without_a_compiler(self):
        paid = "/reports/2026/market.json"
        with Edge(os.environ["NEW_PRICE_PACKAGE"]) as edge:
            _, _, body = edge.get(paid)
            self.assertEqual(json.loads(body)["accepts"][0]["maxAmountRequired"], "123450")
            status, _, body = edge.get(paid, edge.sign(paid))
            self.assertEqual((status, body), (200, (CONTENT / paid[1:]).read_bytes()), edge.log())

    def test_a_price_that_changes_at_a_time(self):
        with tempfile.TemporaryDirectory() as folder:
            # Packaging and starting take a while, on a busy machine a longer one.
            for ahead in (15, 45, 100):
                changes = int(time.time()) + ahead
                package = self.package_with_next_price(pathlib.Path(folder) / str(ahead), changes)
                with Edge(package) as edge:
                    if time.time() < changes - 6:
                        return self.both_sides_of(changes, edge)
        self.fail("packaging and starting took too long to be on both sides of a time")

    def package_with_next_price(self, shop, changes):
        shutil.copytree(ROOT / "content-config/sample", shop)
        config = shop / "content.toml"
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(changes))
        next_price = f'price = "0.01"\nnext = {{ price = "0.3", from = {at} }}'
        config.write_text(config.read_text().replace('price = "0.01"', next_price))
        environment = {**os.environ, "PATH": os.environ["PATH_WITHOUT_COMPILER"], "CONTENT_CONFIG": str(config)}
        package = ["scripts/package.sh", "--rehearsal-secrets"]
        subprocess.run(package, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=WAIT)
        return shutil.copy(ROOT / "dist/edge-fn.zip", shop)

    def both_sides_of(self, changes, edge):
        paid = "/reports/2026/market.json"
        content = (CONTENT / paid[1:]).read_bytes()

        def asked():
            return json.loads(edge.get(paid)[2])["accepts"][0]["maxAmountRequired"]

        def bought(payment):
            status, _, body = edge.get(paid, payment)
            self.assertEqual((status, body), (200, content), edge.log())

        self.assertEqual(asked(), "10000")
        quoted_before = edge.sign(paid)
        bought(edge.sign(paid))
        self.assertLess(time.time(), changes, "signing and buying took too long")
        time.sleep(changes - time.time())
        self.assertEqual(asked(), "300000")
        bought(edge.sign(paid))
        # Its 402 said how long it is good for.
        bought(quoted_before)
        self.assertEqual(re.findall(r'"amount":"(\d+)"', edge.log()), ["10000", "300000", "10000"])

    def journey(self, edge):
        paid = "/reports/2026/market.json"
        content = (CONTENT / paid[1:]).read_bytes()

        status, _, body = edge.get("/free/hello.txt")
        self.assertEqual((status, body), (200, (CONTENT / "free/hello.txt").read_bytes()))

        status, headers, body = edge.get(paid)
        self.assertEqual((status, json.loads(body)["x402Version"]), (402, 1))
        self.assertEqual(json.loads(base64.b64decode(headers["payment-required"]))["x402Version"], 2)

        payment = edge.sign(paid)
        status, headers, body = edge.get(paid, payment)
        self.assertEqual((status, body), (200, content), edge.log())
        receipt = json.loads(base64.b64decode(headers["payment-response"]))
        self.assertTrue(receipt["success"])
        self.assertIn("Miss", headers["x-cache"])

        # Sent again, the payment opens what it paid for, and nothing else.
        status, headers, body = edge.get(paid, payment)
        self.assertEqual((status, body), (200, content), edge.log())
        again = json.loads(base64.b64decode(headers["payment-response"]))
        self.assertEqual(again["transaction"], receipt["transaction"])
        self.assertIn("Hit", headers["x-cache"])
        others = [p for p in sorted((CONTENT / "reports").rglob("*")) if p.is_file() and not str(p).endswith(paid)]
        status, _, body = edge.get("/" + str(others[0].relative_to(CONTENT)), payment)
        self.assertIn(status, (402, 409), edge.log())
        self.assertNotEqual(body, others[0].read_bytes())

        # Another payment is another sale, from the same copy in the cache.
        status, headers, body = edge.get(paid, edge.sign(paid))
        self.assertEqual((status, body), (200, content), edge.log())
        self.assertNotEqual(json.loads(base64.b64decode(headers["payment-response"]))["transaction"], receipt["transaction"])
        self.assertIn("Hit", headers["x-cache"])
        self.assertEqual(edge.get(paid)[0], 402)


if __name__ == "__main__":
    unittest.main()
