terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "code_bucket_name" { type = string }
variable "code_object_key" { type = string }
variable "code_sha256" { type = string }
variable "content_bucket_name" { type = string }

module "paywall" {
  source    = "../.."
  providers = { aws.us_east_1 = aws }

  name             = "shop"
  code_bucket_name = var.code_bucket_name
  code_object_key  = var.code_object_key
  code_sha256      = var.code_sha256
}

resource "aws_cloudfront_distribution" "shop" {
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  web_acl_id      = module.paywall.web_acl_arn

  origin {
    origin_id                = "content"
    domain_name              = "${var.content_bucket_name}.s3.us-east-1.amazonaws.com"
    origin_access_control_id = aws_cloudfront_origin_access_control.shop.id
  }

  # Every behaviour that sells has the two associations.
  default_cache_behavior {
    target_origin_id           = "content"
    viewer_protocol_policy     = "https-only"
    allowed_methods            = ["GET", "HEAD", "OPTIONS"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = false
    cache_policy_id            = "b2884449-e4de-46a7-ac36-70bc7f1ddd6d" # CachingOptimizedForUncompressedObjects
    response_headers_policy_id = aws_cloudfront_response_headers_policy.shop.id

    lambda_function_association {
      event_type = "viewer-request"
      lambda_arn = module.paywall.function_version_arn
    }
    lambda_function_association {
      event_type = "viewer-response"
      lambda_arn = module.paywall.function_version_arn
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

resource "aws_cloudfront_origin_access_control" "shop" {
  name                              = "shop"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

# No CORS: the function sets it.
resource "aws_cloudfront_response_headers_policy" "shop" {
  name = "shop-security"

  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 63072000
      override                   = true
    }
    content_type_options {
      override = true
    }
  }

  remove_headers_config {
    items {
      header = "x-amz-server-side-encryption"
    }
    items {
      header = "x-amz-server-side-encryption-aws-kms-key-id"
    }
  }
}

# No s3:ListBucket: S3 would name what is missing.
resource "aws_s3_bucket_policy" "content" {
  bucket = var.content_bucket_name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::${var.content_bucket_name}/*"
        Condition = { StringEquals = { "AWS:SourceArn" = aws_cloudfront_distribution.shop.arn } }
      },
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
        Resource  = ["arn:aws:s3:::${var.content_bucket_name}", "arn:aws:s3:::${var.content_bucket_name}/*"]
      },
    ]
  })
}

output "distribution_id" {
  value = aws_cloudfront_distribution.shop.id
}

output "function_version_arn" {
  value = module.paywall.function_version_arn
}
