#!/usr/bin/env bash
# Makes a release and uses it as who takes it: in an empty folder, with the basics on the PATH and no clone. Takes minutes.
#
#   TEST_REPRODUCIBLE=1   makes it a second time, from nothing, and compares
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    printf 'scripts/test-release.sh: %s\n' "$1" >&2
    exit 1
}
scripts/release.sh
work=$(mktemp -d)
dev=
cleanup() {
    [ -z "$dev" ] || kill "$dev" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
(cd dist/release && sha256sum --quiet --check -- *.sha256)
tar -xzf dist/release/*.tar.gz -C "$work"
# The same crates in the bill of materials and in the program itself.
objcopy --dump-section .dep-v0="$work/audit" "$work"/paywall-*/paywall
python3 - "$work/audit" dist/release/*.cdx.json <<'PYTHON'
import json, sys, zlib
inside = {(p["name"], p["version"]) for p in json.loads(zlib.decompress(open(sys.argv[1], "rb").read()))["packages"]}
bill = json.load(open(sys.argv[2]))
listed = {(c["name"], c["version"]) for c in [bill["metadata"]["component"], *bill["components"]]}
assert inside == listed and len(listed) > 100, inside ^ listed
print(f"{len(listed)} crates, in the bill of materials and in the program")
PYTHON
if [ "${TEST_REPRODUCIBLE:-}" = 1 ]; then
    first=$(cat dist/release/*.sha256)
    CARGO_TARGET_DIR=$work/target scripts/release.sh
    [ "$first" = "$(cat dist/release/*.sha256)" ] || fail "a second build gives other bytes"
fi

# Who takes it has no compiler.
export PATH=/usr/bin:/bin HOME=$work
! command -v cargo rustc || fail "a compiler is still there"
paywall=$(echo "$work"/paywall-*/paywall)
mkdir "$work/shop"
cd "$work/shop"
echo "worth a cent" >report.txt
"$paywall" init --yes
"$paywall" check >/dev/null
"$paywall" build --rehearsal-secrets
unzip -l dist/edge-fn.zip 2>/dev/null || python3 -m zipfile --list dist/edge-fn.zip
"$paywall" dev --listen 127.0.0.1:0 >"$work/log" 2>&1 &
dev=$!
for _ in $(seq 100); do
    ! grep -q 'Ctrl-C stops it' "$work/log" || break
    kill -0 "$dev" || fail "$(cat "$work/log")"
    sleep 0.2
done
line=$(grep -E '^ *curl .*sign' "$work/log")
echo "$ $line"
bash -c "$line --silent" | tr -d '\r' | tee "$work/answer" | sed -n '1p;$p'
grep -q '^worth a cent' "$work/answer" || fail "it was not bought"
echo "begun, checked, packaged and bought from a release"
