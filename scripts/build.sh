#!/usr/bin/env bash
# Builds the function for Lambda, dist/bootstrap: the same for every seller. The same commit and tools give
# the same bytes, wherever the checkout lies.
#
# Needs cargo (rustup's, 1.95 or newer), a C compiler with binutils, and Python 3.8 or newer.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/elf.sh
root=$PWD

readonly target=x86_64-unknown-linux-gnu

fail() {
    printf 'scripts/build.sh: %s\n' "$@" >&2
    exit 1
}

for tool in cargo cc objdump readelf nm strip python3; do
    command -v "$tool" >/dev/null ||
        fail "$tool is missing: install Rust from https://rustup.rs, and a C compiler with binutils and Python 3" \
            "(Debian, Ubuntu: apt-get install build-essential python3)"
done

# Paths of this machine stand in messages of panics. The linker's options are told apart in
# docs/size.md. Paths that cargo does not know of are relative to the workspace, where rustc runs.
cargo_home=${CARGO_HOME:-$HOME/.cargo}
target_dir=$(realpath -m "${CARGO_TARGET_DIR:-target}")
flags=(
    "--remap-path-prefix=$target_dir=target"
    "--remap-path-prefix=$cargo_home=cargo"
    "--remap-path-prefix=$root=."
    # Else the same arithmetic for wider registers is in it as well.
    "--cfg=curve25519_dalek_backend=\"serial\""
    "-Clink-arg=-Wl,--icf=all"
    "-Clink-arg=-Wl,--build-id=none"
    "-Clink-arg=-Wl,--no-eh-frame-hdr"
    "-Clink-arg=-Wl,-T,edge-fn/shim/link.ld"
    "-Clink-arg=-Wl,--bp-compression-sort=both,-O2"
)
CARGO_ENCODED_RUSTFLAGS=$(
    IFS=$'\x1f'
    printf '%s' "${flags[*]}"
)
export CARGO_ENCODED_RUSTFLAGS
# Symbols stay for the report; they are stripped below.
export CARGO_PROFILE_RELEASE_STRIP=false
unset CFLAGS CXXFLAGS CPPFLAGS LDFLAGS RUSTFLAGS

mkdir -p dist
cargo build --locked --release -p edge-fn --bin bootstrap --target "$target" \
    --message-format=json-render-diagnostics >dist/cargo.json
with_symbols=$(python3 -c '
import json
print(next(found for line in open("dist/cargo.json") if (found := json.loads(line).get("executable"))))')
rm dist/cargo.json

nm --print-size --demangle "$with_symbols" >dist/bootstrap.symbols
! grep -q 'ecp_nistz256_precomputed\|k25519Precomp' dist/bootstrap.symbols ||
    fail "a table of ring's is linked in: edge-fn/build.rs must name the symbols of ring's version, see edge-fn/shim/README.md"
# For those who profile it.
cp "$with_symbols" dist/bootstrap.unstripped
strip --strip-all -o dist/bootstrap.new "$with_symbols"
chmod 0755 dist/bootstrap.new

runs_on_lambda dist/bootstrap.new
[[ $(readelf --file-header dist/bootstrap.new) == *'DYN (Position-Independent'* ]] ||
    fail "dist/bootstrap.new is not position-independent, so its addresses would not be randomised"
for path in "$root/" "$cargo_home/" "$target_dir/"; do
    ! grep -qaF "$path" dist/bootstrap.new || fail "dist/bootstrap.new holds the path $path of this machine"
done

mv dist/bootstrap.new dist/bootstrap
commit=$(git rev-parse HEAD 2>/dev/null || echo unknown)
[ -z "$(git --no-optional-locks status --porcelain 2>/dev/null)" ] || commit+=-modified
echo "$commit" >dist/bootstrap.commit
echo "dist/bootstrap: $(stat -c %s dist/bootstrap) bytes, needs glibc $newest or newer"
