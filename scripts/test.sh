#!/usr/bin/env bash
# Every test of the project. Needs cargo, a C compiler and curl; Node.js 20 and Python 3 with venv for
# the tests of and with other people's parts; openssl and binutils for packaging. What cannot run here is
# said, and counted, at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

skipped=()
beside=()
logs=$(mktemp -d)
# Ends a process and its offspring, of which `timeout` makes groups of their own.
end() {
    local child
    for child in $(pgrep -P "$1"); do end "$child"; done
    kill "$1" 2>/dev/null || true
}
trap 'for one in ${beside[@]+"${beside[@]}"} ${building:+:$building}; do end "${one##*:}"; done; rm -rf "$logs"' EXIT
step() { printf '\n== %s  (%s s)\n' "$*" "$SECONDS"; }
have() { for tool in "$@"; do command -v "$tool" >/dev/null || return; done; }

# beside NAME COMMAND...: with what the other steps leave of the machine; it is told at the end.
beside() {
    local name=$1
    shift
    nice -n "${niceness:-10}" "$@" >"$logs/$name" 2>&1 &
    beside+=("$name:$!")
}
together() {
    local one failed=''
    for one in ${beside[@]+"${beside[@]}"}; do
        wait "${one##*:}" && code=0 || code=$?
        step "${one%:*}, which ran beside: $code"
        cat "$logs/${one%:*}"
        [ "$code" = 0 ] || failed+=" ${one%:*}"
    done
    beside=()
    [ -z "$failed" ] || { echo "failed:$failed" >&2; exit 1; }
}

for tool in cargo cc curl; do
    have "$tool" || {
        echo "scripts/test.sh needs $tool: install it and run this again" >&2
        exit 1
    }
done

python=
! have python3 || ! python3 -c 'import venv, ensurepip' 2>/dev/null || python=yes

step "format"
cargo fmt --all -- --check

# Each takes a core: the function is linked as a whole, by one thread.
building=
if [ -n "$python" ] && have objdump readelf nm strip; then
    scripts/build.sh >"$logs/function" 2>&1 &
    building=$!
fi
step "lints"
cargo clippy --workspace --features paywall/aws --all-targets -- -D warnings

if have node npm python3; then
    beside "parts of the bench" scripts/bench.sh --get
fi

if [ -n "$building" ]; then
    wait "$building" && code=0 || code=$?
    step "the function, as it is deployed, which was built beside: $code"
    building=
    cat "$logs/function"
    [ "$code" = 0 ] || exit 1
    # Once, for all that need it.
    export X402_BOOTSTRAP=$PWD/dist/bootstrap
fi

step "tests"
niceness=19 beside "histories and small worlds" scripts/search.sh
cargo test --workspace --features paywall/aws --no-run
# What is built may be used meanwhile: tests mostly wait.
if [ -n "$python" ]; then
    beside "templates and their rules" scripts/test-infra.sh
    beside "deploy, attach, destroy against a mocked control plane" env TEST_DEPLOY_SECONDS=1500 scripts/test-deploy.sh
else
    skipped+=("templates and deployment: install Python 3.11 with venv")
fi
cargo test --workspace --features paywall/aws

if [ -n "${X402_BOOTSTRAP:-}" ] && have valgrind; then
    step "instructions of a 402 and of a sale"
    scripts/count.sh
else
    skipped+=("instructions: install valgrind, and what packaging needs")
fi

step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --features paywall/aws --no-deps --quiet

step "what x402 and HTTP demand, and the tests that documents name"
if [ -n "$python" ]; then
    python3 scripts/clauses.py
else
    skipped+=("clauses: install Python 3.11 with venv")
fi

step "licences and sources"
if have cargo-deny; then
    # The advisories need a database from the network; the rest does not.
    cargo deny --offline check bans licenses sources
else
    skipped+=("licences and sources: cargo-deny is missing (cargo install cargo-deny --locked)")
fi

step "a sale with curl, as in the README"
scripts/try-readme.sh

if [ -n "$python" ] && have openssl objdump readelf; then
    step "the package, under the client of AWS's managed runtime"
    scripts/test-package.sh
else
    skipped+=("the package: install Python 3.10 with venv, openssl and binutils")
fi

together
step "every buyer, every facilitator good and bad, a real chain"
if have node npm python3; then
    scripts/bench.sh
else
    skipped+=("the bench of real parts: install Node.js 20 with npm, and Python 3")
fi

printf '\n'
for what in ${skipped[@]+"${skipped[@]}"}; do echo "not run: $what"; done
echo "all tests passed in $SECONDS s, ${#skipped[@]} steps not run"
