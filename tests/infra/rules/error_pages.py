import policy


class ErrorPages(policy.Policy):
    """CloudFront fetches an error page without asking the function, from whichever behaviour its path falls to."""

    id = "E9008"
    shortdesc = "No error pages"
    description = "CustomErrorResponses only say how long errors are kept"
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages.html"

    def check(self, template):
        for _, properties, path in policy.resources(template, "AWS::CloudFront::Distribution"):
            for response in policy.values(properties, "DistributionConfig", "CustomErrorResponses", "*"):
                if response.keys() & {"ResponsePagePath", "ResponseCode"}:
                    yield (
                        path + ["DistributionConfig", "CustomErrorResponses"],
                        f"The page {response.get('ResponsePagePath')} for {response.get('ErrorCode')} is served without the function",
                    )
