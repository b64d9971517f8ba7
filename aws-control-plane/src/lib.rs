//! The control plane that asks AWS: CloudFormation, CloudFront, Lambda and STS by AWS's SDK; S3, Systems Manager, WAF,
//! CloudWatch and its logs, of which a few calls are needed only, by signed requests.
//!
//! CloudFront's configurations pass through as they are, without the SDK's types, which know only what there was when they
//! were made: see `xml_json.rs`.

mod account;
mod alarms;
mod aws;
mod buckets;
mod capture;
mod control_plane;
mod credentials;
mod distributions;
mod failure;
mod functions;
mod http;
mod json_call;
mod logs;
mod objects;
mod parameters;
mod patience;
mod reply;
mod s3;
mod signed;
mod stacks;
mod web_acl;
mod xml;
mod xml_json;

pub use aws::Aws;
