"""`paywall dev` on a distribution: whether it sells the sample. PAYWALL names the program."""

import os
import re
import subprocess
import tempfile
import urllib.error
import urllib.request

from conftest import INFRA

SAMPLE = INFRA.parent / "content-config/sample"
PRICED = "reports/2026/market.json"


def ask(url, header=None):
    request = urllib.request.Request(url, headers=dict([header]) if header else {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def sells(template, unpaid=402, options=()):
    """Asserts how a priced object of the sample, which is sealed, is answered without a payment; where that is 402, it is bought."""
    paywall = os.environ["PAYWALL"]
    config = ["--config", str(SAMPLE / "content.toml")]
    dev = [paywall, *config, "dev", "--listen", "127.0.0.1:0", "--template", str(template), *options]
    with tempfile.TemporaryFile() as log, subprocess.Popen(["timeout", "120", *dev], stdout=subprocess.PIPE, stderr=log, text=True) as edge:
        try:
            said = ""
            for line in edge.stdout:
                said += line
                if "Ctrl-C stops it" in line:
                    break
            log.seek(0)
            base = re.search(r"local CloudFront +(\S+)", said)
            assert base, said + log.read().decode()
            url = f"{base[1]}/{PRICED}"
            status, body, headers = ask(url)
            assert status == unpaid, body
            assert ("PAYMENT-REQUIRED" in headers) == (unpaid == 402)
            if unpaid != 402:
                return
            signed = subprocess.run([paywall, *config, "sign", url], capture_output=True, text=True, timeout=60)
            assert signed.returncode == 0, signed.stderr
            status, body, headers = ask(url, tuple(part.strip() for part in signed.stdout.split(":", 1)))
            assert status == 200, body
            assert body == (SAMPLE / "content" / PRICED).read_bytes() and "PAYMENT-RESPONSE" in headers
        finally:
            edge.terminate()
