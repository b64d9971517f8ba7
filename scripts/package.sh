#!/usr/bin/env bash
# Packages the function for Lambda: dist/edge-fn.zip, and what there is to know of it, dist/edge-fn.json.
# The same commit, secrets, price table and tools give the same bytes.
#
#   --shim exec|child    how Lambda's Python starts it, see edge-fn/shim/README.md (default: exec)
#   --rehearsal-secrets  embed throw-away keys; the result can be tried, but not deployed
#
# Needs what scripts/build.sh needs, and takes SECRETS_FILE and CONTENT_CONFIG as it does.
set -euo pipefail
umask 077 # what is packaged holds the secrets
cd "$(dirname "$0")/.."

usage() {
    sed -n '2,8s/^# \{0,1\}//p' scripts/package.sh >&2
    exit 2
}

shim='exec'
while [ $# -gt 0 ]; do
    case $1 in
        --shim) shim=${2:-} && shift ;;
        --rehearsal-secrets) SECRETS_FILE=dist/rehearsal-secrets.json ;;
        *) usage ;;
    esac
    shift
done
[ -f "edge-fn/shim/$shim.py" ] && [ "$shim" != '' ] || usage

if [ "${SECRETS_FILE:-}" = dist/rehearsal-secrets.json ] && [ ! -e "$SECRETS_FILE" ]; then
    mkdir -p dist
    python3 scripts/package.py rehearsal-secrets >"$SECRETS_FILE"
fi
export SECRETS_FILE

scripts/build.sh
commit=$(git rev-parse HEAD 2>/dev/null || echo unknown)
[ -z "$(git --no-optional-locks status --porcelain 2>/dev/null)" ] || commit+=-modified
python3 scripts/package.py zip --shim "$shim" --commit "$commit" --secrets "$SECRETS_FILE"
python3 scripts/budget.py
