locals {
  none = [{ Priority = 0, Type = "NONE" }]

  rules = concat(
    # Labels and headers that WAF adds begin so; none may come from outside. Headers beyond WAF's 8 KB are let through:
    # a payment may need 12 KB, and the function believes such a header only with a secret value.
    [{
      Name             = "block-forged-waf-headers"
      Priority         = 0
      Action           = { Block = {} }
      VisibilityConfig = { SampledRequestsEnabled = true, CloudWatchMetricsEnabled = true, MetricName = "block-forged-waf-headers" }
      Statement = {
        ByteMatchStatement = {
          FieldToMatch         = { Headers = { MatchPattern = { All = {} }, MatchScope = "KEY", OversizeHandling = "CONTINUE" } }
          PositionalConstraint = "CONTAINS"
          # The API takes bytes.
          SearchString        = base64encode("x-amzn-waf-")
          TextTransformations = [{ Priority = 0, Type = "LOWERCASE" }]
        }
      }
    }],
    # Each of them may hold a sandbox for the whole deadline, and a Region has 1,000. After it what is answered 402, which costs the
    # seller as well; last a network with the fingerprint of a client, for floods from many addresses.
    [for limit in local.limits : {
      Name     = limit.name
      Priority = limit.priority
      Action = { Block = { CustomResponse = {
        ResponseCode          = 429
        CustomResponseBodyKey = limit.refusal
        ResponseHeaders = [
          { Name = "Retry-After", Value = "60" },
          { Name = "Cache-Control", Value = "no-store" },
          { Name = "Access-Control-Allow-Origin", Value = "*" },
        ]
      } } }
      VisibilityConfig = { SampledRequestsEnabled = true, CloudWatchMetricsEnabled = true, MetricName = limit.name }
      Statement        = { RateBasedStatement = jsondecode(limit.counts) }
    } if limit.requests != null],
    # People read free, automated clients pay. Bot Control blocks by default, agents among them, so all that it says is counted: a
    # label is what is wanted of it. Version 4.0 knows Web Bot Auth:
    # https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-bot.html
    [for value in compact([var.vouched_value]) : {
      Name             = "bot-control"
      Priority         = 10
      OverrideAction   = { Count = {} }
      VisibilityConfig = { SampledRequestsEnabled = true, CloudWatchMetricsEnabled = true, MetricName = "bot-control" }
      Statement = {
        ManagedRuleGroupStatement = {
          VendorName              = "AWS"
          Name                    = "AWSManagedRulesBotControlRuleSet"
          Version                 = "Version_4.0"
          ManagedRuleGroupConfigs = [{ AWSManagedRulesBotControlRuleSet = { InspectionLevel = "COMMON" } }]
        }
      }
    }],
    # Whom it has no label for, whatever kind of label, and whose headers WAF has read whole. Not sampled: samples show the value.
    [for value in compact([var.vouched_value]) : {
      Name             = "vouch-for-people"
      Priority         = 11
      Action           = { Count = { CustomRequestHandling = { InsertHeaders = [{ Name = "x402-vouched", Value = value }] } } }
      VisibilityConfig = { SampledRequestsEnabled = false, CloudWatchMetricsEnabled = true, MetricName = "vouch-for-people" }
      Statement = { NotStatement = { Statement = { OrStatement = { Statements = [
        { LabelMatchStatement = { Scope = "NAMESPACE", Key = "awswaf:managed:aws:bot-control:" } },
        { SizeConstraintStatement = {
          ComparisonOperator  = "GT"
          Size                = 8192
          TextTransformations = local.none
          FieldToMatch        = { Headers = { MatchPattern = { All = {} }, MatchScope = "KEY", OversizeHandling = "MATCH" } }
        } },
      ] } } } }
    }],
  )

  # The statements differ in their fields, which elements of a list may not: so they are texts.
  limits = [
    {
      name     = "limit-payments", priority = 1, refusal = "too-many-payments"
      requests = var.payment_rate_limit
      counts = jsonencode({
        AggregateKeyType    = "IP"
        EvaluationWindowSec = 60
        Limit               = var.payment_rate_limit
        ScopeDownStatement = { OrStatement = { Statements = concat(
          # Whoever fills the 8 KB that WAF sees, to hide a payment behind them, counts as well.
          [{ SizeConstraintStatement = {
            ComparisonOperator  = "GT"
            Size                = 8192
            TextTransformations = local.none
            FieldToMatch        = { Headers = { MatchPattern = { All = {} }, MatchScope = "KEY", OversizeHandling = "MATCH" } }
          } }],
          [for header in local.payment_headers : { SizeConstraintStatement = {
            ComparisonOperator  = "GT"
            Size                = 0
            TextTransformations = local.none
            FieldToMatch        = { SingleHeader = { Name = header } }
          } }],
        ) } }
      })
    },
    {
      name     = "limit-requests", priority = 2, refusal = "too-many-requests"
      requests = var.request_rate_limit
      counts   = jsonencode({ AggregateKeyType = "IP", EvaluationWindowSec = 60, Limit = var.request_rate_limit })
    },
    {
      name     = "limit-networks", priority = 3, refusal = "too-many-requests"
      requests = var.network_rate_limit
      counts = jsonencode({
        AggregateKeyType    = "CUSTOM_KEYS"
        CustomKeys          = [{ ASN = {} }, { JA4Fingerprint = { FallbackBehavior = "NO_MATCH" } }]
        EvaluationWindowSec = 60
        Limit               = var.network_rate_limit
      })
    },
  ]
}
