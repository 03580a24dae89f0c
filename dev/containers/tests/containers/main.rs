//! `docker-compose.yml`, unchanged, on a real engine.
//!
//! The engine is Debian's, and runs with the test in namespaces of their own: network, mounts and
//! processes end with the test, whatever happens. It has no network to fetch images from, so
//! [`images`] makes stand-ins under their names: Debian's PostgreSQL, RabbitMQ and nginx, and
//! toolchains that hand out what is built already.
//!
//! That does not show RabbitMQ 4, the official images' own scripts, Grafana, the collector, Jaeger,
//! nor the compilation in a container.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a panic fails the test"
)]

mod citizen;
mod compose_file;
mod conservation;
mod engine;
mod images;
mod isolation;
mod namespaces;
mod opened;
mod secrets;
mod shell;
mod system;

use std::time::Instant;

use engine::Engine;
use system::System;

/// The user of a platform that chooses users itself: any number, with the group 0.
const CHOSEN_USER: &str = "1000680000:0";

#[test]
#[ignore = "needs root, an engine, mmdebstrap and a network: `cargo xtask test` runs it"]
fn a_newcomer_with_an_engine_alone_gets_a_protocol_number() {
    if !namespaces::are_own() {
        images::make_base();
        return namespaces::run_again("a_newcomer_with_an_engine_alone_gets_a_protocol_number");
    }
    let engine = Engine::start();
    let begun = Instant::now();
    images::build(&engine);
    println!("images: {:.0} s", begun.elapsed().as_secs_f32());

    compose_file::is_strict(&engine);
    let begun = Instant::now();
    let system = System::up(&engine, None);
    println!("up: {:.0} s", begun.elapsed().as_secs_f32());
    let protocol = citizen::in_a_browser();
    let took = begun.elapsed().as_secs_f32();
    println!("a citizen's application, in a browser: {protocol} after {took:.0} s");

    isolation::intake_reaches_no_database(&system);
    isolation::containers_are_closed(&system);
    conservation::nothing_is_lost_when_three_of_four_workers_are_killed(&system);
    secrets::are_in_files_alone(&system);
    system.ends_in_order();
    system.remove();

    let begun = Instant::now();
    let system = System::up(&engine, Some(CHOSEN_USER));
    let protocol = citizen::by_http("RNLMRT84C52H501S");
    let took = begun.elapsed().as_secs_f32();
    println!("as user {CHOSEN_USER}: protocol number {protocol} after {took:.0} s");
    system.remove();
    engine.end();
}
