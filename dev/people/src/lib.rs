//! Invented people, bearer tokens for them, and the sign-in of the development identity provider.
//!
//! All people are invented. Names are drawn from short lists, and the tax code follows from them.

pub mod login;
pub mod mint;
pub mod person;

pub use mint::Mint;
pub use person::Person;
