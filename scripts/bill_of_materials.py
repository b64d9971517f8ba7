#!/usr/bin/env python3
"""Prints what a release is made of, as a CycloneDX document: bill_of_materials.py TARGET [AUDITABLE].

The crates that the tool, the function and the bookkeeper are made of on that target (procedural macros, which run while it
is built, are among them), with licences, the checksums of Cargo.lock and what each needs; build scripts' and tests' own
crates are left out. https://cyclonedx.org/docs/1.6/json/

AUDITABLE is a file to write the same list into, as `cargo auditable` puts it into a program for `cargo audit bin`:
https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md
"""
import json
import subprocess
import sys
import tomllib
import zlib

# What scripts/release.sh builds, with the features that it builds it with.
ROOTS = ("paywall", "edge-fn", "bookkeeper")
FEATURES = "paywall/aws"

metadata = json.loads(subprocess.run(
    ["cargo", "metadata", "--locked", "--format-version", "1", "--features", FEATURES, "--filter-platform", sys.argv[1]],
    check=True, capture_output=True).stdout)
with open("Cargo.lock", "rb") as lock:
    locked = {(p["name"], p["version"]): p.get("checksum") for p in tomllib.load(lock)["package"]}
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}


def needs(package):
    """What is linked into it, by Cargo's ids."""
    return [dep["pkg"] for dep in nodes[package]["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"])]


linked, waiting = set(), [i for i, p in packages.items() if p["name"] in ROOTS and p["source"] is None]
while waiting:
    package = waiting.pop()
    if package not in linked:
        linked.add(package)
        waiting += needs(package)


def name_of(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(package):
    name, version = package["name"], package["version"]
    purl = name_of(package)
    found = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if package["license"]:
        found["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if checksum := locked[name, version]:
        found["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return found


components = sorted((component(packages[i]) for i in linked), key=lambda c: c["purl"])
tool = next(c for c in components if c["name"] == "paywall")
if len(sys.argv) > 2:
    order = sorted(linked, key=lambda i: (packages[i]["name"], packages[i]["version"]))
    place = {package: at for at, package in enumerate(order)}

    def auditable(package):
        source = packages[package]["source"] or "local"
        source = "crates.io" if source.startswith("registry+") else source
        found = {"name": packages[package]["name"], "version": packages[package]["version"], "source": source}
        if dependencies := sorted(place[needed] for needed in needs(package)):
            found["dependencies"] = dependencies
        return {**found, "root": True} if found["name"] == tool["name"] else found

    with open(sys.argv[2], "wb") as file:
        file.write(zlib.compress(json.dumps({"packages": [auditable(i) for i in order]}, separators=(",", ":")).encode(), 9))

json.dump({
    "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
    "metadata": {"component": {**tool, "type": "application"}},
    "components": [c for c in components if c is not tool],
    "dependencies": sorted(
        ({"ref": name_of(packages[i]), "dependsOn": sorted({name_of(packages[needed]) for needed in needs(i)})} for i in linked),
        key=lambda d: d["ref"]),
}, sys.stdout, indent=1)
print()
