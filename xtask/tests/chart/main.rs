//! The Helm chart, without a cluster: what it renders is judged by the schemas of Kubernetes and by
//! rules of our own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a panic fails the test"
)]

mod cluster;
mod examples;
mod helm;
mod mutants;
mod network;
mod rendering;
mod rules;
mod schemas;
mod values;
