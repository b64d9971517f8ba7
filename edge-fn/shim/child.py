"""Keeps Lambda's managed runtime and feeds `bootstrap` as its child: for the day that exec is forbidden.

Each event goes to the child's standard input as a line: the deadline in milliseconds since 1970, a
space, JSON. Answers come back through a pipe of their own, a line each: `answer` or `error`, a space,
JSON; the first line is `ready`. Standard output and error stay the child's own, for its log.
"""

import json
import os
import subprocess
import time

_BOOTSTRAP = os.path.join(os.environ["LAMBDA_TASK_ROOT"], "bootstrap")


class BootstrapError(Exception):
    """What the function could not do, in its own words."""


class _Child:
    def __init__(self):
        answers, write_end = os.pipe()
        try:
            self._process = subprocess.Popen(
                [_BOOTSTRAP, f"/proc/self/fd/{write_end}"],
                stdin=subprocess.PIPE,
                pass_fds=[write_end],
            )
        except OSError as error:
            os.close(answers)
            raise BootstrapError(
                f"cannot start {_BOOTSTRAP}: {error.strerror}. The zip must hold an x86-64 bootstrap "
                "with mode 0755, and the function's architecture must be x86_64; scripts/package.sh "
                "makes such a zip."
            ) from None
        finally:
            # Only the child may hold this end: its death is then the end of the pipe.
            os.close(write_end)
        self._answers = os.fdopen(answers, "rb")
        try:
            self._read("ready")
        except BaseException:
            self.end()
            raise

    def answer(self, event, context):
        deadline = int(time.time() * 1000) + context.get_remaining_time_in_millis()
        line = f"{deadline} {json.dumps(event)}\n".encode()
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # It died; reading says so.
        return self._read("answer")

    def end(self):
        self._process.kill()
        self._process.wait()
        self._answers.close()
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass

    def _read(self, expected):
        line = self._answers.readline()
        if not line.endswith(b"\n"):
            raise ChildProcessError(
                f"bootstrap ended with status {self._process.wait()}; why is in the log above"
            )
        word, _, payload = line.rstrip(b"\n").partition(b" ")
        if word == b"error":
            failure = json.loads(payload)
            raise BootstrapError(f"{failure['errorType']}: {failure['errorMessage']}")
        if word != expected.encode():
            raise ChildProcessError(f"bootstrap said {line[:80]!r}, not {expected}")
        return json.loads(payload) if payload else None


_child = _Child()


def handler(event, context):
    """Answers an event. If the child died, this event fails, and the next one gets a new child."""
    global _child
    if _child is None:
        _child = _Child()
    try:
        return _child.answer(event, context)
    except BootstrapError:
        raise  # It lives, and is ready for the next event.
    except BaseException:
        _child.end()
        _child = None
        raise
