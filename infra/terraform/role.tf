resource "aws_iam_role" "function" {
  provider    = aws.us_east_1
  name_prefix = "${substr(var.name, 0, 30)}-paywall"
  description = "What the paywall of stack ${var.name} may do."

  # Replicas are run by edgelambda; an association is refused without both.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"] }
      Action    = "sts:AssumeRole"
    }]
  })
}

# Replicas log in the Region where they run, and the group may have to be made there.
resource "aws_iam_role_policy" "logs" {
  provider = aws.us_east_1
  name     = "logs"
  role     = aws_iam_role.function.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = [
        "arn:aws:logs:*:${local.account}:log-group:${local.log_group}",
        "arn:aws:logs:*:${local.account}:log-group:${local.log_group}:*",
      ]
    }]
  })
}

resource "aws_iam_role_policy" "secrets" {
  count    = var.secrets_parameter_name == "" ? 0 : 1
  provider = aws.us_east_1
  name     = "secrets"
  role     = aws_iam_role.function.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Effect   = "Allow"
        Action   = "ssm:GetParameter"
        Resource = "arn:aws:ssm:${var.secrets_parameter_region}:${local.account}:parameter${var.secrets_parameter_name}"
      }],
      [for keys in [var.secrets_kms_key_arns] : {
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = keys
        Condition = { StringEquals = { "kms:ViaService" = "ssm.${var.secrets_parameter_region}.amazonaws.com" } }
      } if length(keys) > 0],
    )
  })
}

# Listing is what makes S3 answer 404 and not 403 for a record that is not there.
resource "aws_iam_role_policy" "redemptions" {
  count    = var.redemptions_bucket_name == "" ? 0 : 1
  provider = aws.us_east_1
  name     = "redemptions"
  role     = aws_iam_role.function.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = [for records in local.records : "arn:aws:s3:::${var.redemptions_bucket_name}/${records}*"]
      },
      { Effect = "Allow", Action = "s3:ListBucket", Resource = "arn:aws:s3:::${var.redemptions_bucket_name}" },
    ]
  })
}
