#!/usr/bin/env bash
# The deployment scripts and the scheduled check against a mocked control plane on loopback. Needs cargo, Python 3 and PyPI (once).
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

shellcheck --external-sources scripts/{test-deploy,build,build-bookkeeper,paywall,deploy,attach,status,roll-back,destroy,upload-content,list-sales,package}.sh
target=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
# Beside the tests: without them, crates get other features and are built again.
cargo build --quiet --workspace --features paywall/aws --bins --tests --examples
# A `cargo run` beside this would put the one without AWS's part in its place.
cp "$target/debug/paywall" "$target/debug/paywall-aws"
"$target/debug/examples/package" "$target/debug/bookkeeper" "$target/debug/bookkeeper.zip"
# The real one is tried by itself; those that only deploy it take a small one, to pack it soon.
X402_BOOKKEEPER=$(type -P true)
export X402_BOOKKEEPER BOOKKEEPER=$target/debug/bookkeeper.zip RECORD=$target/debug/examples/record
[ -f dist/bootstrap ] || scripts/build.sh
PAYWALL=$target/debug/paywall-aws timeout "${TEST_DEPLOY_SECONDS:-900}" \
    pytest --quiet --numprocesses "$(nproc)" tests/deploy "$@"

# Every call of the control plane once, by the client that has them.
cd tests/deploy
coproc python -m control_plane "$target/faults.json" 2>"$target/control-plane.log"
control_plane=$COPROC_PID
trap 'kill "$control_plane"' EXIT
read -r -t 60 port <&"${COPROC[0]}"
cd ../..
CONTROL_PLANE_URL=http://127.0.0.1:$port CONTROL_PLANE_FAULTS=$target/faults.json timeout 600 \
    cargo test --quiet --workspace --features paywall/aws --test moto -- --ignored
