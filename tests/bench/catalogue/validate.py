"""What Python's x402 makes of 402s: `validate.py URL...`.

Prints `{validators: [{name, found: [{url, says}]}], extracted: [{url, wire, info}]}`, the latter with the member
names of the wire."""

import asyncio
import base64
import dataclasses
import json
import sys
from importlib.metadata import version

import aiohttp
from pydantic import BaseModel
from x402.extensions.bazaar import (
    extract_discovery_info,
    validate_discovery_extension,
    validate_discovery_extension_spec,
)


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def plain(found):
    """What the library's classes hold, with the wire's names; what is not there is left out."""
    if isinstance(found, BaseModel):
        return found.model_dump(mode="json", by_alias=True, exclude_none=True)
    pairs = ((camel(field.name), getattr(found, field.name)) for field in dataclasses.fields(found))
    return {name: value for name, value in pairs if value is not None}


async def answers(urls):
    async with aiohttp.ClientSession() as session:
        for url in urls:
            async with session.get(url) as response:
                header = json.loads(base64.b64decode(response.headers["PAYMENT-REQUIRED"]))
                yield url, header, await response.json()


async def main(urls):
    found = {look.__name__: [] for look in (validate_discovery_extension, validate_discovery_extension_spec, extract_discovery_info)}
    extracted = []
    async for url, v2, body in answers(urls):
        bazaar = v2.get("extensions", {}).get("bazaar", {})
        for look in (validate_discovery_extension, validate_discovery_extension_spec):
            result = look(bazaar)
            found[look.__name__] += [{"url": url, "says": says} for says in ([] if result.valid else result.errors or ["not valid"])]
        payment = {"x402Version": 2, "resource": v2["resource"], "extensions": v2.get("extensions"), "payload": {}}
        payments = [("v2", payment, v2["accepts"][0])]
        if body["x402Version"] == 1:
            payments += [("v1", {"x402Version": 1, "payload": {}}, entry) for entry in body["accepts"]]
        for wire, payload, requirements in payments:
            info = extract_discovery_info(payload, requirements)
            extracted.append({"url": url, "wire": wire, "info": info})
    validators = [{"name": f"x402 {version('x402')} for Python: {name}", "found": says} for name, says in found.items()]
    print(json.dumps({"validators": validators, "extracted": extracted}, default=plain))


asyncio.run(main(sys.argv[1:]))
