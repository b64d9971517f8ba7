"""A web ACL for CloudFront is found by its ARN alone, as AWS has it; moto wants its scope as well.
https://docs.aws.amazon.com/waf/latest/APIReference/API_GetWebACL.html
"""

from moto.wafv2.models import GLOBAL_REGION
from moto.wafv2.responses import WAFV2Response


def install() -> None:
    plain = WAFV2Response.get_web_acl

    def get_web_acl(self):
        if ":global/webacl/" in (self._get_param("ARN") or ""):
            self.region = GLOBAL_REGION
        return plain(self)

    WAFV2Response.get_web_acl = get_web_acl
