#!/usr/bin/env bash
# Changes what decides about money, passes and paths, one place at a time (cargo-mutants), and fails when no test of the core notices:
# .cargo/mutants.toml says which files, and which mutants live for what reason.
#
#   scripts/mutants.sh                 all, which takes hours
#   scripts/mutants.sh --sample N      every N-th, another set each day
#   scripts/mutants.sh --re REGEX      those whose name, which begins with the file, matches
#
# Needs cargo-mutants (`cargo install cargo-mutants --locked`). Its report is in target/mutants/mutants.out.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo mutants --version >/dev/null 2>&1 || {
    echo "scripts/mutants.sh: needs cargo-mutants: cargo install cargo-mutants --locked" >&2
    exit 1
}
which=()
while [ $# -gt 0 ]; do
    case $1 in
        --sample) which+=(--shard "$(($(date +%s) / 86400 % $2))/$2" --sharding round-robin); shift ;;
        --re) which+=(--re "$2"); shift ;;
        *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
    shift
done
mkdir -p target/mutants
# The target folder of the copy is its own: mutants are built without debug information.
unset CARGO_TARGET_DIR
CARGO_PROFILE_DEV_DEBUG=0 cargo mutants --output target/mutants --jobs "${MUTANTS_JOBS:-1}" --no-shuffle --colors never "${which[@]}"
