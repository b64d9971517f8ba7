//! The x402 paywall for CloudFront's viewer events
