//! Invented people and their applications.

pub mod applications;
pub mod contents;
pub mod mix;
pub mod numbers;
