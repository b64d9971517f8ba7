#!/bin/bash
# Buys with other people's clients through other people's facilitators on a real chain, and prints who
# could: tests/bench/README.md. Sets up what it needs. Writes target/bench/bench.json, bench.md,
# fleet.txt, one-payment.txt, books.txt, prove.txt, listing.txt, catalogue.txt and page.txt, and pictures of the page in page/pictures.
#
#   scripts/bench.sh                  every part must be there
#   scripts/bench.sh --allow-missing  parts that cannot be had are left out, and said so
#   scripts/bench.sh --get            only gets the parts of others, so that a run finds them
set -euo pipefail

allow_missing='' get=''
for flag in "$@"; do
    case $flag in
        --allow-missing) allow_missing=$flag ;;
        --get) get=$flag ;;
        *) echo "usage: scripts/bench.sh [--allow-missing|--get]" >&2; exit 2 ;;
    esac
done

cd "$(dirname "$0")/.."
bench=$PWD/tests/bench
out=$PWD/target/bench
built=${CARGO_TARGET_DIR:-$PWD/target}
built=$(mkdir -p "$built" && cd "$built" && pwd)
mkdir -p "$out"
missing=()

step() { printf '\n-- %s\n' "$*"; }
have() { command -v "$1" > /dev/null; }
# Without these there is nothing to run.
need() { have "$1" || { echo "bench: $1 is missing: $2" >&2; exit 1; }; }
# What can be left out, and how to get it.
lack() { missing+=("$1"); echo "bench: cannot get $1: $2" >&2; }
# Runs a command unless it did so already with these very files: `once NAME FILES... -- COMMAND...`
once() {
    local mark=$out/$1.made files=()
    shift
    while [ "$1" != -- ]; do files+=("$1"); shift; done
    shift
    local now
    now=$(sha256sum "${files[@]}" | sha256sum)
    [ "$(cat "$mark" 2> /dev/null)" = "$now" ] && return
    rm -f "$mark"
    "$@" && echo "$now" > "$mark"
}

need cargo "install Rust, https://rustup.rs"
need node "install Node.js 20 or later, https://nodejs.org"
need npm "it comes with Node.js"
need curl "install the package curl"
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || { echo "bench: Node.js 20 or later is needed, this is $(node --version)" >&2; exit 1; }

step "npm packages"
npm_ci() { (cd "$bench" && timeout 600 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error); }
[ -d "$bench/node_modules" ] || rm -f "$out/npm.made"
once npm "$bench/package-lock.json" -- npm_ci || {
    echo "bench: npm ci failed; without Node's packages there is neither a chain nor a facilitator" >&2
    exit 1
}

# A virtual environment for each list of Python packages: `python_with NAME REQUIREMENTS WHAT`
venv() {
    rm -rf "$1"
    python3 -m venv "$1" && timeout 600 "$1/bin/pip" install -q --disable-pip-version-check --no-deps -r "$2"
}
python_with() {
    local place=$out/python-$1
    step "$3"
    [ -x "$place/bin/python" ] || rm -f "$place.made"
    once "python-$1" "$2" -- venv "$place" "$2" || {
        rm -rf "$place"
        lack "$3" "needs python3 with venv (3.10 or later), and PyPI"
    }
}
for version in v1 v2; do
    python_with "$version" "$bench/buyers/python/requirements-$version.txt" "x402 for Python, $version"
done
python_with catalogue "$bench/catalogue/requirements.txt" "validators for Python"

step "browsers"
apt_get() { DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -qq "$@" > "$out/apt.log" 2>&1; }
# Installs packages, if this may install any: `apt_install PACKAGES...`
apt_install() {
    have apt-get && [ "$(id -u)" = 0 ] || return
    apt_get install -y --no-install-recommends "$@" || { apt_get update && apt_get install -y --no-install-recommends "$@"; }
}
# The first of these programs that is there.
first() {
    local one
    for one in "$@"; do command -v "$one" && return; done
    return 1
}
have chromium || have chromium-browser || apt_install chromium || true
have firefox-esr || have firefox || apt_install firefox-esr || true
{ have WebKitWebDriver && have Xvfb; } || apt_install webkit2gtk-driver xvfb || true
chromium=$(first chromium chromium-browser) || lack chromium "install the package chromium"
firefox=$(first firefox-esr firefox) || lack firefox "install the package firefox-esr"
# WebKit is tried where it can be had: it is in Debian and Ubuntu alone.
webkit_driver=$(have Xvfb && first WebKitWebDriver) || true
webkit_browser=$(ls /usr/lib/*/webkit2gtk-4*/MiniBrowser 2> /dev/null | tail -n 1) || true
[ -n "$webkit_driver" ] && [ -n "$webkit_browser" ] || {
    webkit_driver=
    echo "bench: no WebKit: nobody buys with it (packages webkit2gtk-driver and xvfb)" >&2
}

step "Rust client"
rust_buyer=$built/bench-rust/debug/bench-buyer
cargo build -q --locked --manifest-path "$bench/buyers/rust/Cargo.toml" --target-dir "$built/bench-rust" || {
    rust_buyer=
    lack x402-reqwest "see cargo's message above"
}
# What is missing, the run says again.
[ -z "$get" ] || exit 0

step "edge-local, and the function as it is deployed"
# All of the workspace, as `cargo run` does: with -p, crates get other features and are built again.
cargo build -q
# What scripts/test.sh built, if it asks.
bootstrap=${X402_BOOTSTRAP:-}
[ -n "$bootstrap" ] || {
    cargo build -q --release -p edge-fn --bin bootstrap
    bootstrap=$built/release/bootstrap
}
# The function's folder with a table: `selling NAME CONTENT_TOML`
selling() {
    mkdir -p "$out/functions/$1"
    ln -sf "$bootstrap" "$out/functions/$1/bootstrap"
    "$built/debug/content-config" --config "$2" compile --output "$out/functions/$1/table.bin"
}
selling sample content-config/sample/content.toml
selling other-terms "$bench/seller/content.toml"

if [ ${#missing[@]} -gt 0 ] && [ -z "$allow_missing" ]; then
    printf 'bench: not run, since this is missing: %s\n' "$(IFS=';'; echo "${missing[*]}")" >&2
    echo "bench: --allow-missing runs the rest" >&2
    exit 1
fi

step "the matrix"
# Here is a file for every process that runs; what is left of them at the end is killed.
pids=$(mktemp -d)
runner=
stop() {
    local code=$?
    trap - EXIT INT TERM HUP
    if [ -n "$runner" ] && kill -TERM "$runner" 2> /dev/null; then
        for _ in $(seq 100); do kill -0 "$runner" 2> /dev/null || break; sleep 0.1; done
        kill -KILL "$runner" 2> /dev/null || true
    fi
    for signal in TERM KILL; do
        for pid in $(ls "$pids"); do kill "-$signal" "$pid" 2> /dev/null || true; done
        [ -z "$(ls "$pids")" ] || sleep 1
    done
    rm -rf "$pids"
    exit "$code"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Runs a command of the bench, so many seconds at most.
bounded() {
    BENCH_OUT=$out BENCH_PIDS=$pids \
    BENCH_EDGE_LOCAL=$built/debug/edge-local BENCH_PAYWALL=$built/debug/paywall \
    BENCH_BOOTSTRAP=$bootstrap BENCH_COMPILER=$built/debug/content-config \
    BENCH_FUNCTION=$out/functions/sample BENCH_FUNCTION_OTHER_TERMS=$out/functions/other-terms \
    BENCH_RUST_BUYER=$rust_buyer BENCH_CHROMIUM=$chromium BENCH_FIREFOX=$firefox \
    BENCH_WEBKIT_DRIVER=$webkit_driver BENCH_WEBKIT_BROWSER=$webkit_browser \
    BENCH_PYTHON_V1=$out/python-v1/bin/python BENCH_PYTHON_V2=$out/python-v2/bin/python \
    BENCH_PYTHON_CATALOGUE=$out/python-catalogue/bin/python \
        timeout --signal=TERM --kill-after=30 "$@" &
    runner=$!
    wait "$runner"
}

failed=
bounded 900 node "$bench/run.mjs" $allow_missing || failed=1

step "a fleet"
bounded 360 node "$bench/fleet.mjs" > "$out/fleet.txt" || failed=1
cat "$out/fleet.txt"

step "one payment opens one thing"
bounded 1800 node "$bench/one-payment.mjs" > "$out/one-payment.txt" || failed=1
cat "$out/one-payment.txt"

step "the books of a small day of trade"
bounded 300 node "$bench/books.mjs" > "$out/books.txt" || failed=1
cat "$out/books.txt"

step "what paywall prove says of sellers"
bounded 300 node "$bench/prove.mjs" > "$out/prove.txt" || failed=1
cat "$out/prove.txt"

step "the documents for agents"
bounded 300 node "$bench/listing.mjs" > "$out/listing.txt" || failed=1
cat "$out/listing.txt"

step "what catalogues make of a shop"
bounded 300 node "$bench/catalogue.mjs" $allow_missing > "$out/catalogue.txt" || failed=1
cat "$out/catalogue.txt"

step "people at a browser"
bounded 600 node "$bench/page.mjs" $allow_missing > "$out/page.txt" || failed=1
cat "$out/page.txt"
[ -z "$failed" ]
