# The same as ../attach.yaml makes; scripts/test-infra.sh compares them.

data "aws_caller_identity" "current" {
  provider = aws.us_east_1
}

data "aws_region" "here" {
  provider = aws.us_east_1
}

locals {
  account   = data.aws_caller_identity.current.account_id
  log_group = "/x402/${var.name}"
}

resource "aws_cloudwatch_log_group" "function" {
  provider          = aws.us_east_1
  name              = local.log_group
  retention_in_days = var.log_retention_days
}

resource "aws_lambda_function" "paywall" {
  provider      = aws.us_east_1
  function_name = "${var.name}-paywall"
  # Lambda publishes no version if nothing has changed since the newest one: the attempt makes each different.
  description       = "x402 paywall of stack ${var.name}; attempt ${var.attempt}"
  role              = aws_iam_role.function.arn
  runtime           = var.function_runtime
  handler           = "index.handler"
  architectures     = ["x86_64"]
  memory_size       = var.function_memory
  timeout           = var.function_timeout
  s3_bucket         = var.code_bucket_name
  s3_key            = var.code_object_key
  s3_object_version = var.code_object_version
  source_code_hash  = var.code_sha256
  # Lambda@Edge takes numbered versions only.
  publish = true
  # Replicas outlive the association by hours, and Lambda refuses to delete a function that has any: it is left behind.
  skip_destroy = true

  logging_config {
    log_group        = aws_cloudwatch_log_group.function.name
    log_format       = "JSON"
    system_log_level = var.system_log_level
  }

  lifecycle {
    precondition {
      condition     = data.aws_region.here.name == "us-east-1"
      error_message = "Lambda@Edge functions live in us-east-1, and aws.us_east_1 is a provider of ${data.aws_region.here.name}: give the module one with region = \"us-east-1\"."
    }
    # As CodeSha256 of a CloudFormation version, which the provider's source_code_hash is not: that is compared with itself.
    postcondition {
      condition     = self.code_sha256 == var.code_sha256
      error_message = "s3://${var.code_bucket_name}/${var.code_object_key} is another package than code_sha256 says: upload the one that it was taken from."
    }
  }
}
