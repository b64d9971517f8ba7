"""A template as CloudFormation would take it with these parameters: no parameters, no conditions."""

import re

NOTHING = {"Ref": "AWS::NoValue"}


def settle(template, given):
    values = {name: given.get(name, one.get("Default")) for name, one in template["Parameters"].items()}
    assert set(given) <= set(values) and None not in values.values()
    conditions = template["Conditions"]

    def holds(condition):
        if isinstance(condition, str):
            return holds(conditions[condition])
        ((name, argument),) = condition.items()
        return {
            "Condition": lambda: holds(argument),
            "Fn::Not": lambda: not holds(argument[0]),
            "Fn::And": lambda: all(map(holds, argument)),
            "Fn::Equals": lambda: str(value(argument[0])) == str(value(argument[1])),
        }[name]()

    def value(node):
        if isinstance(node, list):
            return [found for found in map(value, node) if found != NOTHING]
        if not isinstance(node, dict):
            return node
        if "Ref" in node:
            return values.get(node["Ref"], node)
        if "Fn::If" in node:
            condition, yes, no = node["Fn::If"]
            return value(yes if holds(condition) else no)
        if "Fn::Sub" in node:
            text = re.sub(r"\$\{(\w+)\}", lambda match: str(values.get(match[1], match[0])), node["Fn::Sub"])
            return {"Fn::Sub": text} if "${" in text else text
        if "Fn::Split" in node:
            return value(node["Fn::Split"][1]).split(node["Fn::Split"][0])
        return {key: found for key, found in ((key, value(one)) for key, one in node.items()) if found != NOTHING}

    return {
        section: {name: value(one) for name, one in template[section].items() if "Condition" not in one or holds(one["Condition"])}
        for section in ("Resources", "Outputs")
    }
