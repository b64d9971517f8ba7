#!/usr/bin/env python3
"""What x402 and HTTP demand, and where it is done and shown: docs/clauses/*.toml, one file a text.

  scripts/clauses.py                   fails if a line of code, a test or a promise that is named is not there, or if
                                       docs/conformance.md is not what the files say (UPDATE_DOCS=1 writes it)
  scripts/clauses.py --sources FOLDER  also looks each quote up, under its section, in the texts that lie there:
                                       the names are each file's `source`
  scripts/clauses.py --break [WORD]    breaks the code of each MUST (or of those with WORD in their name), one by one, in
                                       a worktree of HEAD, and sees the named test fail; --json FILE writes what was seen

A clause has `section`, `level` (MUST: also what a table calls "Required"), `quote`, and one of
  code = [file, text that stands in it once], test, break    done here; `break` is what stands for that text, or [file, text, other]
  by, why                                                    somebody else's
  met = false, why                                           not done, and why
A `test` is path::name. SECURITY.md and CONTRIBUTING.md name tests in the same way, and those must be there as well.
"""
import argparse
import functools
import html
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = "docs/conformance.md"
NAMING = ("SECURITY.md", "CONTRIBUTING.md")
MOST_QUOTED = 160  # characters: a quote points at a place, and replaces no text
KNOWN = {"id", "section", "level", "quote", "code", "test", "break", "by", "why", "met", "note"}


@functools.cache
def text(path):
    """Of a file of the project; None if there is none."""
    file = ROOT / path
    return file.read_text() if file.is_file() else None


def ledgers():
    for file in sorted((ROOT / "docs/clauses").glob("*.toml")):
        ledger = tomllib.loads(file.read_text())
        yield file.relative_to(ROOT), ledger
        ledger["name"], ledger["link"], ledger["as_of"], ledger["licence"]


def is_test(reference):
    """Whether path::name is there, as a test: in Rust, Python or JavaScript."""
    path, _, name = reference.partition("::")
    body = text(path) or ""
    forms = {
        ".rs": rf"#\[(?:tokio::)?test[^\]]*\]\s*(?:#\[[^\]]*\]\s*)*(?:pub )?(?:async )?fn {re.escape(name)}\(",
        ".py": rf"^\s*def {re.escape(name)}\(",
        ".mjs": rf"(?:function {re.escape(name)}\(|\"{re.escape(name)}\")",
    }
    form = forms.get(pathlib.Path(path).suffix)
    return bool(name and form and re.search(form, body, re.MULTILINE))


def once(path, words):
    """What is wrong with a text that must stand in a file once."""
    body = text(path)
    if body is None:
        return f"there is no file {path}"
    count = body.count(words)
    return None if count == 1 else f"stands {count} times in {path}: {words.strip()!r}"


def edit(clause):
    """File, text and what replaces it, of `break`."""
    given = clause["break"]
    return tuple(given) if isinstance(given, list) else (*clause["code"], given)


def problems_of(clause):
    if unknown := clause.keys() - KNOWN:
        yield f"unknown keys {sorted(unknown)}"
    if lacking := {"id", "section", "level", "quote"} - clause.keys():
        yield f"lacks {sorted(lacking)}"
        return
    if clause["level"] not in ("MUST", "SHOULD"):
        yield "its level is neither MUST nor SHOULD"
    if len(clause["quote"]) > MOST_QUOTED:
        yield f"quotes {len(clause['quote'])} characters; {MOST_QUOTED} point at a place as well"
    if "test" in clause and not is_test(clause["test"]):
        yield f"there is no test {clause['test']}"
    ways = ["code" in clause, "by" in clause, clause.get("met") is False]
    if ways.count(True) != 1:
        yield "it needs one of `code`, `by` and `met = false`"
    elif ways[0]:
        if problem := once(*clause["code"]):
            yield "`code` " + problem
        if "test" not in clause:
            yield "it names code and no test"
        if "break" in clause:
            path, old, new = edit(clause)
            if problem := once(path, old):
                yield "`break` " + problem
            if old == new:
                yield "`break` changes nothing"
        elif clause["level"] == "MUST":
            yield "a MUST needs a `break`"
    elif "why" not in clause:
        yield "it does not say why"


def sections(path):
    """The sections of a text, by their number, or by their heading where they have none: of Markdown, and of RFCs' XML."""
    body = path.read_text()
    found = {}
    if path.suffix == ".xml":
        names = dict(re.findall(r'<!ENTITY ([\w-]+) "(.*?)">', body, re.DOTALL))
        body = body[body.find("<middle>"):body.find("</middle>")]
        for _ in range(2):  # entities stand for elements with text in them
            body = re.sub(r"&([\w-]+);", lambda m: names.get(m[1], m[0]), body)
        numbers, depth = [], 0
        for part in re.findall(r"<[^>]+>|[^<]+", body):
            if part.startswith("<section"):
                depth += 1
                numbers = (numbers + [0])[:depth]
                numbers[-1] += 1
            elif part.startswith("</section"):
                numbers, depth = numbers[:depth], depth - 1
            elif not part.startswith("<"):
                number = ".".join(map(str, numbers[:depth]))
                found[number] = found.get(number, "") + part
        return {number: plain(html.unescape(part)) for number, part in found.items()}
    heading = ""
    for line in body.splitlines():
        if match := re.fullmatch(r"#+ (.+)|\*\*(\d[\d.]*)\.? .+\*\*", line.strip()):
            heading = match[1] or match[2].rstrip(".")
        else:
            found[heading] = found.get(heading, "") + line + "\n"
    return {heading: plain(part) for heading, part in found.items()}


def plain(words):
    return " ".join(words.split())


def sourced(path, ledger, folder):
    """Quotes that do not stand where they are said to."""
    source = folder / ledger["source"]
    if not source.is_file():
        yield f"{path}: no {ledger['source']} in {folder}: it is {ledger['link']}"
        return
    parts = sections(source)
    for clause in ledger["clause"]:
        if plain(clause["quote"]) not in parts.get(clause["section"], ""):
            yield f"{path}: {clause['id']}: not in section {clause['section']!r}: {clause['quote']!r}"


def problems(folder):
    for path, ledger in ledgers():
        names = [clause.get("id") for clause in ledger["clause"]]
        for name in {name for name in names if names.count(name) > 1}:
            yield f"{path}: two clauses are called {name}"
        for clause in ledger["clause"]:
            yield from (f"{path}: {clause.get('id')}: {problem}" for problem in problems_of(clause))
        if folder:
            yield from sourced(path, ledger, folder)
    for path in NAMING:
        named = set(re.findall(r"`([\w./-]+\.(?:rs|py|mjs)::\w+)`", text(path) or ""))
        yield from (f"{path}: there is no test {test}" for test in sorted(named) if not is_test(test))


def anchor(ledger, section):
    """The link to a section; x402's core text has no headings that GitHub could link to."""
    if ledger["link"].endswith(".html"):
        return f"{ledger['link']}#section-{section}"
    if section[0].isdigit() and " " not in section:
        return ledger["link"]
    return ledger["link"] + "#" + re.sub(r"[^\w -]", "", section.lower()).replace(" ", "-")


def cell(words):
    return plain(words).replace("|", "\\|")


def quoted(words):
    """Code in a table."""
    words = cell(words)
    return f"`` {words} ``" if "`" in words else f"`{words}`"


def page():
    """docs/conformance.md."""
    every = [(ledger, clause) for _, ledger in ledgers() for clause in ledger["clause"]]
    unmet = [pair for pair in every if pair[1].get("met") is False]
    elsewhere = [pair for pair in every if "by" in pair[1]]
    lines = [
        "# What x402 and HTTP demand", "",
        "Each MUST of x402 v2 (core, HTTP transport, `exact` on EVM, `bazaar`), and of HTTP on what is answered here, with the",
        "code that does it and the test that shows it. What a table of x402 calls \"Required\" counts as a MUST; a SHOULD is here",
        "where it is done on purpose or left undone. Quotes point at the place and stand for the text; the",
        "words around them are in the sources. x402's texts are Apache-2.0, RFCs the IETF Trust's.", "",
        f"{len(every)} clauses: {len(every) - len(unmet) - len(elsewhere)} done here, {len(elsewhere)} by somebody else, "
        f"{len(unmet)} not met.", "",
        "This page is made from `docs/clauses/*.toml`: `UPDATE_DOCS=1 scripts/clauses.py`. The same script fails when a line or",
        "a test that is named is gone, and `--break` breaks each line and sees its test fail.", "",
        "## Not met, and why", "",
        "| Text | Clause | Level | Words | Why |", "| --- | --- | --- | --- | --- |",
    ]
    for ledger, clause in unmet:
        where = f"[{ledger['name']}, {clause['section']}]({anchor(ledger, clause['section'])})"
        shown = f" (`{clause['test']}`)" if "test" in clause else ""
        lines.append(f"| {where} | {clause['id']} | {clause['level']} | {cell(clause['quote'])} | {cell(clause['why'])}{shown} |")
    for _, ledger in ledgers():
        lines += ["", f"## {ledger['name']}", "", f"[As of {ledger['as_of']}]({ledger['link']}).", "",
                  "| Section | Clause | Level | Words | Done by | Shown by |", "| --- | --- | --- | --- | --- | --- |"]
        for clause in ledger["clause"]:
            if clause.get("met") is False:
                continue
            if "by" in clause:
                done = f"{clause['by']}: {cell(clause['why'])}"
            else:
                path, words = clause["code"]
                done = f"[`{path}`](../{path}): {quoted(words)}" + (f" {cell(clause['note'])}" if "note" in clause else "")
            shown = f"`{clause['test']}`" if "test" in clause else ""
            section = f"[{cell(clause['section'])}]({anchor(ledger, clause['section'])})"
            lines.append(f"| {section} | {clause['id']} | {clause['level']} | {cell(clause['quote'])} | {done} | {shown} |")
    return "\n".join(lines) + "\n"


def command(test):
    """What runs one test, and the name to run."""
    path, _, name = test.partition("::")
    parts = pathlib.PurePath(path).with_suffix("").parts
    if parts[1] == "src":
        manifest = tomllib.loads(text(f"{parts[0]}/Cargo.toml"))
        modules = [part for part in parts[2:] if part not in ("lib", "mod")]
        # refusal_tests.rs is `refusal::tests`, and tests.rs `tests`.
        if modules[-1].endswith("_tests"):
            modules[-1:] = [modules[-1].removesuffix("_tests"), "tests"]
        elif modules[-1] != "tests":
            modules.append("tests")
        return ["-p", manifest["package"]["name"], "--lib"], "::".join([*modules, name])
    target, modules = (parts[1], parts[2:]) if parts[0] == "tests" else (parts[2], parts[3:])
    modules = [part for part in modules if part != "main"]
    return ["--workspace", "--features", "paywall/aws", "--test", target], "::".join([*modules, name])


def run(test, tree):
    """Whether a test passes in a tree: "passes", "fails", or why that cannot be told."""
    which, name = command(test)
    environment = {**os.environ, "CARGO_TERM_COLOR": "never"}
    for more, seconds in ([["--no-run"], 1200], [["--", "--exact", name], 300]):
        done = subprocess.run(["cargo", "test", "--quiet", *which, *more], cwd=tree, env=environment, timeout=seconds,
                              text=True, capture_output=True)
        if more == ["--no-run"] and done.returncode:
            return "does not build: " + "\n".join(done.stderr.strip().splitlines()[-25:])
    if "1 passed" in done.stdout:
        return "passes"
    return "fails" if "1 failed" in done.stdout else f"{name} was not run"


def break_each(word, written):
    """Breaks each line, and sees its test fail. True if all did."""
    chosen = [(path.stem, clause) for path, ledger in ledgers() for clause in ledger["clause"]
              if "break" in clause and (not word or word in f"{path.stem}:{clause['id']}")]
    chosen.sort(key=lambda pair: (command(pair[1]["test"])[0], edit(pair[1])[0]))
    place = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "clauses"
    # Of its own: cargo names what two worktrees build alike, and would take what was broken here for what is whole there.
    os.environ["CARGO_TARGET_DIR"] = str(place / "target")
    tree = place / "tree"
    git = ["git", "-C", str(ROOT)]
    commit = subprocess.check_output([*git, "rev-parse", "HEAD"], text=True).strip()
    if tree.exists():
        subprocess.run([*git, "worktree", "remove", "--force", str(tree)], check=True)
    subprocess.run([*git, "worktree", "add", "--quiet", "--detach", str(tree), commit], check=True)
    seen, began = [], time.time()
    try:
        for test in sorted({clause["test"] for _, clause in chosen}):
            if (outcome := run(test, tree)) != "passes":
                sys.exit(f"unbroken, {test} {outcome}")
        print(f"unbroken, every test passes ({time.time() - began:.0f} s)", flush=True)
        for name, clause in chosen:
            path, old, new = edit(clause)
            file = tree / path
            whole = file.read_text()
            file.write_text(whole.replace(old, new))
            try:
                outcome = run(clause["test"], tree)
            finally:
                file.write_text(whole)
            seen.append({"clause": f"{name}:{clause['id']}", "level": clause["level"], "test": clause["test"], "outcome": outcome})
            print(f"{outcome.splitlines()[0]:<8} {name}:{clause['id']:<24} {clause['test']}", flush=True)
            if "\n" in outcome:
                print(outcome, flush=True)
    finally:
        subprocess.run([*git, "worktree", "remove", "--force", str(tree)], check=False)
    failed = sum(one["outcome"] == "fails" for one in seen)
    print(f"{failed} of {len(seen)} broken clauses made their tests fail, in {time.time() - began:.0f} s, at {commit[:12]}")
    if written:
        pathlib.Path(written).write_text(json.dumps({"commit": commit, "failed": failed, "of": len(seen), "clauses": seen}, indent=1))
    return failed == len(seen) > 0


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sources", type=pathlib.Path, metavar="FOLDER")
    options.add_argument("--break", nargs="?", const="", dest="broken", metavar="WORD")
    options.add_argument("--json", metavar="FILE")
    given = options.parse_args()
    found = list(problems(given.sources))
    made = page()
    if os.environ.get("UPDATE_DOCS"):
        (ROOT / PAGE).write_text(made)
    elif text(PAGE) != made:
        found.append(f"{PAGE} is not what docs/clauses says: UPDATE_DOCS=1 scripts/clauses.py")
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        return 1
    if given.broken is not None:
        return 0 if break_each(given.broken, given.json) else 1
    every = [clause for _, ledger in ledgers() for clause in ledger["clause"]]
    print(f"{len(every)} clauses, each where it is said to be; {sum(c.get('met') is False for c in every)} not met")
    return 0


if __name__ == "__main__":
    sys.exit(main())
