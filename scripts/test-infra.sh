#!/usr/bin/env bash
# Checks the CloudFormation templates: cfn-lint with CloudFormation's own schemas and with the rules of tests/infra/rules,
# checkov, then that each of the rules catches what it is there for. Then the construct and the module for distributions of other owners,
# where Node.js and Terraform are. Takes a minute and a half; needs Python 3.11 or later with venv, and cargo, or PAYWALL with the tool.
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
    timeout 600 "$venv/bin/pip" install -q --disable-pip-version-check --no-deps -r "$requirements" || {
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
PYTHONPATH=tests/infra timeout 600 "$venv/bin/cfn-lint" \
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
(cd "$checked" && timeout 600 "$checkov" --framework cloudformation --skip-download --quiet --compact --file ./*.yaml)

echo "-- the construct and the module for distributions of other owners"
if [ -z "${PAYWALL:-}" ]; then
    # Beside the tests: without them, crates get other features and are built again.
    cargo build --quiet --workspace --features paywall/aws --bins --tests --examples
    PAYWALL=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug/paywall
fi
export PAYWALL AWS_EC2_METADATA_DISABLED=true
# A copy, so that no package and no compiled file gets into the tree.
owners=$PWD/target/infra/owners
rm -rf "$owners/infra"
mkdir -p "$owners"
git ls-files -z infra | xargs -0 cp --parents -t "$owners"
if command -v node >/dev/null && command -v npm >/dev/null; then
    export CDK=$owners/infra/cdk
    cp infra/cdk/package*.json "$owners"
    cd "$owners"
    if ! cmp -s package-lock.json node_modules/made-from; then
        timeout 600 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
        cp package-lock.json node_modules/made-from
    fi
    timeout 600 npx --no-install tsc --project "$CDK"
    cd - >/dev/null
else
    echo "not run: the CDK construct: install Node.js 20 with npm"
fi
# TF_PLUGIN_DIR names a folder with the provider; without it Terraform asks its registry, once.
example=$owners/infra/terraform/examples/attach
if ! command -v "${TERRAFORM:=terraform}" >/dev/null; then
    echo "not run: the Terraform module: install Terraform 1.5 or later, or OpenTofu: TERRAFORM names it"
elif ! TF_CLI_CONFIG_FILE=/dev/null CHECKPOINT_DISABLE=1 TF_DATA_DIR=$owners/terraform timeout 600 \
    "$TERRAFORM" -chdir="$example" init -backend=false -input=false ${TF_PLUGIN_DIR:+-plugin-dir="$TF_PLUGIN_DIR"} >"$owners/init.log" 2>&1; then
    echo "not run: the Terraform module: its provider cannot be had; TF_PLUGIN_DIR names a folder that has hashicorp/aws"
else
    export TERRAFORM TF_PROVIDERS=$owners/terraform/providers
fi

echo "-- every rule broken on purpose"
CHECKOV=$checkov timeout 600 "$venv/bin/python" -m pytest -q tests/infra
