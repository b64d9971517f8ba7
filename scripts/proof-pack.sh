#!/usr/bin/env bash
# One report of all proofs, dated, with commit and commands: what a seller can show. See scripts/proof_pack.py --help.
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 scripts/proof_pack.py "$@"
