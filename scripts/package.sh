#!/usr/bin/env bash
# Packages the function for Lambda, dist/edge-fn.zip: `paywall build`, with the sample's prices unless CONTENT_CONFIG names
# others. In a clone that has cargo, builds the tool first. Without it takes what was built before: a price needs no compiler.
#
#   SECRETS_FILE    the JSON file of secrets that goes in; or else --rehearsal-secrets
set -euo pipefail
cd "$(dirname "$0")/.."

program=paywall # a release's
if [ ! -f paywall ]; then
    built=${CARGO_TARGET_DIR:-target}
    if command -v cargo >/dev/null; then
        # All of the workspace, as `cargo run` does: with -p, crates get other features and are built again.
        env -u CARGO_BUILD_TARGET cargo build --quiet
        built=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
    fi
    program=$built/debug/paywall
    [ -x "$program" ] || {
        echo "scripts/package.sh: $program is missing: run this once where cargo is, or install Rust from https://rustup.rs" >&2
        exit 1
    }
fi
"$(realpath "$program")" --config "${CONTENT_CONFIG:-content-config/sample/content.toml}" build "$@"
# A seller's own table may be larger than the budget.
[ -n "${CONTENT_CONFIG:-}" ] || [ -f paywall ] || ! command -v cargo >/dev/null || python3 scripts/budget.py
