locals {
  kinds   = ["payments", "accounts", "transactions"]
  records = [for kind in local.kinds : "${var.redemptions_prefix}v2/${kind}/"]
  # The bucket's resources, once or not at all.
  created = var.redemptions_bucket_name != "" && var.create_redemptions_bucket ? 1 : 0
}

# A record that is rewritten begins its days anew. No versions: a record that expired is gone.
# What says whose a site's id is (v2/sites/) stays.
resource "aws_s3_bucket" "redemptions" {
  count    = local.created
  provider = aws.us_east_1
  bucket   = var.redemptions_bucket_name

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_public_access_block" "redemptions" {
  count                   = local.created
  provider                = aws.us_east_1
  bucket                  = aws_s3_bucket.redemptions[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "redemptions" {
  count    = local.created
  provider = aws.us_east_1
  bucket   = aws_s3_bucket.redemptions[0].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "redemptions" {
  count    = local.created
  provider = aws.us_east_1
  bucket   = aws_s3_bucket.redemptions[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "redemptions" {
  count    = local.created
  provider = aws.us_east_1
  bucket   = aws_s3_bucket.redemptions[0].id

  dynamic "rule" {
    for_each = local.kinds

    content {
      id     = "expire-${rule.value}"
      status = "Enabled"

      filter {
        prefix = local.records[rule.key]
      }
      expiration {
        days = var.redemptions_keep_days
      }
    }
  }
}

resource "aws_s3_bucket_policy" "redemptions" {
  count    = local.created
  provider = aws.us_east_1
  bucket   = aws_s3_bucket.redemptions[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
      Resource  = ["arn:aws:s3:::${var.redemptions_bucket_name}", "arn:aws:s3:::${var.redemptions_bucket_name}/*"]
    }]
  })
}
