"""Reports what the packaged function weighs, against edge-fn/budgets.toml; fails if something grew.

Runs at the end of scripts/package.sh, with the sample's table.
Python's standard library, 3.8 or newer, and binutils.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys

BUDGETS = pathlib.Path("edge-fn/budgets.toml")
DIST = pathlib.Path("dist")


def budgets():
    """The file's tables of numbers. (`tomllib` came with Python 3.11.)"""
    tables, table = {}, {}
    for number, line in enumerate(BUDGETS.read_text().splitlines(), 1):
        line = line.split("#")[0].strip()
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            table = tables.setdefault(heading[1], {})
        elif entry := re.fullmatch(r'"?([\w.-]+)"? *= *([\d_]+)', line):
            table[entry[1]] = int(entry[2])
        elif line:
            sys.exit(f"{BUDGETS}:{number}: neither a [table] nor a name = number")
    return tables


def sections():
    text = subprocess.run(
        ["readelf", "--section-headers", "--wide", DIST / "bootstrap"],
        check=True, stdout=subprocess.PIPE, universal_newlines=True,
    ).stdout
    rows = re.findall(r"\] (\.\S+) +\S+ +\S+ \S+ (\w+)", text)
    return {name: int(size, 16) for name, size in rows}


def crates():
    """Bytes of code and data by the crate whose name a symbol begins with; generic code counts as
    its author's. A guess, as `cargo bloat` makes it, fit for seeing what grew."""
    sizes = collections.Counter()
    for line in (DIST / "bootstrap.symbols").read_text().splitlines():
        # Address, size, kind, name; symbols without a size are none of ours.
        if symbol := re.fullmatch(r"[0-9a-f]{16} ([0-9a-f]{16}) [tTrRdDwWvV] (.*)", line):
            sizes[owner(symbol[2])] += int(symbol[1], 16)
    return sizes


def owner(symbol):
    if re.match(r"(ring_core_|\w*(p256|p384|nistz|x25519|aes|gcm|ghash|bn_|sha\d+_block)\w*$)", symbol):
        return "ring"
    first = re.search(r"([A-Za-z_]\w*)(?:\[\w+\])?::", symbol)
    return first[1] if first else "C and unnamed"


def row(name, size, allowed):
    over = allowed is not None and size > allowed
    room = "" if allowed is None else f"{allowed - size:>+12,}"
    shown = "" if allowed is None else f"{allowed:,}"
    print(f"  {name:<20}{size:>12,}{shown:>12}{room}{'  OVER' if over else ''}")
    return [(name, size, allowed)] if over else []


def main():
    about = json.loads((DIST / "edge-fn.json").read_text())
    allowed, grown = budgets(), []
    print(f"\n  {'bytes':<20}{'now':>12}{'budget':>12}{'room':>12}")
    grown += row("zip", about["bytes"], allowed["package"]["zip"])
    grown += row("bootstrap", (DIST / "bootstrap").stat().st_size, allowed["package"]["bootstrap"])
    found = sections()
    for name, limit in allowed["sections"].items():
        grown += row(f".{name}", found.get(f".{name}", 0), limit)
    print("  symbols of")
    sizes = crates()
    for name, size in sizes.most_common(14):
        grown += row(name, size, allowed["crates"].get(name))
    for name in set(allowed["crates"]) - {name for name, _ in sizes.most_common(14)}:
        grown += row(name, sizes[name], allowed["crates"][name])
    if grown:
        print(f"\n  grew past {BUDGETS}: cut it, or raise the budget and say why in the commit")
        for name, size, limit in grown:
            print(f"  {name:<20}{size - limit:>+12,} bytes")
        sys.exit(1)


main()
