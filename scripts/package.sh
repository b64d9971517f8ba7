#!/usr/bin/env bash
# Packages the function for Lambda: dist/edge-fn.zip, and what there is to know of it, dist/edge-fn.json.
# The same function, secrets, price table and tools give the same bytes.
#
#   --shim exec|child    how Lambda's Python starts it, see edge-fn/shim/README.md (default: exec)
#   --rehearsal-secrets  put throw-away keys in; the result can be tried, but not deployed
#
#   SECRETS_FILE    the JSON file of secrets that goes in; required
#   CONTENT_CONFIG  the content.toml whose prices go in; the sample by default
#
# Needs what scripts/build.sh needs. Without cargo it takes dist/bootstrap and the tools as they were built
# before, and says from what: a price needs no compiler.
set -euo pipefail
umask 077 # what is packaged holds the secrets
cd "$(dirname "$0")/.."

usage() {
    sed -n '2,12s/^# \{0,1\}//p' scripts/package.sh >&2
    exit 2
}
fail() {
    printf 'scripts/package.sh: %s\n' "$@" >&2
    exit 1
}

shim='exec'
while [ $# -gt 0 ]; do
    case $1 in
        --shim) shim=${2:-} && shift ;;
        --rehearsal-secrets) SECRETS_FILE=dist/rehearsal-secrets.json ;;
        *) usage ;;
    esac
    shift
done
[ -f "edge-fn/shim/$shim.py" ] && [ "$shim" != '' ] || usage

[ -n "${SECRETS_FILE:-}" ] ||
    fail "SECRETS_FILE is not set: the function does not start without keys." \
        'Name a JSON file such as {"site": "<its id>", "handover": ["<64 hex digits>"], "pass": ["<64 hex digits>"]};' \
        "openssl rand -hex 32 makes a key. To try things out, run scripts/package.sh --rehearsal-secrets."
[ "$SECRETS_FILE" = dist/rehearsal-secrets.json ] || [ -r "$SECRETS_FILE" ] || fail "SECRETS_FILE names $SECRETS_FILE, which cannot be read"

built=${CARGO_TARGET_DIR:-target}
if command -v cargo >/dev/null; then
    (
        umask 022 # others may build here, too
        scripts/build.sh
        # All of the workspace, as `cargo run` does: with -p, crates get other features and are built again.
        env -u CARGO_BUILD_TARGET cargo build --quiet
    )
    built=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
elif [ -r dist/bootstrap.commit ]; then
    echo "without cargo: the function and the tools as they were built from $(cat dist/bootstrap.commit)" >&2
fi
built=$built/debug
config=${CONTENT_CONFIG:-content-config/sample/content.toml}
for needed in dist/bootstrap "$built/content-config" "$built/ship"; do
    [ -x "$needed" ] || fail "$needed is missing: run this once where cargo is, or install Rust from https://rustup.rs"
done
if [ "$SECRETS_FILE" = dist/rehearsal-secrets.json ]; then
    rehearse() { "$built/ship" secrets --content-config "$config" --output "$SECRETS_FILE" "$@" >/dev/null; }
    # Those of another site are made anew.
    { [ -e "$SECRETS_FILE" ] && rehearse --from "$SECRETS_FILE" 2>/dev/null; } || rehearse --rehearsal
fi

# What the function finds in its folder.
rm -rf dist/task
mkdir -p dist/task
"$built/content-config" --config "$config" compile --output dist/task/table.bin
cp "$SECRETS_FILE" dist/task/secrets.json
cp "edge-fn/shim/$shim.py" dist/task/index.py
cp dist/bootstrap dist/task/bootstrap
# The function itself looks at them: nobody else decides what it takes.
LAMBDA_TASK_ROOT=dist/task dist/task/bootstrap --check || fail "these files make no function that sells"
"$built/ship" package dist/task --output dist/edge-fn.zip --compressed dist/bootstrap.zip --shim "$shim" \
    --commit "$(cat dist/bootstrap.commit)"
# A seller's own table may be larger than the budget.
[ -n "${CONTENT_CONFIG:-}" ] || ! command -v cargo >/dev/null || python3 scripts/budget.py
