#!/usr/bin/env bash
# Every test of the project. Needs cargo, a C compiler and curl; Node.js 20 and Python 3 for the bench
# of other people's clients and facilitators. What cannot run here is said, and counted, at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

skipped=()
step() { printf '\n== %s\n' "$*"; }

for tool in cargo cc curl; do
    command -v "$tool" >/dev/null || {
        echo "scripts/test.sh needs $tool: install it and run this again" >&2
        exit 1
    }
done

step "format"
cargo fmt --all -- --check

step "lints"
cargo clippy --workspace --all-targets -- -D warnings

step "tests"
cargo test --workspace

step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

step "the benchmark builds"
cargo bench -p content-config --no-run --quiet

step "licences and sources"
if command -v cargo-deny >/dev/null; then
    # The advisories need a database from the network; the rest does not.
    cargo deny --offline check bans licenses sources
else
    skipped+=("licences and sources: cargo-deny is missing (cargo install cargo-deny --locked)")
fi

step "a sale with curl, as in the README"
scripts/try-readme.sh

step "every buyer, every facilitator, a real chain"
if command -v node >/dev/null && command -v npm >/dev/null && command -v python3 >/dev/null; then
    scripts/bench.sh
else
    skipped+=("the bench of real parts: install Node.js 20 with npm, and Python 3")
fi

printf '\n'
for what in ${skipped[@]+"${skipped[@]}"}; do echo "not run: $what"; done
echo "all tests passed, ${#skipped[@]} steps not run"
