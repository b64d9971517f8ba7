"""What every buyer prints: the answer's status, its body's SHA-256 and its receipts, as one line of JSON."""

import hashlib
import json

RECEIPTS = ("payment-response", "x-payment-response")


def tell(response):
    """Tells an answer of httpx or requests."""
    body = response.content
    print(
        json.dumps(
            {
                "status": response.status_code,
                "sha256": hashlib.sha256(body).hexdigest(),
                "headers": {name: response.headers[name] for name in RECEIPTS if name in response.headers},
                "text": body.decode(errors="replace")[:400],
            }
        )
    )
