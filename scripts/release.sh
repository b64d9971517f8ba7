#!/usr/bin/env bash
# Makes a release: dist/release/paywall-VERSION-TARGET.tar.gz, which holds the tool with the deployable function in it,
# templates, documents and the sample; beside it checksums and a bill of materials. The same commit and tools give the
# same bytes.
#
#   --target TRIPLE   for which host (default: this one); `rustup target add TRIPLE`, and a linker for it
#
# Tried for x86_64-unknown-linux-gnu. Not tried: aarch64-unknown-linux-gnu, x86_64-apple-darwin, aarch64-apple-darwin.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

fail() {
    printf 'scripts/release.sh: %s\n' "$@" >&2
    exit 1
}
target=$(rustc -vV | sed -n 's/^host: //p')
while [ $# -gt 0 ]; do
    case $1 in
        --target) target=${2:?} && shift ;;
        *) fail "there is no option $1" ;;
    esac
    shift
done
[ -z "$(git status --porcelain)" ] || fail "commit or stash first: a release is that of a commit"
version=$(cargo metadata --no-deps --format-version 1 | python3 -c '
import json, sys
print(next(p["version"] for p in json.load(sys.stdin)["packages"] if p["name"] == "paywall"))')
name=paywall-$version-$target
out=dist/release
rm -rf "$out"
mkdir -p "$out/$name"

# The function, compressed, and the commit that it is of.
scripts/package.sh --rehearsal-secrets
scripts/build-bookkeeper.sh

cargo_home=${CARGO_HOME:-$HOME/.cargo}
target_dir=$(realpath -m "${CARGO_TARGET_DIR:-target}")
CARGO_ENCODED_RUSTFLAGS=$(printf '%s\x1f' "--remap-path-prefix=$target_dir=target" "--remap-path-prefix=$cargo_home=cargo" "--remap-path-prefix=$root=.")
export CARGO_ENCODED_RUSTFLAGS=${CARGO_ENCODED_RUSTFLAGS%$'\x1f'}
PAYWALL_CARRIES=$root/dist cargo build --quiet --locked --profile tool -p paywall --features aws --bin paywall --target "$target"
program=$target_dir/$target/tool/paywall
for path in "$root/" "$cargo_home/" "$target_dir/"; do
    ! grep -qaF "$path" "$program" || fail "the program holds the path $path of this machine"
done
python3 scripts/bill_of_materials.py "$target" "$out/audit" >"$out/$name.cdx.json"

# Where they lie in a clone, so that what one document says of another holds.
git ls-files -z README.md SECURITY.md CHANGELOG.md CONTRIBUTING.md 'LICENSE*' docs infra examples scripts content-config/README.md content-config/sample \
    edge-fn/shim tests/bench/README.md ':!scripts/*test*' ':!scripts/bench.sh' ':!scripts/compare.sh' ':!scripts/release.sh' \
    ':!scripts/build*.sh' ':!scripts/lib' ':!scripts/search.sh' ':!scripts/fuzz.sh' ':!scripts/count.sh' ':!scripts/mutants.sh' \
    ':!scripts/proof-pack.sh' ':!scripts/*.py' ':!scripts/try-readme.sh' |
    xargs -0 cp --parents -t "$out/$name"
cp "$program" "$out/$name/paywall"
# Who has the program alone can ask as well which crates are in it: `cargo audit bin paywall`.
[[ $target != *linux* ]] || objcopy --add-section .dep-v0="$out/audit" --set-section-flags .dep-v0=readonly "$out/$name/paywall"
rm "$out/audit"
# What `paywall deploy` has look every five minutes.
cp dist/bookkeeper "$out/$name/bookkeeper"
time=$(git show --no-patch --format=%ct HEAD)
tar --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner --mode='u=rwX,go=rX' -C "$out" -cf - "$name" | gzip -9n >"$out/$name.tar.gz"
rm -rf "${out:?}/$name"
(cd "$out" && sha256sum "$name".* >"$name.sha256" && cat "$name.sha256")
