//! The nodes of a broker: connections are spread over them, and go first to those that work.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lapin::uri::AMQPUri;

/// Time for which a node that failed comes last. A frozen node takes a connection and never
/// answers, so each attempt at it costs time.
const COMES_LAST_FOR: Duration = Duration::from_secs(15);

/// All nodes, and what is known of them. There is at least one.
pub(super) struct Nodes {
    nodes: Vec<Node>,
    /// The number of the next connection, from a random one on: the processes start at different
    /// nodes.
    next: AtomicUsize,
}

struct Node {
    uri: AMQPUri,
    failed: Mutex<Option<Instant>>,
}

impl Nodes {
    /// Returns `None` without any node.
    pub(super) fn new(nodes: Vec<AMQPUri>) -> Option<Self> {
        let node = |uri| Node {
            uri,
            failed: Mutex::default(),
        };
        let nodes: Vec<_> = nodes.into_iter().map(node).collect();
        let random = uuid::Uuid::new_v4().as_bytes()[0];
        (!nodes.is_empty()).then(|| Self {
            nodes,
            next: AtomicUsize::new(random.into()),
        })
    }

    pub(super) fn first(&self) -> &AMQPUri {
        &self.nodes[0].uri
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &AMQPUri> {
        self.nodes.iter().map(|node| &node.uri)
    }

    pub(super) fn uri(&self, node: usize) -> &AMQPUri {
        &self.nodes[node].uri
    }

    /// Returns the nodes in the order in which the next connection tries them: each connection
    /// starts one further, and nodes that failed lately come last.
    pub(super) fn in_turn(&self) -> Vec<usize> {
        let (count, first) = (self.nodes.len(), self.next.fetch_add(1, Ordering::Relaxed));
        let mut turn: Vec<usize> = (0..count).map(|step| (first + step) % count).collect();
        turn.sort_by_key(|&node| self.failed_lately(node));
        turn
    }

    /// Records that a connection to this node failed or ended.
    pub(super) fn failed(&self, node: usize) {
        self.set(node, Some(Instant::now()));
    }

    /// Records that this node works.
    pub(super) fn works(&self, node: usize) {
        self.set(node, None);
    }

    fn set(&self, node: usize, failed: Option<Instant>) {
        *self.nodes[node]
            .failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = failed;
    }

    fn failed_lately(&self, node: usize) -> bool {
        let failed = self.nodes[node].failed.lock();
        let failed = failed.unwrap_or_else(PoisonError::into_inner);
        failed.is_some_and(|failed| failed.elapsed() < COMES_LAST_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Nodes {
        Nodes::new(vec![AMQPUri::default(); 3]).unwrap()
    }

    #[test]
    fn connections_are_spread_over_all_nodes() {
        let nodes = three();
        let mut first = [0; 3];
        for _ in 0..30 {
            let turn = nodes.in_turn();
            assert_eq!(turn.len(), 3);
            first[turn[0]] += 1;
        }
        assert_eq!(first, [10, 10, 10]);
    }

    #[test]
    fn a_node_that_failed_comes_last_until_it_works() {
        let nodes = three();
        nodes.failed(1);
        for _ in 0..3 {
            assert_eq!(nodes.in_turn()[2], 1);
        }
        nodes.works(1);
        let first: Vec<_> = (0..3).map(|_| nodes.in_turn()[0]).collect();
        assert!(first.contains(&1));
    }
}
