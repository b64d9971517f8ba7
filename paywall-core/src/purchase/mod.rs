//! The way of one payment, from its header to a grant or a refusal: an explicit state machine.
//!
//! The whole loop is in one file, `sale_loop.rs`. [`Purchase::step`] says what to ask, [`Purchase::hear`] takes the answer.
//! It has no clock, and does nothing; whoever drives it may stop at any step, which is what the death
//! of a sandbox would be there.
//!
//! ```text
//! start ──> look ──> begin ──> submit ──> sold ──> granted
//!   │        │         │         ├──> reason ──> close ──> refused
//!   │        │         │         ├──> (next facilitator) open ──> submit
//!   │        │         │         └──> ask again ──> evidence ──> sold | close | later
//!   └──> recall ──> decide <─────┘
//!          └─> verify  ├──> grant
//!                      ├──> take ──> ask again
//!                      └──> open ──> submit
//! ```
//!
//! * Terms are judged once, on arrival. After that a 402 comes only from a payment that was closed as
//!   refused by a conditional write.
//! * What was not written was never sent: `submit` follows only a write that names this request as the
//!   payment's holder.
//! * A transfer found on the chain completes a sending that is on record, never a presentation.

mod ask_chain;
mod ask_facilitator;
mod ask_store;
mod change;
mod decide;
mod effect;
mod evidence;
mod facts;
mod look;
mod machine;
mod order;
mod packed;
mod reason;
mod record;
mod sale_loop;
mod site;
mod state;
mod swap;
mod transaction;

pub use crate::scheme::identity::{Mark, PaymentId};
pub use change::{Opened, To};
pub use decide::{Decision, Looked, Presented, decide};
pub use effect::{Effect, Heard, Unless};
pub use evidence::{Finding, Search, Sought};
pub use machine::{Done, Notes, Purchase, Step};
pub use order::{Choice, Nodes, Order, Settings};
pub use packed::Packed;
pub use record::{
    Account, AccountKind, Bill, Binding, Closed, Granted, Learnt, Look, Open, Sale, Sells, VERSION,
    Why,
};
pub use site::SiteHolder;
pub use state::{State, Target, Then};
pub use swap::{Held, Swap, Swapped, read_account};
pub use transaction::Transaction;
