#!/usr/bin/env bash
# Searches for histories, and for interleavings of small worlds, that break a promise; and for those with a rule
# broken on purpose. In short: a million histories are `cargo run --profile simulate -p simulator`, all of the
# worlds `cargo run --profile simulate -p exhaustive`.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --quiet --profile simulate -p simulator -p exhaustive
searches=${CARGO_TARGET_DIR:-target}/simulate
"$searches/simulator" --histories 9000
"$searches/exhaustive" --short
"$searches/exhaustive" --mutants
