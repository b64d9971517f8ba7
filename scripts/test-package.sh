#!/usr/bin/env bash
# Packages the function with throw-away keys, and tries the packages under `awslambdaric`, the client
# of AWS's managed Python runtime.
#
# Needs what scripts/package.sh needs, and a Python with venv and pip; PYTHON names another one than
# python3. TEST_REPRODUCIBLE=1 also builds a copy of the tree in another folder, and compares.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    printf 'scripts/test-package.sh: %s\n' "$1" >&2
    exit 1
}

"${PYTHON:-python3}" -m venv "$work/venv" ||
    fail "${PYTHON:-python3} cannot make a virtual environment (Debian, Ubuntu: apt-get install python3-venv)"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r tests/package/requirements.txt

for shim in child exec; do
    scripts/package.sh --rehearsal-secrets --shim "$shim"
    first=$(sha256sum <dist/edge-fn.zip)
    scripts/package.sh --rehearsal-secrets --shim "$shim" >/dev/null
    [ "$first" = "$(sha256sum <dist/edge-fn.zip)" ] || fail "packaging twice gave different bytes"
    cp dist/edge-fn.zip "$work/$shim.zip"
done

# A new price needs no compiler: none is found from here on.
cp -r content-config/sample "$work/shop"
sed -i 's/^price = "0.01"/price = "0.12345"/' "$work/shop/content.toml"
without=$(python3 -c '
import os
print(":".join(p for p in os.environ["PATH"].split(":") if not any(os.path.exists(f"{p}/{t}") for t in ("cargo", "rustc"))))')
(
    PATH=$without
    ! command -v cargo rustc || fail "a compiler is still there"
    SECONDS=0
    CONTENT_CONFIG=$work/shop/content.toml scripts/package.sh --rehearsal-secrets
    echo "a new price, without a compiler: $SECONDS s"
)
cp dist/edge-fn.zip "$work/new-price.zip"

if [ "${TEST_REPRODUCIBLE:-}" = 1 ]; then
    # The work tree as it is, in a folder with a space, built from nothing.
    copy="$work/another place"
    mkdir "$copy"
    git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -cf - -T - 2>/dev/null | tar -xf - -C "$copy"
    CARGO_TARGET_DIR="$work/target" "$copy/scripts/build.sh"
    cmp dist/bootstrap "$copy/dist/bootstrap" || fail "another folder gives other bytes"
    echo "another folder gives the same bytes"
fi

# All of the workspace, as `cargo run` does: with -p, crates get other features and are built again.
cargo build --quiet
EDGE_LOCAL=$(realpath "${CARGO_TARGET_DIR:-target}/debug/edge-local")
export EDGE_LOCAL EXEC_PACKAGE="$work/exec.zip" CHILD_PACKAGE="$work/child.zip" NEW_PRICE_PACKAGE="$work/new-price.zip"
export PATH_WITHOUT_COMPILER=$without
(
    cd tests/package
    PYTHONDONTWRITEBYTECODE=1 timeout 300 "$work/venv/bin/python" -m unittest -v test_package test_journeys
)
# What is left behind is the sample's.
scripts/package.sh --rehearsal-secrets >/dev/null
