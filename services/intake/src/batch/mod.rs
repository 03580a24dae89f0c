//! Many applications at once.

mod csv;
mod ndjson;
mod split;
