#!/usr/bin/env bash
# An object of more than 5 GB is published, its upload killed and begun anew, copied below another seal, and read back, in a
# bucket of Ceph's gateway; another one, which is not on sale, is copied with all its metadata. Takes ten minutes, and little room: the object is mostly zeros, which are kept compressed. Needs
# what `tests/s3/radosgw.sh` needs. CI does the same with parts of 5 MiB (`paywall/tests/publish/in_parts.rs`).
set -euo pipefail
cd "$(dirname "$0")/.."

cargo test -p paywall --features aws --test publish --no-run
S3_TEST_GIB=${S3_TEST_GIB-40} exec tests/s3/radosgw.sh \
  cargo test -q -p paywall --features aws --test publish "${1-over_5_gb}" -- --ignored --nocapture --test-threads=1
