//! The local edge refuses what CloudFront refuses, and caches as CloudFront does. A real function
//! that misbehaves on demand stands behind it.

mod caching;
mod front;
mod handover;
mod processes;
mod sandboxes;
mod shop;
mod validation;
