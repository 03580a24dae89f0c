//! The health, version and catalogue of each process, and the queues of each node.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::number::whole;
use super::scrape::{HealthPage, NodeScrape};
use super::target;
use super::unknown::Unknowns;
use super::window::{Answer, Scrape, Window};
use crate::exposition::Samples;
use crate::views::services::{FailedCheck, Health, Node, Queue, Service};

const MESSAGES: &str = "rabbitmq_detailed_queue_messages";
const CONSUMERS: &str = "rabbitmq_detailed_queue_consumers";
/// Queues of this system begin with it.
const OURS: &str = "applications";

/// Returns every process that was asked. A worker that is not there is no process.
pub(super) fn services(
    window: &Window,
    healths: &[Option<HealthPage>],
    unknowns: &mut Unknowns,
    at: Timestamp,
) -> Vec<Service> {
    let asked = window.newest().iter().zip(healths);
    let there = asked.filter(|(scrape, _)| {
        scrape.service != target::Service::Worker || !matches!(scrape.answer, Answer::Absent)
    });
    there
        .map(|(scrape, health)| service(scrape, health.as_ref(), unknowns, at))
        .collect()
}

fn service(scrape: &Scrape, page: Option<&HealthPage>, unknowns: &mut Unknowns, at: Timestamp) -> Service {
    let address = &scrape.address;
    let samples: Option<&Arc<Samples>> = match &scrape.answer {
        Answer::Read(samples) => Some(samples),
        Answer::Absent | Answer::Silent => None,
    };
    let health = page.and_then(|page| health(&page.health));
    let version = samples.and_then(|samples| label(samples, "target_info", "service_version"));
    let catalogue = samples.and_then(|samples| label(samples, "sportello_catalogue_version", "version"));
    let has_catalogue = scrape.service != target::Service::Status;
    Service {
        service: scrape.service.as_str(),
        address: address.to_string(),
        health: unknowns.reading(format!("{address}/health"), health, at),
        checks: page.map(failed).unwrap_or_default(),
        version: unknowns.reading(format!("{address}/version"), version, at),
        catalogue: has_catalogue.then(|| unknowns.reading(format!("{address}/catalogue"), catalogue, at)),
    }
}

fn health(word: &str) -> Option<Health> {
    match word {
        "pass" => Some(Health::Pass),
        "warn" => Some(Health::Warn),
        "fail" => Some(Health::Fail),
        _ => None,
    }
}

fn failed(page: &HealthPage) -> Vec<FailedCheck> {
    let checks = page.checks.iter().filter_map(|(name, check)| {
        let health = health(&check.status).filter(|health| *health != Health::Pass)?;
        Some(FailedCheck {
            name: name.clone(),
            health,
            output: check.output.clone().unwrap_or_default(),
        })
    });
    checks.collect()
}

/// Returns a label of the sample with the value 1.
fn label(samples: &Samples, name: &str, label: &str) -> Option<String> {
    let mut current = samples.of(name).iter().filter(|sample| sample.value > 0.0);
    current.find_map(|sample| sample.label(label)).map(str::to_owned)
}

/// Returns every node that was asked.
pub(super) fn nodes(
    scrapes: &[NodeScrape],
    vhost: &str,
    unknowns: &mut Unknowns,
    at: Timestamp,
) -> Vec<Node> {
    let nodes = scrapes.iter().map(|scrape| {
        let queues = scrape.queues.as_ref().map(|samples| queues(samples, vhost));
        Node {
            address: scrape.address.to_string(),
            queues: unknowns.reading(format!("{}/queues", scrape.address), queues, at),
        }
    });
    nodes.collect()
}

fn queues(samples: &Samples, vhost: &str) -> Vec<Queue> {
    let of_this_system = samples
        .of(MESSAGES)
        .iter()
        .filter(|sample| sample.has(&[("vhost", vhost)]));
    let queues = of_this_system.filter_map(|sample| {
        let queue = sample.label("queue").filter(|queue| is_lasting(queue))?;
        let labels = [("vhost", vhost), ("queue", queue)];
        Some(Queue {
            queue: queue.to_owned(),
            messages: whole(sample.value),
            consumers: whole(samples.sum(CONSUMERS, &labels).unwrap_or_default()),
        })
    });
    let mut queues: Vec<Queue> = queues.collect();
    queues.sort_by(|one, other| one.queue.cmp(&other.queue));
    queues
}

/// Whether a queue is one of this system's that outlast a process: those of a single process end
/// with its id.
fn is_lasting(queue: &str) -> bool {
    let last = queue.rsplit_once('.').map_or("", |(_, last)| last);
    queue.starts_with(OURS) && Uuid::try_parse(last).is_err()
}
