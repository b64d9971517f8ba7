#!/usr/bin/env bash
# Looks with libFuzzer for bytes that break a promise: all targets of tests/fuzz, or those that are named, each for so many seconds.
#
#   scripts/fuzz.sh [--seconds N] [TARGET ...]        1200 each, if nothing is said
#
# Needs a nightly toolchain and cargo-fuzz (`cargo install cargo-fuzz --locked`). What is found new goes into target/fuzz/corpus; what
# breaks a promise into target/fuzz/artifacts, and there is an exit code. Mended, it belongs into tests/fuzz/corpus, which the tests
# replay. `--keep` brings what the search found worth keeping there, as few and small inputs as reach the same.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=1200 keep=''
targets=()
while [ $# -gt 0 ]; do
    case $1 in
        --seconds) seconds=$2; shift ;;
        --keep) keep=yes ;;
        -*) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
        *) targets+=("$1") ;;
    esac
    shift
done
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(sed -n 's/^    ("\([a-z_]*\)", .*/\1/p' tests/fuzz/src/lib.rs)
cargo +nightly fuzz --version >/dev/null 2>&1 || {
    echo "scripts/fuzz.sh: needs a nightly toolchain and cargo-fuzz: rustup toolchain install nightly; cargo install cargo-fuzz --locked" >&2
    exit 1
}
# What is leaked is leaked on purpose, see below.
export ASAN_OPTIONS=detect_leaks=0
out=${CARGO_TARGET_DIR:-$PWD/target}/fuzz
fuzz() { cargo +nightly fuzz "$1" --fuzz-dir tests/fuzz/libfuzzer --target-dir "$out/built" "${@:2}"; }
fuzz build
# What the compiler's own tests write, too.
seeds() { echo "tests/fuzz/corpus/$1"; [ "$1" != content_toml ] || echo content-config/tests/errors; }
failed=()
for target in "${targets[@]}"; do
    mkdir -p "$out/corpus/$target" "$out/artifacts/$target"
    mapfile -t seeds < <(seeds "$target")
    if [ -n "$keep" ]; then
        fuzz cmin "$target" "$out/corpus/$target" >/dev/null 2>&1
        kept=0
        for input in "$out/corpus/$target"/*; do
            # What is long or one of very many teaches little.
            [ "$(stat -c %s "$input")" -le 4096 ] && [ "$kept" -lt 40 ] || continue
            cp "$input" "tests/fuzz/corpus/$target/"
            kept=$((kept + 1))
        done
        echo "$target: $kept inputs kept"
        continue
    fi
    # In rounds: a scenario's parts are leaked, as a sandbox's are.
    end=$((SECONDS + seconds)) runs=0
    while left=$((end - SECONDS)) && [ "$left" -gt 0 ]; do
        if ! fuzz run "$target" "$out/corpus/$target" "${seeds[@]}" -- -artifact_prefix="$out/artifacts/$target/" -runs=200000 \
            -max_total_time="$left" -rss_limit_mb=6000 -max_len=16384 -timeout=20 -print_final_stats=1 >"$out/$target.log" 2>&1; then
            failed+=("$target")
            tail -30 "$out/$target.log"
            break
        fi
        runs=$((runs + $(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$target.log")))
    done
    echo "$target: $runs inputs in $seconds s, $(find "$out/corpus/$target" -type f | wc -l) that each reach something new"
done
[ ${#failed[@]} -eq 0 ] || { echo "broken: ${failed[*]}; the inputs are in $out/artifacts" >&2; exit 1; }
