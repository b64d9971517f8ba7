"""The books, kept by the same package as the check: started as Lambda starts it, with the event that its schedule sends."""

import contextlib
import http.server
import json
import subprocess
import tempfile
import threading
import time

import pytest
from conftest import ACCOUNT
from test_bookkeeper import ARTIFACTS, PACKAGE, SCHEDULED, RuntimeApi, Running, bootstrap, extracted  # noqa: F401 - a fixture

pytestmark = pytest.mark.skipif(not PACKAGE, reason="BOOKKEEPER names no package")

TOKEN, PAYEE, PAYER = (f"0x{byte * 20}" for byte in ("70", "ee", "a1"))
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
SALES = f"shop-sales-{ACCOUNT}"
PLAN = {
    "site": "shop", "bucket": SALES, "region": "us-east-1", "prefix": "x402/", "alone": True,
    "chains": [{"network": "eip155:84532", "confirmations": 3, "looks": True, "payees": [PAYEE],
                "tokens": [{"asset": TOKEN, "symbol": "USDC", "decimals": 6}]}],
}


class Node:
    """A chain of two days with one transfer by hand, yesterday at noon."""

    def __init__(self):
        today = int(time.time()) // 86_400 * 86_400
        self.begins, self.head, self.hides = today - 2 * 86_400, (int(time.time()) - today + 2 * 86_400) // 60, False
        self.paid = (86_400 + 43_200) // 60

    def word(self, value):
        return f"0x{int(value, 16) if isinstance(value, str) else value:064x}"

    def log(self):
        return {"address": TOKEN, "topics": [TRANSFER, self.word(PAYER), self.word(PAYEE)], "data": self.word(777), "removed": False,
                "blockNumber": hex(self.paid), "blockHash": self.word(self.paid), "transactionHash": self.word(7), "logIndex": "0x0"}

    def answer(self, method, params):
        match method:
            case "eth_chainId":
                return hex(84_532)
            case "eth_blockNumber":
                return hex(self.head)
            case "eth_getBlockByNumber":
                number = int(params[0], 16)
                return {"number": params[0], "hash": self.word(number), "timestamp": hex(self.begins + 60 * number)}
            case "eth_call":
                return self.word(777 if int(params[1], 16) >= self.paid else 0)
            case "eth_getTransactionReceipt":
                return {"transactionHash": params[0], "blockNumber": hex(self.paid), "blockHash": self.word(self.paid), "status": "0x1",
                        "logs": [self.log()]}
            case "eth_getLogs":
                asked = params[0]
                there = int(asked["fromBlock"], 16) <= self.paid <= int(asked["toBlock"], 16)
                return [self.log()] if there and asked["topics"][2] and not self.hides else []

    @contextlib.contextmanager
    def serve(self):
        node = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                said = [{"jsonrpc": "2.0", "id": one["id"], "result": node.answer(one["method"], one["params"])}
                        for one in (asked if isinstance(asked, list) else [asked])]
                body = json.dumps(said if isinstance(asked, list) else said[0]).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            server.server_close()


@contextlib.contextmanager
def books(aws, bootstrap):  # noqa: F811
    """The process, with the environment that its stack gives it."""
    api = RuntimeApi()
    environment = {
        "AWS_ENDPOINT_URL": aws.url, "AWS_ENDPOINT_URL_S3": aws.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": "test", "PATH": "/usr/bin:/bin", "AWS_LAMBDA_RUNTIME_API": api.address,
        "AWS_LAMBDA_FUNCTION_NAME": "books", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "_HANDLER": "bootstrap", "STACK": "shop-watch", "BOOKS_PLAN_BUCKET": ARTIFACTS, "BOOKS_PLAN_KEY": "shop/books.json",
        "BOOKS_OWNER": ACCOUNT,
    }
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen([bootstrap], cwd=bootstrap.parent, env=environment, stdout=out, stderr=subprocess.STDOUT)
        try:
            yield Invoked(api, out)
        finally:
            process.kill()
            process.wait()
            api.close()


class Invoked(Running):
    def keep(self):
        """How the invocation ended, and the lines of JSON that it left in the log."""
        end, body = self.api.invoke(SCHEDULED)
        self.out.flush()
        self.out.seek(self.read)
        text = self.out.read()
        self.read = self.out.tell()
        print(end, body, text)
        return end, body, [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def stored(aws):
    s3 = aws.client("s3")
    listed = s3.list_objects_v2(Bucket=SALES).get("Contents", [])
    return {one["Key"]: s3.get_object(Bucket=SALES, Key=one["Key"])["Body"].read() for one in listed}


def test_an_hour_of_the_books(aws, bootstrap):  # noqa: F811
    s3, node = aws.client("s3"), Node()
    s3.create_bucket(Bucket=ARTIFACTS)
    s3.create_bucket(Bucket=SALES)
    with node.serve() as url, books(aws, bootstrap) as running:
        end, body, _ = running.keep()
        assert end == "error" and "paywall books --plan" in json.dumps(body)
        PLAN["chains"][0]["rpc"] = url
        s3.put_object(Bucket=ARTIFACTS, Key="shop/books.json", Body=json.dumps(PLAN).encode())
        # A node that leaves a log out: nothing is booked.
        node.hides = True
        end, body, _ = running.keep()
        assert end == "error" and "left logs out" in json.dumps(body) and stored(aws) == {}
        node.hides = False
        end, body, lines = running.keep()
        assert end == "response" and body["wrong"] == 0
        [did] = [line for line in lines if line.get("books") == "kept"]
        assert did["rows"] == {"plain-transfer": 1} and did["booked"]
        [metric] = [metric for line in lines if "_aws" in line for metric in extracted(line)]
        assert metric == ("x402", "BooksWrong", {"Stack": "shop-watch"}, 0)
        kept = stored(aws)
        day = time.strftime("%Y-%m-%d", time.gmtime(node.begins + 60 * node.paid))
        assert sorted(kept) == [f"x402/books/shop/{day}.parquet", "x402/books/shop/state.json"]
        assert kept[f"x402/books/shop/{day}.parquet"].startswith(b"PAR1")
        # An hour without blocks or sales: not a byte changes.
        end, body, _ = running.keep()
        assert (end, body["days"]) == ("response", []) and stored(aws) == kept
