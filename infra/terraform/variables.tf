# The parameters of ../attach.yaml, with their bounds: ../README.md has them all.

variable "name" {
  type        = string
  description = "What CloudFormation calls the stack: role, function, log group and web ACL are named by it."

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{0,33}$", var.name))
    error_message = "Letters, digits and hyphens, at most 34, a letter first, as in shop."
  }
}

variable "code_bucket_name" {
  type        = string
  description = "Bucket in us-east-1 that holds the packaged function."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.code_bucket_name))
    error_message = "A bucket name, as in x402-artifacts-111122223333."
  }
}

variable "code_object_key" {
  type        = string
  description = "Key of the package in that bucket."

  validation {
    condition     = var.code_object_key != "" && !startswith(var.code_object_key, "/") && length(var.code_object_key) <= 1023
    error_message = "An object key, without a leading slash."
  }
}

variable "code_object_version" {
  type        = string
  default     = null
  description = "Object version of the package, where the bucket has versions."
}

variable "code_sha256" {
  type        = string
  description = "codeSha256 of `paywall build --json`. Another hash makes another function version."

  validation {
    condition     = can(regex("^[A-Za-z0-9+/]{43}=$", var.code_sha256))
    error_message = "The 44 characters that `paywall build --json` prints as codeSha256."
  }
}

variable "function_runtime" {
  type        = string
  default     = "python3.13"
  description = "The managed runtime whose process the function replaces. Lambda@Edge has no custom runtimes."

  validation {
    condition     = contains(["python3.13", "python3.14"], var.function_runtime)
    error_message = "python3.13 or python3.14."
  }
}

variable "function_timeout" {
  type        = number
  default     = 30
  description = "Seconds. Viewer events may have 30; accounts that still have the older quota refuse more than 5."

  validation {
    condition     = var.function_timeout >= 1 && var.function_timeout <= 30
    error_message = "1 to 30 seconds."
  }
}

variable "function_memory" {
  type        = number
  default     = 128
  description = "MB. AWS's pages disagree about more than 128 for viewer events, and the function needs no more."

  validation {
    condition     = var.function_memory >= 128 && var.function_memory <= 10240
    error_message = "128 to 10240 MB."
  }
}

variable "attempt" {
  type        = string
  default     = "first"
  description = "Another word makes another version of the same package."

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{1,40}$", var.attempt))
    error_message = "Letters, digits and hyphens, as in 20261127T120000Z."
  }
}

variable "secrets_parameter_name" {
  type        = string
  default     = ""
  description = "SSM SecureString with the function's secrets, as /x402/shop. Empty when they are in the package."

  validation {
    condition     = can(regex("^$|^(/[A-Za-z0-9_.-]+)+$", var.secrets_parameter_name))
    error_message = "A parameter name that begins with a slash, as in /x402/shop."
  }
}

variable "secrets_parameter_region" {
  type        = string
  default     = "us-east-1"
  description = "Region of that parameter."

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.secrets_parameter_region))
    error_message = "A Region, as in us-east-1."
  }
}

variable "secrets_kms_key_arns" {
  type        = list(string)
  default     = []
  description = "Customer-managed key of that parameter; while it changes, the earlier one as well. Empty for AWS's own."

  validation {
    condition     = alltrue([for arn in var.secrets_kms_key_arns : can(regex("^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", arn))])
    error_message = "ARNs of keys, not of aliases."
  }
}

variable "redemptions_bucket_name" {
  type        = string
  default     = ""
  description = "Bucket for claims and sales, as [redemptions] in content.toml has it. Empty for the memory store."

  validation {
    condition     = can(regex("^$|^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.redemptions_bucket_name))
    error_message = "A bucket name without dots, since TLS certificates do not cover them."
  }
}

variable "create_redemptions_bucket" {
  type        = bool
  default     = true
  description = "False when that bucket exists already. Its settings are then yours to keep."
}

variable "redemptions_prefix" {
  type        = string
  default     = "x402/"
  description = "Folder of the records, as [redemptions] in content.toml has it, with a slash at the end."

  validation {
    condition     = can(regex("^([A-Za-z0-9_.-]+/)+$", var.redemptions_prefix))
    error_message = "Letters, digits and _ . -, with a slash at the end, as in x402/."
  }
}

variable "redemptions_keep_days" {
  type        = number
  default     = 30
  description = "Records are deleted so many days after they were last written, as [redemptions] in content.toml has it."

  validation {
    condition     = var.redemptions_keep_days >= 2 && var.redemptions_keep_days <= 3650
    error_message = "2 to 3650 days."
  }
}

variable "log_retention_days" {
  type        = number
  default     = 30
  description = "Retention of the function's log group in us-east-1. The other Regions' groups are Lambda's, unless ../region.yaml makes them first."

  validation {
    condition     = contains([1, 7, 14, 30, 60, 90, 180, 365, 400, 731, 1096, 3653], var.log_retention_days)
    error_message = "A retention that CloudWatch Logs has: 1, 7, 14, 30, 60, 90, 180, 365, 400, 731, 1096 or 3653 days."
  }
}

variable "system_log_level" {
  type        = string
  default     = "INFO"
  description = "Of Lambda's own log lines. INFO has one for each invocation, with duration and memory; WARN saves them."

  validation {
    condition     = contains(["INFO", "WARN"], var.system_log_level)
    error_message = "INFO or WARN."
  }
}

variable "web_acl" {
  type        = bool
  default     = true
  description = "Web ACL that blocks viewers' x-amzn-waf-* headers and limits requests."
}

variable "payment_rate_limit" {
  type        = number
  default     = 100
  description = "Requests that bear a payment which one address may send in 60 seconds."

  validation {
    condition     = var.payment_rate_limit >= 10 && var.payment_rate_limit <= 2000000000
    error_message = "10 to 2000000000 requests."
  }
}

variable "request_rate_limit" {
  type        = number
  default     = 2000
  description = "Requests of any kind which one address may send in 60 seconds. Null for no such limit."

  validation {
    condition     = var.request_rate_limit == null ? true : var.request_rate_limit >= 10 && var.request_rate_limit <= 999999999
    error_message = "10 to 999999999 requests, or null."
  }
}

variable "network_rate_limit" {
  type        = number
  default     = null
  description = "Requests in 60 seconds of one network's (ASN's) clients with one TLS fingerprint. For a flood from many addresses. Null for no such limit."

  validation {
    condition     = var.network_rate_limit == null ? true : var.network_rate_limit >= 10 && var.network_rate_limit <= 999999999
    error_message = "10 to 999999999 requests, or null."
  }
}

variable "vouched_value" {
  type        = string
  default     = ""
  sensitive   = true
  description = "With who_pays = \"unvouched\" in content.toml: what `paywall switch vouched-value` prints, by which the web ACL vouches for whom Bot Control takes for a person. Empty where everyone pays."

  validation {
    condition     = can(regex("^$|^[0-9a-f]{64}$", var.vouched_value))
    error_message = "64 hexadecimal digits, or nothing."
  }
}
