//! What answers of facilitators are worth, by the review of their sources and by recorded answers.

mod forms;
mod operator;
mod recorded;
mod rules;
mod shapes;
mod support;
mod table;
