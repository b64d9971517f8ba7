//! The function: the program that serves, itself; its deployment package; or any program that speaks the Lambda
//! Runtime API.

mod build;
mod package;
mod program;
mod seal;

pub use build::{BuildError, build, deployable};
pub use program::Function;
