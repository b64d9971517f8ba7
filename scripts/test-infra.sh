#!/usr/bin/env bash
# Checks the CloudFormation templates: cfn-lint with CloudFormation's own schemas and with the rules of tests/infra/rules,
# checkov, then that each of the rules catches what it is there for. Takes half a minute; needs Python 3.11 or later with venv.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}

"$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || {
    echo "test-infra: Python 3.11 or later with venv is needed (Debian: apt install python3-venv); PYTHON names another one" >&2
    exit 1
}

# installed FOLDER REQUIREMENTS PROGRAM: a virtual environment that is there was made from these very requirements.
installed() {
    local venv=$1 requirements=$2 mark=$1/made-from
    ! cmp -s "$requirements" "$mark" || [ ! -x "$venv/bin/$3" ] || return 0
    rm -rf "$venv"
    "$python" -m venv "$venv"
    timeout 300 "$venv/bin/pip" install -q --disable-pip-version-check --no-deps -r "$requirements" || {
        echo "test-infra: the packages of $requirements cannot be had; is PyPI reachable?" >&2
        exit 1
    }
    cp "$requirements" "$mark"
}
# checkov is apart: it wants older releases of what cfn-lint wants.
venv=$PWD/target/infra/venv
installed "$venv" tests/infra/requirements.txt cfn-lint
checkov=$PWD/target/infra/checkov/bin/checkov
installed "$PWD/target/infra/checkov" tests/infra/checkov.txt checkov
export PYTHONDONTWRITEBYTECODE=1

echo "-- cfn-lint and the project's rules"
PYTHONPATH=tests/infra timeout 120 "$venv/bin/cfn-lint" \
    --regions us-east-1 --append-rules tests/infra/rules --template infra/*.yaml
echo "clean: $(cd infra && echo *.yaml)"

echo "-- checkov"
# It leaves out what a parameter's default leaves out, so that no condition is shown to it.
checked=$PWD/target/infra/checked
rm -rf "$checked"
mkdir -p "$checked"
for template in infra/*.yaml; do sed 's/^    Condition: .*//' "$template" >"$checked/${template##*/}"; done
# Without these it asks PyPI for its newest release, and its maker for policies.
export CKV_SKIP_PACKAGE_UPDATE_CHECK=True
(cd "$checked" && timeout 120 "$checkov" --framework cloudformation --skip-download --quiet --compact --file ./*.yaml)

echo "-- every rule broken on purpose"
CHECKOV=$checkov timeout 300 "$venv/bin/python" -m pytest -q tests/infra
