"""Every rule is broken on purpose, and sees it."""

import pytest

from breakages import BREAKAGES
from conftest import INFRA, findings

TEMPLATES = sorted(path.name for path in INFRA.glob("*.yaml"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_keep_the_rules(name, template, policies):
    assert findings(template(name), policies) == []


@pytest.mark.parametrize("name", BREAKAGES)
def test_breakage_is_caught(name, template, policies):
    breakage = BREAKAGES[name]
    broken = template(breakage.template)
    breakage.change(broken)
    found = findings(broken, policies)
    assert any(rule == breakage.rule and breakage.message in message for rule, message in found), found


def test_every_rule_is_broken_by_something(policies):
    assert {rule.id for rule in policies.rules.values() if rule.id.startswith("E9")} == {one.rule for one in BREAKAGES.values()}
