#!/bin/sh
# The tool with the part that asks AWS: a release's, one that PAYWALL names, or a clone's, which cargo builds first.
root=$(cd "$(dirname "$0")/.." && pwd)
[ -f "$root/paywall" ] && : "${PAYWALL:=$root/paywall}"
[ -n "${PAYWALL:-}" ] && exec "$PAYWALL" "$@"
exec cargo run --quiet --manifest-path "$root/Cargo.toml" --package paywall --features aws -- "$@"
