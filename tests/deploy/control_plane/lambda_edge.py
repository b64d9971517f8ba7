"""Functions with replicas cannot be deleted, and accounts have limits.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-delete-replicas.html
"""

from moto.awslambda import urls
from moto.awslambda.models import LambdaBackend
from moto.awslambda.responses import LambdaResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult

from . import faults
from .cloudfront import associated_functions


def install() -> None:
    delete = LambdaBackend.delete_function

    def delete_function(self, function_name, qualifier=None):
        name = function_name.rsplit(":function:")[-1].split(":")[0]
        # The scheduled check is no function of the edge.
        if (faults.get("replicated") and "-EdgeFunction-" in name) or name in associated_functions(self.account_id):
            raise JsonRESTError(
                "InvalidParameterValueException",
                f"Lambda was unable to delete arn:aws:lambda:us-east-1:{self.account_id}:function:{name} "
                "because it is a replicated function. Please see our documentation for Deleting "
                "Lambda@Edge Functions and Replicas.",
            )
        return delete(self, function_name, qualifier)

    LambdaBackend.delete_function = delete_function

    def get_account_settings(self):
        """https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html"""
        limit = faults.get("concurrency", {}).get(self.region, 1000)
        return ActionResult({"AccountLimit": {"ConcurrentExecutions": limit, "UnreservedConcurrentExecutions": limit}})

    urls.url_paths[r"{0}/(?P<api_version>[^/]+)/account-settings/?$"] = LambdaResponse.dispatch
    LambdaResponse.get_account_settings = get_account_settings
