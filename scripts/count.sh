#!/usr/bin/env bash
# Counts the instructions of a 402 and of a sale, whole and by stage, of the function as scripts/build.sh makes it, and fails when
# one is over its budget, or so far below that the budget says nothing any more: edge-fn/instructions.toml. Takes
# seconds; needs valgrind (Debian: apt install valgrind).
set -euo pipefail
cd "$(dirname "$0")/.."
command -v valgrind callgrind_annotate >/dev/null || {
    echo "scripts/count.sh: valgrind is needed (Debian: apt install valgrind)" >&2
    exit 1
}
[ -f dist/bootstrap.unstripped ] || scripts/build.sh
cargo build --quiet --workspace --features paywall/aws --example cpu
"${CARGO_TARGET_DIR:-target}/debug/examples/cpu" count dist/bootstrap.unstripped edge-fn/instructions.toml
