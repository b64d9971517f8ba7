"""CloudFront's events.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html
"""


def viewer_request(uri, **headers):
    fields = {"host": "d111111abcdef8.cloudfront.net", **headers}
    return {
        "Records": [
            {
                "cf": {
                    "config": {
                        "distributionDomainName": "d111111abcdef8.cloudfront.net",
                        "distributionId": "EDFDVBD6EXAMPLE",
                        "eventType": "viewer-request",
                        "requestId": "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==",
                    },
                    "request": {
                        "clientIp": "203.0.113.178",
                        "headers": {
                            name.lower(): [{"key": name, "value": value}]
                            for name, value in fields.items()
                        },
                        "method": "GET",
                        "querystring": "",
                        "uri": uri,
                    },
                }
            }
        ]
    }


FREE = viewer_request("/free/hello.txt")
PRICED = viewer_request("/reports/2026/market.json")
# A trigger that this function does not serve.
FOREIGN = {"Records": [{"cf": {"config": {"eventType": "origin-request"}}}]}
