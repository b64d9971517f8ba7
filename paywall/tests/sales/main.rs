//! `paywall sales`, from records that the function's own code makes, in a real S3 API on this machine.

#[expect(dead_code, reason = "what only the tests of publishing need")]
#[path = "../publish/objects.rs"]
mod objects;
#[expect(dead_code, reason = "what only the tests of publishing need")]
#[path = "../publish/parts.rs"]
mod parts;
#[expect(dead_code, reason = "what only the tests of publishing need")]
#[path = "../publish/server.rs"]
mod server;
#[expect(dead_code, reason = "what only the tests of publishing need")]
#[path = "../publish/shop.rs"]
mod shop;

mod books;
mod formats;
mod kept;
mod many;
mod node;
mod on_chain;
#[path = "../../../books/src/payments.rs"]
mod payments;
mod refund_list;
mod refunds;
mod refusals;
mod store;
#[path = "../../../books/src/test_chain.rs"]
mod test_chain;
mod world;
