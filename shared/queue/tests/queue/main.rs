//! The queue on a real broker.

mod round_trip;
mod support;
