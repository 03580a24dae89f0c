//! Many applications at once.

mod ndjson;
mod split;
