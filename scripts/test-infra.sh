#!/usr/bin/env bash
# Checks the CloudFormation templates: cfn-lint with CloudFormation's own schemas and with the rules of tests/infra/rules,
# then that each of those rules catches what it is there for. Takes seconds; needs Python 3.10 or later with venv.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
venv=$PWD/target/infra/venv
requirements=tests/infra/requirements.txt

"$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2> /dev/null || {
    echo "test-infra: Python 3.10 or later with venv is needed (Debian: apt install python3-venv); PYTHON names another one" >&2
    exit 1
}
# A virtual environment that is there was made from these very requirements.
mark=$venv/made-from
if ! cmp -s "$requirements" "$mark" || [ ! -x "$venv/bin/cfn-lint" ]; then
    rm -rf "$venv"
    "$python" -m venv "$venv"
    timeout 300 "$venv/bin/pip" install -q --disable-pip-version-check --no-deps -r "$requirements" || {
        echo "test-infra: the packages of $requirements cannot be had; is PyPI reachable?" >&2
        exit 1
    }
    cp "$requirements" "$mark"
fi

echo "-- cfn-lint and the project's rules"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=tests/infra timeout 120 "$venv/bin/cfn-lint" \
    --regions us-east-1 --append-rules tests/infra/rules --template infra/*.yaml
echo "clean: $(cd infra && echo *.yaml)"

echo "-- every rule broken on purpose"
PYTHONDONTWRITEBYTECODE=1 timeout 300 "$venv/bin/python" -m pytest -q tests/infra
