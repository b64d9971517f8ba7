#!/usr/bin/env python3
"""Prints what a release is made of, as a CycloneDX document: bill_of_materials.py TARGET.

The crates that the tool and the function are made of on that target (procedural macros, which run while it is built, are
among them), with licences and the checksums of Cargo.lock; build
scripts' and tests' own crates are left out. https://cyclonedx.org/docs/1.6/json/
"""
import json
import subprocess
import sys
import tomllib

ROOTS = ("paywall", "edge-fn")

metadata = json.loads(subprocess.run(
    ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", sys.argv[1]],
    check=True, capture_output=True).stdout)
with open("Cargo.lock", "rb") as lock:
    locked = {(p["name"], p["version"]): p.get("checksum") for p in tomllib.load(lock)["package"]}
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}

linked, waiting = set(), [i for i, p in packages.items() if p["name"] in ROOTS and p["source"] is None]
while waiting:
    package = waiting.pop()
    if package not in linked:
        linked.add(package)
        waiting += [dep["pkg"] for dep in nodes[package]["deps"]
                    if any(kind["kind"] is None for kind in dep["dep_kinds"])]


def component(package):
    name, version = package["name"], package["version"]
    purl = f"pkg:cargo/{name}@{version}"
    found = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if package["license"]:
        found["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if checksum := locked[name, version]:
        found["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return found


components = sorted((component(packages[i]) for i in linked), key=lambda c: c["purl"])
tool = next(c for c in components if c["name"] == "paywall")
json.dump({
    "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
    "metadata": {"component": {**tool, "type": "application"}},
    "components": [c for c in components if c is not tool],
}, sys.stdout, indent=1)
print()
