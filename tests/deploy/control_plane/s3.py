"""moto reads no conditions in bucket policies, so that our Deny without TLS would deny all. Here statements
with a condition do not count; loopback stands for TLS.
"""

import json

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket


def install() -> None:
    FakeBucket.get_permission = get_permission


def get_permission(self, action, resource):
    policy = json.loads(self.policy) if self.policy else {"Statement": []}
    plain = [statement for statement in policy["Statement"] if "Condition" not in statement]
    if not plain:
        return PermissionResult.NEUTRAL
    return IAMPolicy(json.dumps({**policy, "Statement": plain})).is_action_permitted(action, resource)
