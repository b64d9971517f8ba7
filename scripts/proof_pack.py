#!/usr/bin/env python3
"""Writes one report of all proofs: report.md, and report.json for programs, in target/proof-pack.

  scripts/proof-pack.sh                    from what is kept there of earlier runs
  scripts/proof-pack.sh --quick [PART ...] runs the short form of each part first (or of those that are named)
  scripts/proof-pack.sh --full [PART ...]  runs the whole of it: hours

Each run of a part is kept beside the report with its commit, command, time, exit code and output. The report says of each what
was run, when, at which commit and what it printed; what was not run, or at another commit, it says of it, and counts as no proof.
It ends with 1 if something that was run failed.
"""
import argparse
import datetime
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time
import tomllib
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
OUT = TARGET / "proof-pack"
TESTS = "cargo test --workspace --features paywall/aws"
MOST_LINES = 60  # of a result
# Suites of the core that take seconds.
CORE = "--test walk --test purchase --test verdict --test chain --test vectors --test spellings --test pass"


class Part(NamedTuple):
    """One kind of proof."""
    name: str
    claim: str    # what it shows
    full: str     # the command
    quick: str    # its short form; empty if there is none
    says: str     # a regular expression: the lines of its output that are its result
    files: tuple = ()  # what it writes that belongs to its result
    needs: str = ""    # fails where it cannot run for want of a tool


PARTS = (
    Part("clauses", "Each MUST of x402 and HTTP is joined to the code that does it and a test: docs/conformance.md.",
         "scripts/clauses.py", "scripts/clauses.py", r"^\d+ clauses.*"),
    Part("broken-clauses", "Each MUST, broken in the code on purpose, makes its test fail.",
         "scripts/clauses.py --break", "scripts/clauses.py --break rfc9111", r"^\d+ of \d+ broken clauses.*|^(?!fails )\w+ +[\w-]+:.*"),
    Part("tests", "Everything that can be tested on one machine: decisions, wire, records, deployment.",
         TESTS, f"{TESTS} {CORE}", r"^test result: .*"),
    Part("simulator", "No history of misbehaving buyers, shops, facilitators, chains and stores breaks a promise; engines broken on purpose do.",
         "cargo run --quiet --profile simulate -p simulator",
         "cargo run --quiet --profile simulate -p simulator -- --histories 9000", r".*(?:histories|: after |NOT |failed).*"),
    Part("exhaustive", "No order of the steps of small worlds breaks one, either.",
         "cargo run --quiet --profile simulate -p exhaustive",
         "cargo run --quiet --profile simulate -p exhaustive -- --short", r"^\d+ worlds: .*"),
    Part("exhaustive-mutants", "Each rule of the engine, broken on purpose, is found in a small world.",
         "cargo run --quiet --profile simulate -p exhaustive -- --mutants",
         "cargo run --quiet --profile simulate -p exhaustive -- --mutants", r".*(?:found after|MISSED).*"),
    Part("fuzz", "No bytes from outside make it panic or break a promise.",
         "scripts/fuzz.sh", "scripts/fuzz.sh --seconds 20", r".* inputs in .*|^broken: .*",
         needs="cargo +nightly fuzz --version"),
    Part("mutants", "Each small change of what decides about money, passes and paths is seen by a test.",
         "scripts/mutants.sh", "scripts/mutants.sh --sample 200", r".*(?:caught|missed|MISSED).*", needs="cargo mutants --version"),
    Part("bench", "Other people's buyers buy, through good and hostile facilitators, on a real chain; people at three browsers, too.",
         "scripts/bench.sh", "", r".*(?:FAIL|^bench: ).*", ("target/bench/bench.md", "target/bench/fleet.txt",
         "target/bench/one-payment.txt", "target/bench/prove.txt", "target/bench/listing.txt", "target/bench/catalogue.txt", "target/bench/page.txt")),
    Part("package", "What is deployed keeps to its budgets of bytes: edge-fn/budgets.toml, docs/size.md.",
         "scripts/package.sh --rehearsal-secrets", "", r".*\b(?:zip|bootstrap|text|over)\b.*"),
    Part("instructions", "A 402 and a sale keep to their budgets of instructions.",
         "scripts/count.sh", "", r".*", needs="valgrind --version"),
    Part("reproducible", "The same commit gives the same bytes, in another folder and for another user.",
         "env TEST_REPRODUCIBLE=1 scripts/test-package.sh", "", r"^another folder gives the same bytes.*|^OK$|^Ran .*"),
    Part("release", "A release is begun, checked, packaged and bought from without a compiler; its bill of materials is what is linked.",
         "scripts/test-release.sh", "", r"^\d+ crates, .*|^begun, checked.*"),
    Part("licences", "Licences, sources and crates are those that deny.toml allows.",
         "cargo deny --offline check bans licenses sources", "cargo deny --offline check bans licenses sources", r".*(?:ok|FAILED).*",
         needs="cargo deny --version"),
)

# Numbers that other commands measured and wrote into the repository.
NUMBERS = ("docs/performance.md", "docs/cpu.md", "docs/compare.md", "docs/size.md")


def git(*words):
    return subprocess.run(["git", "-C", str(ROOT), *words], check=True, capture_output=True, text=True).stdout.strip()


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def program(command):
    """The script of the project that a command starts with; None if it is another program."""
    word = next(word for word in shlex.split(command) if word != "env" and "=" not in word)
    return ROOT / word if word.startswith("scripts/") else None


def run(part, command, form):
    """Runs a part and keeps what became of it."""
    # Before the command: what changes the tree meanwhile is of no use.
    commit, dirty, began = git("rev-parse", "HEAD"), bool(git("status", "--porcelain")), time.time()
    started = now()
    print(f"-- {part.name}: {command}", flush=True)
    log = OUT / f"{part.name}.txt"
    with log.open("w") as output:
        code = subprocess.run(["bash", "-c", command], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT).returncode
    kept = {"command": command, "form": form, "commit": commit, "dirty": dirty, "started": started,
            "seconds": round(time.time() - began), "exit": code}
    (OUT / f"{part.name}.json").write_text(json.dumps(kept, indent=1))
    print(f"   {'ended well' if code == 0 else f'ended with {code}'} after {kept['seconds']} s", flush=True)


def lacks(part):
    """Whether a tool is not there that a part needs."""
    return part.needs and subprocess.run(["bash", "-c", part.needs], cwd=ROOT, capture_output=True).returncode != 0


def result(part):
    """What is known of a part: what was kept of its run, what it printed, and what it is worth at this commit."""
    script = program(part.full)
    if script and not script.is_file():
        return {"status": "not there", "why": f"this commit has no {script.relative_to(ROOT)}"}
    kept = OUT / f"{part.name}.json"
    if not kept.is_file():
        why = f"`{part.needs}` fails here" if lacks(part) else f"`{part.full}` was not run by this script"
        return {"status": "not run", "why": why}
    found = json.loads(kept.read_text())
    printed = (OUT / f"{part.name}.txt").read_text(errors="replace").splitlines()
    says = [line.rstrip() for line in printed if re.fullmatch(part.says, line.rstrip()) or re.match(part.says, line)]
    found["says"] = (says if found["exit"] == 0 else printed)[-MOST_LINES:]
    if found["exit"]:
        found["status"] = "failed"
    elif found["commit"] != git("rev-parse", "HEAD"):
        found["status"] = "of another commit"
    elif found["dirty"]:
        found["status"] = "of uncommitted changes"
    else:
        found["status"] = "short form passed" if found["form"] == "quick" and part.quick != part.full else "passed"
    return found


def tests(lines):
    """The sum of what cargo's test programs say."""
    sums = [sum(int(number) for line in lines for number in re.findall(rf"(\d+) {what}", line)) for what in ("passed", "failed", "ignored")]
    return [f"{sums[0]} passed, {sums[1]} failed, {sums[2]} ignored, in {len(lines)} programs"]


def budgets():
    budget = tomllib.loads((ROOT / "edge-fn/budgets.toml").read_text())["package"]
    rows = []
    for name, path in (("zip", "dist/edge-fn.zip"), ("bootstrap", "dist/bootstrap")):
        file = ROOT / path
        if file.is_file():
            when = datetime.datetime.fromtimestamp(file.stat().st_mtime, datetime.timezone.utc).date()
            rows.append(f"`{path}`, made {when}: {file.stat().st_size:,} bytes; its budget is {budget[name]:,}")
    return rows


def section(part, found):
    lines = ["", f"## {part.name}: {found['status']}", "", f"To show: {part.claim}", ""]
    if "why" in found:
        return [*lines, f"Not run: {found['why']}." if found["status"] == "not run" else f"{found['why']}.".capitalize()]
    changed = ", with changes that are not committed" if found["dirty"] else ""
    if found["commit"] != git("rev-parse", "HEAD"):
        ahead = subprocess.run(["git", "-C", str(ROOT), "rev-list", "--count", f"{found['commit']}..HEAD"], capture_output=True, text=True)
        changed += f"; {ahead.stdout.strip() or 'an unknown number of'} commits before this one"
    lines += [f"`{found['command']}` on {found['started']}, {found['seconds']} s, at `{found['commit'][:12]}`{changed}; exit code {found['exit']}."]
    if found["form"] == "quick" and part.quick != part.full:
        lines += ["", f"That is the short form; the whole is `{part.full}`."]
    says = found["says"]
    if part.name == "tests" and found["exit"] == 0:
        says = tests([line for line in (OUT / "tests.txt").read_text(errors="replace").splitlines() if line.startswith("test result")])
    lines += ["", "```text", *says, "```"] if says else ["", "It printed nothing that is a result."]
    for path in part.files:
        file = ROOT / path
        if file.is_file() and file.stat().st_mtime >= datetime.datetime.fromisoformat(found["started"]).timestamp():
            lines += ["", f"`{path}`:", "", "```text", *file.read_text(errors="replace").splitlines()[:120], "```"]
    return lines


def report(found):
    commit, dirty = git("rev-parse", "HEAD"), git("status", "--porcelain")
    lines = [
        "# Proof pack", "",
        f"Made {now()} of commit `{commit}` ({git('show', '--no-patch', '--format=%cs', 'HEAD')})" + (", with changes that are not committed." if dirty else "."),
        f"On {os.uname().sysname} {os.uname().machine}, {os.cpu_count()} cores, {subprocess.run(['rustc', '--version'], capture_output=True, text=True).stdout.strip()}.", "",
        "*Passed* and *short form passed* are of this very commit, by the command that is named; what is anything else is no proof of it. Nothing here",
        "has run on AWS: `infra/UNTRIED.md` lists what has to be tried there.", "",
        "| Proof | State | Command |", "| --- | --- | --- |",
    ]
    for part in PARTS:
        one = found[part.name]
        lines.append(f"| [{part.name}](#{part.name}-{one['status'].replace(' ', '-')}) | {one['status']} | `{one.get('command', part.full)}` |")
    for part in PARTS:
        lines += section(part, found[part.name])
    lines += ["", "## Bytes that lie here", "", *([f"* {row}" for row in budgets()] or ["Nothing has been packaged here."]), ""]
    lines += ["## Numbers in the repository", "", "Written by the commands that each page names; the date is that of the page's last change.", ""]
    for path in NUMBERS:
        if (ROOT / path).is_file():
            lines.append(f"* `{path}`, {git('log', '-1', '--format=%cs, commit %h', '--', path)}")
        else:
            lines.append(f"* `{path}`: not there at this commit")
    return "\n".join(lines) + "\n"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    forms = options.add_mutually_exclusive_group()
    forms.add_argument("--quick", action="store_const", const="quick", dest="form")
    forms.add_argument("--full", action="store_const", const="full", dest="form")
    options.add_argument("parts", nargs="*", metavar="PART", help=", ".join(part.name for part in PARTS))
    given = options.parse_args()
    if unknown := set(given.parts) - {part.name for part in PARTS}:
        options.error(f"there is no part {', '.join(sorted(unknown))}: there is {', '.join(part.name for part in PARTS)}")
    if given.parts and not given.form:
        options.error("say --quick or --full")
    OUT.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        command = {"quick": part.quick, "full": part.full}.get(given.form, "")
        script = program(command) if command else None
        if not command or (given.parts and part.name not in given.parts) or (script and not script.is_file()):
            continue
        if lacks(part):
            print(f"-- {part.name}: not run, since `{part.needs}` fails", flush=True)
        else:
            run(part, command, given.form)
    found = {part.name: result(part) for part in PARTS}
    (OUT / "report.md").write_text(report(found))
    summary = {"made": now(), "commit": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain")), "proofs": found}
    (OUT / "report.json").write_text(json.dumps(summary, indent=1))
    counts = {}
    for one in found.values():
        counts[one["status"]] = counts.get(one["status"], 0) + 1
    print("; ".join(f"{count} {status}" for status, count in counts.items()))
    print(OUT / "report.md")
    return 1 if counts.get("failed") else 0


if __name__ == "__main__":
    sys.exit(main())
