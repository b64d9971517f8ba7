"""The templates, and the ways of linting them."""

import copy
import json
import sys
from pathlib import Path

import pytest
from cfnlint.api import lint
from cfnlint.decode import decode
from cfnlint.rules import RulesCollection

HERE = Path(__file__).parent
INFRA = HERE.parent.parent / "infra"
sys.path.insert(0, str(HERE))


@pytest.fixture(scope="session")
def policies():
    """The rules of this folder, without cfn-lint's own."""
    rules = RulesCollection()
    rules.create_from_directory(str(HERE / "rules"))
    return rules


@pytest.fixture(scope="session")
def originals():
    decoded = {path.name: decode(str(path)) for path in sorted(INFRA.glob("*.yaml"))}
    assert all(not errors for _, errors in decoded.values())
    # Plain dictionaries: cfn-lint's own remember lines, which a changed template has not.
    return {name: json.loads(json.dumps(template)) for name, (template, _) in decoded.items()}


@pytest.fixture(scope="session")
def template(originals):
    """A copy of a template, to be broken."""
    return lambda name: copy.deepcopy(originals[name])


def findings(template, rules=None):
    """What is wrong with a template: pairs of a rule's id and its message. Without rules, cfn-lint's own and CloudFormation's schemas."""
    return [(match.rule.id, match.message) for match in lint(json.dumps(template), rules=rules, regions=["us-east-1"])]
