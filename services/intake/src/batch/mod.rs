//! Many applications at once, streamed both ways.
//!
//! An upload is two halves that a pair of bounded channels joins. [`connection`] lives on the server's thread with the
//! connection: it reads the request's body only while the answer's body is being sent, so that a sender who does not read
//! the answers is not read either. [`upload`] lives on threads of its own, so that the work of many rows holds up nobody
//! who sends one application: it makes rows of the bytes, admits them, and writes a line for each, in order. When either
//! half ends, so does the other.

mod connection;
mod csv;
mod line;
mod metrics;
mod ndjson;
mod pace;
mod patience;
mod places;
mod rows;
mod split;
mod threads;
mod upload;

pub(crate) use csv::CsvSplitter;
pub(crate) use line::ApiDocLine;
pub(crate) use ndjson::NdjsonSplitter;
pub(crate) use split::Split;
pub(crate) use upload::{Batches, Upload};
