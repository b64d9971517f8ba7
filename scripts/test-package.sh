#!/usr/bin/env bash
# Packages the function with throw-away keys, and tries the packages under `awslambdaric`, the client
# of AWS's managed Python runtime.
#
# Needs what scripts/package.sh needs, and a Python with venv and pip; PYTHON names another one than
# python3. TEST_REPRODUCIBLE=1 also builds a copy of the tree in another folder, as another user and with
# one job, and compares.
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

tools=$PATH
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
    # The work tree as it is, in a folder with a space, built from nothing, one crate after the other; if this is root,
    # by another user, who sees the toolchain where it can be read.
    other="$work/another place"
    mkdir -p "$other/shop" "$other/cargo/registry" "$other/rust"
    git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -cf - -T - 2>/dev/null | tar -xf - -C "$other/shop"
    home=${CARGO_HOME:-$HOME/.cargo}
    cp -r "$home/registry/cache" "$home/registry/index" "$other/cargo/registry"
    [ ! -e "$home/config.toml" ] || cp "$home/config.toml" "$other/cargo"
    rust=$(rustc --print sysroot)
    build=(env HOME="$other" CARGO_HOME="$other/cargo" CARGO_TARGET_DIR="$other/target" CARGO_BUILD_JOBS=1)
    who=$(id -un)
    if [ "$(id -u)" = 0 ]; then
        who=nobody
        chown -R "$who" "$other"
        chmod 755 "$work"
        # shellcheck disable=SC2016 # the inner shell's
        build=(unshare --mount sh -c 'mount --bind "$1" "$2" && shift 2 && exec "$@"' sh "$rust" "$other/rust"
            setpriv --reuid="$who" --regid=65534 --clear-groups --no-new-privs "${build[@]}")
        rust="$other/rust"
    fi
    build+=(PATH="$rust/bin:$tools")
    "${build[@]}" "$other/shop/scripts/build.sh"
    cmp dist/bootstrap "$other/shop/dist/bootstrap" || fail "another folder gives other bytes"
    echo "another folder gives the same bytes, one job at a time, to $who"
fi

# All of the workspace, as `cargo run` does: with -p, crates get other features and are built again.
cargo build --quiet
EDGE_LOCAL=$(realpath "${CARGO_TARGET_DIR:-target}/debug/edge-local")
export EDGE_LOCAL EXEC_PACKAGE="$work/exec.zip" CHILD_PACKAGE="$work/child.zip" NEW_PRICE_PACKAGE="$work/new-price.zip"
export PATH_WITHOUT_COMPILER=$without
(
    cd tests/package
    PYTHONDONTWRITEBYTECODE=1 timeout 600 "$work/venv/bin/python" -m unittest -v test_package test_journeys
)
# What is left behind is the sample's.
scripts/package.sh --rehearsal-secrets >/dev/null
