"""Hands Lambda's process over to `bootstrap` while the managed runtime imports this module.

The runtime asks for its first event only after the import, so `bootstrap` finds nothing begun: the
same process, environment, standard output and Runtime API.
"""

import os

_BOOTSTRAP = os.path.join(os.environ["LAMBDA_TASK_ROOT"], "bootstrap")

# AWS's client for Rust does not start without these, and nothing of ours reads them.
for _name, _value in [("NAME", "x402"), ("VERSION", "$LATEST"), ("MEMORY_SIZE", "128")]:
    os.environ.setdefault(f"AWS_LAMBDA_FUNCTION_{_name}", _value)

try:
    os.execv(_BOOTSTRAP, [_BOOTSTRAP])
except OSError as error:
    raise RuntimeError(
        f"cannot start {_BOOTSTRAP}: {error.strerror}. The zip must hold an x86-64 bootstrap with "
        "mode 0755, and the function's architecture must be x86_64; scripts/package.sh makes such a zip."
    ) from None


def handler(event, context):
    """Never called: what imports this module is gone by then."""
    raise AssertionError("bootstrap did not take over")
