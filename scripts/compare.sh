#!/usr/bin/env bash
# Measures what the package costs beside other packages, a plain Python function and a lean Node function, in
# turn in one run under the clients of AWS's managed runtimes: docs/compare.md.
#
#   scripts/compare.sh [NAME=ZIP ...]    other packages of this function, an older one for example
#
# Takes ten minutes. Needs Linux and root, for quotas; what scripts/test-package.sh needs; Node.js 22 or newer,
# which NODE may name, and npm, cmake and a C++ compiler: AWS's client for Node has a native part.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node=${NODE:-node}

fail() {
    printf 'scripts/compare.sh: %s\n' "$1" >&2
    exit 1
}
[ "$(id -u)" = 0 ] || fail "run it as root: it sets quotas"
[ "$("$node" -p 'process.versions.node.split(".")[0]')" -ge 22 ] || fail "$node is not Node.js 22 or newer; NODE names another"
node=$(command -v "$node")

"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r tests/package/requirements.txt
cp tests/package/others/package*.json "$work"
PATH=$(dirname "$node"):$PATH npm ci --prefix "$work" --no-audit --no-fund >"$work/npm.log" 2>&1 || {
    cat "$work/npm.log" >&2
    fail "AWS's client for Node cannot be built"
}
scripts/package.sh --rehearsal-secrets >/dev/null
cargo build --quiet --workspace --example cpu
NODE=$node NODE_CLIENT=$work/node_modules/aws-lambda-ric/index.mjs "$work/venv/bin/python" -u tests/package/compare.py \
    --cpu "${CARGO_TARGET_DIR:-target}/debug/examples/cpu" this=dist/edge-fn.zip "$@" \
    python=tests/package/others/python node=tests/package/others/node
