"""Pays with the last x402 for Python that speaks v1 only: `buy_v1.py URL KEY httpx|requests`."""

import asyncio
import sys

from eth_account import Account
from told import tell


async def with_httpx(url, account):
    from x402.clients.httpx import x402HttpxClient

    async with x402HttpxClient(account=account, timeout=60) as client:
        tell(await client.get(url))


def with_requests(url, account):
    from x402.clients.requests import x402_requests

    tell(x402_requests(account).get(url, timeout=60))


url, key, library = sys.argv[1:]
account = Account.from_key(key)
if library == "httpx":
    asyncio.run(with_httpx(url, account))
else:
    with_requests(url, account)
