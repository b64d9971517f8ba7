"""Pays with x402 for Python: `buy_v2.py URL KEY httpx|requests`."""

import asyncio
import sys

from eth_account import Account
from told import tell
from x402 import x402Client, x402ClientSync
from x402.mechanisms.evm import EthAccountSigner
from x402.mechanisms.evm.exact.register import register_exact_evm_client


async def with_httpx(url, signer):
    from x402.http.clients.httpx import x402HttpxClient

    async with x402HttpxClient(register_exact_evm_client(x402Client(), signer), timeout=60) as client:
        tell(await client.get(url))


def with_requests(url, signer):
    from x402.http.clients.requests import x402_requests

    tell(x402_requests(register_exact_evm_client(x402ClientSync(), signer)).get(url, timeout=60))


url, key, library = sys.argv[1:]
signer = EthAccountSigner(Account.from_key(key))
if library == "httpx":
    asyncio.run(with_httpx(url, signer))
else:
    with_requests(url, signer)
