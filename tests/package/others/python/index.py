"""A seller as it is written in an afternoon, to compare with: what a plain Python function costs.

It sells one object at one price, answers the 402 in both x402 versions and has payments of v2 settled. It
checks no signature, tells no unknown outcome from a refusal, and remembers payments only as long as it lives.
"""

import base64
import json
import os
import urllib.request

FACILITATOR = os.environ["X402_FACILITATOR"]
URL = "https://shop.example"
PRICED = {"/reports/2026/market.json": "10000"}
CODES = {402: "Payment Required", 503: "Service Unavailable"}
used = set()


def terms(uri):
    return {
        "scheme": "exact",
        "network": "eip155:84532",
        "amount": PRICED[uri],
        "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
        "payTo": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
        "maxTimeoutSeconds": 60,
        "extra": {"name": "USDC", "version": "2"},
    }


def refuse(uri, error, status=402):
    offer, resource = terms(uri), URL + uri
    v1 = {
        **{name: offer[name] for name in ("scheme", "asset", "payTo", "maxTimeoutSeconds", "extra")},
        "network": "base-sepolia",
        "maxAmountRequired": offer["amount"],
        "resource": resource,
        "description": "Container freight rates, North Sea ports",
        "mimeType": "application/json",
    }
    v2 = {"x402Version": 2, "error": error, "resource": {"url": resource}, "accepts": [offer]}
    required = base64.b64encode(json.dumps(v2).encode()).decode()
    headers = {
        "Cache-Control": "no-store",
        "Content-Type": "application/json",
        "Payment-Required": required,
        "X-Payment-Required": required,
    }
    return {
        "status": str(status),
        "statusDescription": CODES[status],
        "headers": {name.lower(): [{"key": name, "value": value}] for name, value in headers.items()},
        "body": json.dumps({"x402Version": 1, "error": error, "accepts": [v1]}),
    }


def settle(payment, offer):
    body = {"x402Version": 2, "paymentPayload": payment, "paymentRequirements": offer}
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(FACILITATOR + "/settle", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=25) as answer:
        return json.load(answer)


def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    uri, headers = request["uri"], request["headers"]
    if uri not in PRICED:
        return request
    if "payment-signature" not in headers:
        return refuse(uri, "payment_required")
    try:
        payment = json.loads(base64.b64decode(headers["payment-signature"][0]["value"]))
        accepted, nonce = payment["accepted"], payment["payload"]["authorization"]["nonce"]
    except (ValueError, KeyError, TypeError):
        return refuse(uri, "invalid_payload")
    offer = terms(uri)
    if any(accepted.get(name) != offer[name] for name in ("scheme", "network", "amount", "asset", "payTo")):
        return refuse(uri, "invalid_payment_requirements")
    if nonce in used:
        return refuse(uri, "payment_already_used")
    try:
        answer = settle(payment, offer)
    except OSError:
        return refuse(uri, "settlement_unknown", 503)
    if not answer.get("success"):
        return refuse(uri, answer.get("errorReason", "unexpected_error"))
    used.add(nonce)
    return request
