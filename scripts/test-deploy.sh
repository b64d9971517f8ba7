#!/usr/bin/env bash
# The deployment scripts against a mocked control plane on loopback. Needs cargo, Python 3 and PyPI (once).
set -euo pipefail
cd "$(dirname "$0")/.."

venv=target/deploy-venv
requirements=tests/deploy/requirements.txt
if ! cmp -s "$requirements" "$venv/requirements.txt"; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$venv/requirements.txt"
fi
venv=$(realpath "$venv")
PATH=$venv/bin:$PATH

# Each script brings its part of lib/ in.
shellcheck --external-sources scripts/{deploy,attach,roll-back,destroy,status,test-deploy}.sh
# All of the workspace, as `cargo run` does: with -p, crates get other features and are built again.
cargo build --quiet
target=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
SHIP=$target/debug/ship timeout "${TEST_DEPLOY_SECONDS:-900}" \
    pytest --quiet --numprocesses "$(nproc)" tests/deploy "$@"
