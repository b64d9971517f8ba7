#!/usr/bin/env bash
# Builds the scheduled check for Lambda's provided.al2023, dist/bookkeeper: the same for every seller. `bookkeeper::package`
# makes the zip of it.
#
# Needs cargo (rustup's, 1.95 or newer) and a C compiler with binutils.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/elf.sh

fail() {
    printf 'scripts/build-bookkeeper.sh: %s\n' "$@" >&2
    exit 1
}

for tool in cargo cc objdump; do
    command -v "$tool" >/dev/null ||
        fail "$tool is missing: install Rust from https://rustup.rs, and a C compiler with binutils" \
            "(Debian, Ubuntu: apt-get install build-essential)"
done
cargo build --locked --profile tool -p bookkeeper --bin bookkeeper
target_dir=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
runs_on_lambda "$target_dir/tool/bookkeeper"
mkdir -p dist
install -m 0755 "$target_dir/tool/bookkeeper" dist/bookkeeper
echo "dist/bookkeeper: $(stat -c %s dist/bookkeeper) bytes, needs glibc $newest or newer"
