output "function_version_arn" {
  description = "Ends in a number: it is what the lambda_function_association blocks of behaviours name."
  value       = aws_lambda_function.paywall.qualified_arn
}

output "web_acl_arn" {
  description = "For web_acl_id of the distribution; null without one."
  value       = one(aws_wafv2_web_acl.edge[*].arn)
}

output "web_acl_name" {
  value = one(aws_wafv2_web_acl.edge[*].name)
}

output "function_name" {
  value = aws_lambda_function.paywall.function_name
}

output "function_role_arn" {
  value = aws_iam_role.function.arn
}

output "function_log_group_name" {
  description = "The same in every Region."
  value       = local.log_group
}

output "redemptions_bucket_name" {
  description = "Null for the memory store."
  value       = var.redemptions_bucket_name == "" ? null : var.redemptions_bucket_name
}
