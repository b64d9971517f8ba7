"""CloudFormation, where moto's differs: resources that depend on a change change too, immutable ones are
replaced, what is retained stays, and a failure is rolled back.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
"""

import copy

import re

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.responses import CloudFormationResponse
from moto.cloudformation.parsing import ResourceMap, clean_json, parse_condition
from moto.core.responses import ActionResult

from . import faults, resources


class Made:
    """A resource of a stack, as moto's intrinsic functions look at it."""

    def __init__(self, logical_id, kind, physical_id, attributes, properties, policies):
        self.logical_resource_id, self.cf_resource_type = logical_id, kind
        self.physical_resource_id, self.attributes = physical_id, attributes
        self.properties, self.policies = properties, policies

    def get_cfn_attribute(self, name):
        return self.attributes[name]


def install() -> None:
    # moto asks its own models, which our types are not.
    ResourceMap.validate_outputs = lambda self: None
    create = CloudFormationBackend.create_change_set

    def create_change_set(self, *arguments, **named):
        """Parameters and rules are checked before anything is made. A stack that is only a plan gets another plan, where
        moto makes a second one of its name.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
        """
        name = named.get("stack_name") or arguments[0]
        for stack in [one for one in self.stacks.values() if one.name == name and one.status == "REVIEW_IN_PROGRESS"]:
            del self.stacks[stack.stack_id]
        before = set(self.stacks)
        change_id, stack_id = create(self, *arguments, **named)
        change = self.change_sets[change_id]
        try:
            load(self.stacks[stack_id], with_conditions(change.template_dict), change.parameters)
        except Refused as error:
            del self.change_sets[change_id]
            if stack_id not in before:
                del self.stacks[stack_id]
            raise ValidationError(change.stack_name, message=str(error)) from error
        return change_id, stack_id

    CloudFormationBackend.create_change_set = create_change_set
    CloudFormationBackend.execute_change_set = execute_change_set
    answer = CloudFormationResponse.create_change_set

    def keeping_tags(self):
        """Tags that are not mentioned stay, an empty list of them removes all; moto knows no difference.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html
        """
        result = answer(self)
        change = self.cloudformation_backend.describe_change_set(self._get_param("ChangeSetName"))
        change.tags_are_named = any(re.match(r"Tags(\.|$)", name) for name in self.querystring)
        # Other tags alone are a change: https://github.com/envato/stack_master/issues/302
        stack = self.cloudformation_backend.stacks[change.stack_id]
        if change.status == "FAILED" and change.tags_are_named and change.tags != stack.tags:
            change.status, change.execution_status, change.status_reason = "CREATE_COMPLETE", "AVAILABLE", None
        return result

    CloudFormationResponse.create_change_set = keeping_tags
    # A change set without changes is made, and fails; moto refuses it. Parameters are text.
    CloudFormationResponse._validate_different_update = lambda *arguments: None
    Stack.has_parameters = lambda self, other: texts(self.parameters) == texts(other)
    CloudFormationBackend.delete_stack = delete_stack
    CloudFormationResponse.describe_stack_resources = describe_stack_resources
    add_event = Stack._add_stack_event

    def event(self, status, resource_status_reason=None, resource_properties=None, logical_id=None, kind=None):
        add_event(self, status, resource_status_reason, resource_properties)
        if logical_id:
            self.events[-1].logical_resource_id = logical_id
            self.events[-1].resource_type = kind

    Stack._add_stack_event = event


def describe_stack_resources(self):
    """By the physical id alone, which moto knows nothing of.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
    """
    wanted = self._get_param("PhysicalResourceId")
    for stack in self.cloudformation_backend.stacks.values():
        for made in getattr(stack, "made", {}).values():
            if made.physical_resource_id == wanted:
                found = {
                    "StackName": stack.name, "StackId": stack.stack_id, "LogicalResourceId": made.logical_resource_id,
                    "PhysicalResourceId": wanted, "ResourceType": made.cf_resource_type,
                }
                return ActionResult({"StackResources": [found]})
    raise ValidationError(message=f"Stack for {wanted} does not exist")


def texts(parameters):
    return {name: str(value) for name, value in parameters.items()}


def references(value):
    """The names that a part of a template refers to."""
    if isinstance(value, list):
        return {name for item in value for name in references(item)}
    if not isinstance(value, dict):
        return set()
    found = set()
    for key, item in value.items():
        if key == "Ref":
            found.add(item)
        elif key == "Fn::GetAtt":
            found.add(item[0] if isinstance(item, list) else item.split(".")[0])
        elif key == "Fn::Sub":
            text = item if isinstance(item, str) else item[0]
            found |= {name.split(".")[0] for name in re.findall(r"\${([^!}]+)}", text)}
            found |= set() if isinstance(item, str) else references(item[1])
        elif key == "DependsOn":
            found |= {item} if isinstance(item, str) else set(item)
        else:
            found |= references(item)
    return found


def in_order(templates):
    """Logical ids, what is referred to first."""
    order, seen = [], set()

    def visit(name):
        if name in templates and name not in seen:
            seen.add(name)
            for other in sorted(references(templates[name])):
                visit(other)
            order.append(name)

    for name in templates:
        visit(name)
    return order


def without_none(value):
    """`AWS::NoValue` takes an item out of a list too."""
    if isinstance(value, list):
        return [without_none(item) for item in value if item is not None]
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    return value


def with_conditions(value):
    """moto reads `!Condition Name` as `Fn::Condition`, which nothing knows."""
    if isinstance(value, list):
        return [with_conditions(item) for item in value]
    if isinstance(value, dict):
        return {"Condition" if k == "Fn::Condition" else k: with_conditions(v) for k, v in value.items()}
    return value


class Refused(Exception):
    pass


def load(stack, template, parameters):
    """Parameters, conditions and rules, checked."""
    for name, slot in template.get("Parameters", {}).items():
        value = str(parameters.get(name, slot.get("Default", "")))
        if "AllowedPattern" in slot and not re.fullmatch(slot["AllowedPattern"], value):
            raise Refused(f"Parameter {name} failed to satisfy constraint: {slot.get('ConstraintDescription')}")
        if "AllowedValues" in slot and value not in [str(v) for v in slot["AllowedValues"]]:
            raise Refused(f"Parameter {name} must be one of {slot['AllowedValues']}")
    template = copy.deepcopy(template)
    map_ = ResourceMap(
        stack.stack_id, stack.name, parameters, dict(stack.tags), stack.region_name, stack.account_id,
        template, {},
    )
    map_.load()

    def holds(condition):
        return parse_condition(condition, map_._parsed_resources, map_.lazy_condition_map)

    for rule in template.get("Rules", {}).values():
        if holds(rule.get("RuleCondition", True)):
            for assertion in rule["Assertions"]:
                if not holds(assertion["Assert"]):
                    raise Refused(assertion["AssertDescription"])
    return template, map_


class Deployment:
    """One change of a stack, with what undoes it."""

    def __init__(self, stack):
        self.stack, self.made = stack, getattr(stack, "made", {})
        self.undo, self.cleanup = [], []

    def run(self, template, map_):
        bodies, after = template["Resources"], {}
        for name in in_order(bodies):
            body = bodies[name]
            if "Condition" in body and not map_.lazy_condition_map[body["Condition"]]:
                continue
            after[name] = self.apply(name, body, map_)
            map_._parsed_resources[name] = after[name]
        for name, old in self.made.items():
            if name not in after and old.policies[0] not in ("Retain", "RetainExceptOnCreate"):
                self.cleanup.append(old)
        return after

    def apply(self, name, body, map_):
        kind, old = body["Type"], self.made.get(name)
        policies = (body.get("DeletionPolicy", "Delete"), body.get("UpdateReplacePolicy", "Delete"))
        properties = without_none(clean_json(copy.deepcopy(body.get("Properties", {})), map_))
        if old and old.properties == properties:
            old.policies = policies
            return old
        try:
            if name in faults.get("fail_resources", {}):
                raise Refused(faults.get("fail_resources")[name])
            provider = resources.PROVIDERS[kind]
            if old and not provider.replaces(old.properties, properties):
                provider.update(old, properties)
                self.undo.append(lambda: provider.update(old, old.properties))
                return Made(name, kind, old.physical_resource_id, old.attributes, properties, policies)
            physical_id, attributes = provider.create(f"{self.stack.name}-{name}", properties)
            made = Made(name, kind, physical_id, attributes, properties, policies)
            if policies[0] != "Retain":
                self.undo.append(lambda: provider.delete(made))
            if old and policies[1] != "Retain":
                self.cleanup.append(old)
            return made
        except Exception as error:
            verb = "UPDATE" if old else "CREATE"
            reason = f'Resource handler returned message: "{error}" (HandlerErrorCode: InvalidRequest)'
            self.stack._add_stack_event(f"{verb}_FAILED", reason, logical_id=name, kind=kind)
            raise Refused(reason) from error

    def roll_back(self):
        for undo in reversed(self.undo):
            undo()


def execute_change_set(self, change_set_name, stack_name=None):
    change = self.describe_change_set(change_set_name)
    stack, verb = self.stacks[change.stack_id], change.change_set_type
    resources.REGION.set(stack.region_name)
    stack.status = f"{verb}_IN_PROGRESS"
    stack._add_stack_event(stack.status, "User Initiated")
    deployment = Deployment(stack)
    try:
        template, map_ = load(stack, with_conditions(change.template_dict), change.parameters)
        made = deployment.run(template, map_)
    except Exception as error:
        deployment.roll_back()
        stack._add_stack_event("ROLLBACK_IN_PROGRESS" if verb == "CREATE" else "UPDATE_ROLLBACK_IN_PROGRESS", str(error))
        stack.status = "ROLLBACK_COMPLETE" if verb == "CREATE" else "UPDATE_ROLLBACK_COMPLETE"
        stack._add_stack_event(stack.status)
        return
    stack.made, stack.resource_map = made, map_
    stack.tags = change.tags if change.tags_are_named else stack.tags
    stack.template, stack.template_dict, stack.parameters = change.template, change.template_dict, change.parameters
    stack.output_map = stack._create_output_map()
    for old in deployment.cleanup:
        # What cannot be deleted after an update stays behind; the update has happened.
        try:
            resources.PROVIDERS[old.cf_resource_type].delete(old)
        except Exception as error:
            stack._add_stack_event("DELETE_FAILED", str(error), logical_id=old.logical_resource_id, kind=old.cf_resource_type)
    stack.status = f"{verb}_COMPLETE"
    stack._add_stack_event(stack.status)
    change.execution_status = "EXECUTE_COMPLETE"


def delete_stack(self, name_or_stack_id):
    resources.REGION.set(self.region_name)
    for stack in [s for s in self.stacks.values() if name_or_stack_id in (s.name, s.stack_id)]:
        made = getattr(stack, "made", {})
        for name in reversed(list(made)):
            resource = made[name]
            if resource.policies[0] in ("Retain", "RetainExceptOnCreate"):
                continue
            try:
                if name in faults.get("fail_resources", {}):
                    raise Refused(faults.get("fail_resources")[name])
                resources.PROVIDERS[resource.cf_resource_type].delete(resource)
            except Exception as error:
                stack._add_stack_event("DELETE_FAILED", str(error), logical_id=name, kind=resource.cf_resource_type)
                stack.status = "DELETE_FAILED"
                return
            del made[name]
        stack.status = "DELETE_COMPLETE"
        stack._add_stack_event(stack.status)
        self.deleted_stacks[stack.stack_id] = self.stacks.pop(stack.stack_id)


