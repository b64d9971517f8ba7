//! A CloudFront distribution on a laptop
