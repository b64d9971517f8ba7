"""Reads a 402 with aiohttp, as it comes: `read.py URL`."""

import asyncio
import json
import sys

import aiohttp


async def main(url):
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        body = await response.read()
        header = response.headers["PAYMENT-REQUIRED"]
        print(json.dumps({"client": f"aiohttp {aiohttp.__version__}", "header": len(header), "body": len(body)}))


asyncio.run(main(sys.argv[1]))
