"""A Lambda Runtime API on loopback that notes every request it gets.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import queue
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PREFIX = "/2018-06-01/runtime/"
WAIT = 30  # Seconds after which something that should have come did not.


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # A sandbox that is killed leaves connections.


class RuntimeApi:
    def __init__(self):
        self.calls = []  # (method, path after the prefix, user agent), in order
        self._events, self._outcomes = queue.Queue(), queue.Queue()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # Headers and body are two writes.

            def do_GET(self):
                api.note(self)
                request = api._events.get()
                if request is None:
                    return self.send(410, {}, b"{}")
                number, event = request
                headers = {
                    "Lambda-Runtime-Aws-Request-Id": f"request-{number}",
                    "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 5000),
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:111122223333:function:x402-edge:1",
                }
                self.send(200, headers, json.dumps(event).encode())

            def do_POST(self):
                api.note(self)
                body = self.rfile.read(int(self.headers["Content-Length"]))
                api._outcomes.put((self.path[len(PREFIX):], json.loads(body)))
                self.send(202, {}, b'{"status":"OK"}')

            def send(self, status, headers, body):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self._sent = 0
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return "127.0.0.1:%d" % self._server.server_address[1]

    def note(self, request):
        agent = request.headers.get("User-Agent", "")
        self.calls.append((request.command, request.path[len(PREFIX):], agent))

    def invoke(self, event):
        """Hands the event out. Returns "response" or "error", and the JSON that came."""
        self._sent += 1
        self._events.put((self._sent, event))
        path, body = self.outcome()
        begin = f"invocation/request-{self._sent}/"
        assert path.startswith(begin), path
        return path[len(begin):], body

    def outcome(self):
        """What the function posts next: the path after the prefix, and JSON."""
        return self._outcomes.get(timeout=WAIT)

    def close(self):
        self._events.put(None)
        self._server.shutdown()
        self._server.server_close()
