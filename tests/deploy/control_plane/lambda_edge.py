"""Functions with replicas cannot be deleted.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-delete-replicas.html
"""

from moto.awslambda.models import LambdaBackend
from moto.core.exceptions import JsonRESTError

from . import faults
from .cloudfront import associated_functions


def install() -> None:
    delete = LambdaBackend.delete_function

    def delete_function(self, function_name, qualifier=None):
        name = function_name.rsplit(":function:")[-1].split(":")[0]
        if faults.get("replicated") or name in associated_functions(self.account_id):
            raise JsonRESTError(
                "InvalidParameterValueException",
                f"Lambda was unable to delete arn:aws:lambda:us-east-1:{self.account_id}:function:{name} "
                "because it is a replicated function. Please see our documentation for Deleting "
                "Lambda@Edge Functions and Replicas.",
            )
        return delete(self, function_name, qualifier)

    LambdaBackend.delete_function = delete_function
