locals {
  # The shape of the function's own refusals: docs/codes.md. Nothing was submitted, so the payment is still good.
  refusals = {
    too-many-payments = {
      message = "This address sends too many payments."
      next    = "Send the same payment again in a minute."
    }
    too-many-requests = {
      message = "This address, or its network, sends too many requests."
      next    = "Send the same request again in a minute."
    }
  }

  payment_headers = ["payment-signature", "x-payment-signature", "x-payment"]
}

resource "aws_wafv2_web_acl" "edge" {
  count    = var.web_acl ? 1 : 0
  provider = aws.us_east_1
  name     = "${var.name}-paywall"
  scope    = "CLOUDFRONT"
  # As the API has them, since the provider's blocks end at three levels of statements.
  # https://docs.aws.amazon.com/waf/latest/APIReference/API_Rule.html
  rule_json = jsonencode(local.rules)

  default_action {
    allow {}
  }

  visibility_config {
    sampled_requests_enabled   = true
    cloudwatch_metrics_enabled = true
    metric_name                = "${var.name}-paywall"
  }

  dynamic "custom_response_body" {
    for_each = local.refusals

    content {
      key          = custom_response_body.key
      content_type = "APPLICATION_JSON"
      content = jsonencode({
        error = replace(custom_response_body.key, "-", "_")
        paywall = {
          code              = replace(custom_response_body.key, "-", "_")
          message           = custom_response_body.value.message
          retryable         = true
          resendSamePayment = true
          nextStep          = custom_response_body.value.next
        }
      })
    }
  }
}
