//! Many applications at once, streamed both ways.
//!
//! An upload is two halves that a pair of bounded channels joins. [`connection`] runs on the
//! server's thread with the connection. It reads the request's body only while the answer's body is
//! being sent, so a sender who does not read the answers is not read either. [`upload`] runs on its
//! own threads, so that many rows do not delay a single application.
//!
//! The upload cuts the bytes into rows, accepts them, and writes a line for each, in order. When
//! either half ends, so does the other.

mod connection;
mod csv;
mod deadline;
mod file_kind;
mod line;
mod metrics;
mod ndjson;
mod pace;
mod part;
mod receipts;
mod rows;
mod split;
mod threads;
mod upload;
mod upload_slots;

pub(crate) use csv::CsvSplitter;
pub(crate) use file_kind::{FileKind, Recognised};
pub(crate) use line::{BatchEnd, BatchLine};
pub(crate) use ndjson::{BatchRow, NdjsonSplitter};
pub(crate) use part::{ApiDocPart, Part};
pub(crate) use split::Split;
pub(crate) use upload::{Batches, Upload};
