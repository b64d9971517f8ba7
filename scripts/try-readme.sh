#!/usr/bin/env bash
# Does what the README tells a new user to do: starts the local edge and runs the three curl lines
# that it prints. Checks what comes back, and that Ctrl-C leaves no process behind.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
content=content-config/sample/content
edge=
cleanup() {
    [ -z "$edge" ] || kill -KILL "$edge" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
fail() {
    printf 'scripts/try-readme.sh: %s\n' "$1" >&2
    sed 's/^/  log: /' "$work/log" >&2
    exit 1
}

# Built first, so that the process to signal is paywall and not cargo.
cargo build --quiet
target=${CARGO_TARGET_DIR:-target}
"$target/debug/paywall" --listen 127.0.0.1:0 >"$work/log" 2>&1 &
edge=$!
for _ in $(seq 1200); do
    grep -q 'Ctrl-C stops it' "$work/log" && break
    kill -0 "$edge" 2>/dev/null || fail "paywall ended before it was ready"
    sleep 1
done
mapfile -t lines < <(grep -E '^ *curl ' "$work/log")
[ "${#lines[@]}" = 3 ] || fail "expected three curl lines, found ${#lines[@]}"

# Runs a line; leaves head and body apart.
run() {
    echo "$ $1"
    (cd / && timeout 60 bash -c "$1 --silent --show-error") >"$work/answer" || fail "curl failed: $1"
    tr -d '\r' <"$work/answer" | sed '/^$/q' >"$work/head"
    tail -c +"$(($(sed '/^\r$/q' "$work/answer" | wc -c) + 1))" "$work/answer" >"$work/body"
    head -1 "$work/head"
}
status() { head -1 "$work/head" | cut -d' ' -f2; }
header() { sed -n "s/^$1: //Ip" "$work/head"; }
is() { [ "$2" = "$3" ] || fail "$1: expected $3, got $2"; }

run "${lines[0]}"
is "status of the free file" "$(status)" 200
cmp -s "$work/body" "$content/free/hello.txt" || fail "the free file has other bytes"

run "${lines[1]}"
is "status of the priced file" "$(status)" 402
is "alias of the challenge" "$(header x-payment-required)" "$(header payment-required)"
header payment-required | base64 -d | grep -q '^{"x402Version":2,' || fail "the header is not x402 v2"
grep -q '^{"x402Version":1,' "$work/body" || fail "the body is not x402 v1"

for cached in Miss Hit; do
    run "${lines[2]}"
    is "status of the paid file" "$(status)" 200
    cmp -s "$work/body" "$content/reports/2026/market.json" || fail "the paid file has other bytes"
    header payment-response | base64 -d | grep -q '"success":true' || fail "no receipt"
    is "cache" "$(header x-cache)" "$cached from cloudfront"
done

children=$(pgrep -P "$edge" || true)
[ -n "$children" ] || fail "no sandbox is running"
kill -INT "$edge"
for _ in $(seq 30); do
    kill -0 "$edge" 2>/dev/null || break
    sleep 1
done
! kill -0 "$edge" 2>/dev/null || fail "paywall did not stop"
edge=
for child in $children; do
    ! kill -0 "$child" 2>/dev/null || fail "process $child was left behind"
done
echo "the README's walk works"
