"""What the rules share: walking a template through its conditions.

cfn-lint rather than cfn-guard: it brings CloudFormation's schemas along, comes from PyPI in seconds, and a rule in Python can
compare resources with each other, which is what most of these do.

Rules import this as a module, not name by name: cfn-lint takes every class that it finds in a rule's file for a rule.
"""

import json

from cfnlint.rules import CloudFormationLintRule, RuleMatch

NO_VALUE = {"Ref": "AWS::NoValue"}
CLOUDFRONT = "cloudfront.amazonaws.com"


class Policy(CloudFormationLintRule):
    """A rule whose `check(template)` yields a path and what is wrong there."""

    tags = ["x402"]

    def check(self, template):
        raise NotImplementedError

    def match(self, cfn):
        return [RuleMatch(path, message) for path, message in self.check(cfn.template)]


def branches(node):
    """Everything that a value may be, whatever the conditions are. None where it may be missing."""
    if isinstance(node, dict) and len(node) == 1 and "Fn::If" in node:
        yield from branches(node["Fn::If"][1])
        yield from branches(node["Fn::If"][2])
    else:
        yield None if node == NO_VALUE else node


def values(node, *keys):
    """All values under a path of keys; `*` stands for every item of a list. None where a key may be missing."""
    if not keys:
        yield from branches(node)
        return
    for value in branches(node):
        if keys[0] != "*":
            yield from values(value.get(keys[0]) if isinstance(value, dict) else None, *keys[1:])
        elif isinstance(value, list):
            for item in value:
                yield from (found for present in branches(item) if present is not None for found in values(present, *keys[1:]))


def resources(template, *types):
    """Resources of these types, with the path of their properties."""
    for name, resource in template.get("Resources", {}).items():
        if resource.get("Type") in types:
            yield name, resource.get("Properties", {}), ["Resources", name, "Properties"]


def is_regional(function):
    """Whether a function is no edge function: Lambda@Edge has no custom runtimes.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html"""
    return function.get("Runtime") == "provided.al2023"


def functions(template, regional):
    """Those of the edge, or the others."""
    for name, function, path in resources(template, "AWS::Lambda::Function"):
        if is_regional(function) == regional:
            yield name, function, path


def logical_id(node):
    """The resource or parameter that a Ref or GetAtt names, or None."""
    if not isinstance(node, dict):
        return None
    attribute = node.get("Fn::GetAtt")
    return node.get("Ref") or (attribute.split(".")[0] if isinstance(attribute, str) else attribute and attribute[0])


def text(node):
    """A value as one string, so that it can be compared and searched: the text of a Sub, else JSON."""
    if isinstance(node, dict) and isinstance(node.get("Fn::Sub"), str):
        return node["Fn::Sub"]
    return node if isinstance(node, str) else json.dumps(node, sort_keys=True)


def listed(node):
    """A value that may be alone or in a list, as a list."""
    return [] if node is None else node if isinstance(node, list) else [node]


def implies(template, one, other):
    """Whether a resource under one condition is there only with a resource under the other. None is no condition."""
    definition = template.get("Conditions", {}).get(one) or {}
    parts = [part.get("Condition") for part in definition.get("Fn::And", []) if isinstance(part, dict)]
    wider = template.get("Conditions", {}).get(other) or {}
    either = [part.get("Condition") for part in wider.get("Fn::Or", []) if isinstance(part, dict)]
    return other is None or one == other or other in parts or (one is not None and one in either)


def behaviours(template):
    """Every cache behaviour: the distribution's configuration, the behaviour, its path."""
    for _, properties, path in resources(template, "AWS::CloudFront::Distribution"):
        for config in values(properties, "DistributionConfig"):
            here = path + ["DistributionConfig"]
            for behaviour in values(config, "DefaultCacheBehavior"):
                yield config, behaviour or {}, here + ["DefaultCacheBehavior"]
            for behaviour in values(config, "CacheBehaviors", "*"):
                yield config, behaviour, here + ["CacheBehaviors"]


def gated(behaviour):
    """Whether the function sees every request of this behaviour and every answer to it, whatever the conditions are."""
    associations = behaviour.get("LambdaFunctionAssociations")
    events = {one.get("EventType"): one.get("LambdaFunctionARN") for one in associations} if isinstance(associations, list) else {}
    return "viewer-request" in events and events["viewer-request"] == events.get("viewer-response")


def names(template, kind):
    """The logical names of all resources of a type."""
    return {name for name, _, _ in resources(template, kind)}


def statements(template):
    """Every statement of every policy: resource's type, statement, path."""
    for kind, keys in {
        "AWS::IAM::Role": ("Policies", "*", "PolicyDocument", "Statement", "*"),
        "AWS::S3::BucketPolicy": ("PolicyDocument", "Statement", "*"),
        "AWS::KMS::Key": ("KeyPolicy", "Statement", "*"),
    }.items():
        for _, properties, path in resources(template, kind):
            for statement in values(properties, *keys):
                yield kind, statement, path + [keys[0]]
