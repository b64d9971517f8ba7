//! The local edge refuses what CloudFront refuses, and caches as CloudFront does. A real function
//! that misbehaves on demand stands behind it.

mod behaviors;
mod caching;
mod front;
mod handover;
mod origin_groups;
mod policies;
mod processes;
mod s3_origin;
#[path = "../support/s3_server.rs"]
mod s3_server;
mod sandboxes;
mod shop;
mod validation;
mod ways_in;
