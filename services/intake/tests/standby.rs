//! While the broker is away, the local disk stands in for it: for a while, and for who comes alone.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use common::upload::Upload;
use common::{Intake, WITHIN, assert_no_personal_data, content, person, with_header};
use reqwest::Response;
use serde_json::Value;
use sportello_domain::ContentDigest;
use sportello_queue::{BrokerUri, Consumer, ConsumerConfig, ack_all, decode, depths};
use sportello_receipt::ReceiptVerifier;
use sportello_testkit::{broker, eventually};
