//! How many messages intake makes of its applications. The broker's cost is by the message.
//!
//! A process sends an application alone while few come. Once several share a message it pauses, and
//! those that come meanwhile go together (docs/decisions/0016). So a process sends every
//! application alone up to a rate, then as many messages as it makes pauses, and at a very high
//! rate as many as the applications that do not wait for the pause fill.

/// Messages a second of a process that pauses after each: 2 ms, which tokio's timers make nearly
/// three (docs/notes/2026-11-28-three-machines.md).
const PAUSED_PER_SECOND: f64 = 333.0;
/// Applications that go without a pause (`PublisherConfig::enough_applications`).
const ENOUGH: f64 = 40.0;

/// Returns messages a second of one channel, of so many applications a second over so many
/// processes and shards (queues of a channel).
#[must_use]
pub fn messages(applications: f64, processes: u32, shards: u32) -> f64 {
    let senders = f64::from(processes.max(1)) * f64::from(shards.max(1));
    let each = applications / senders;
    senders * each.min(PAUSED_PER_SECOND).max(each / ENOUGH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64) {
        assert!(
            (value - expected).abs() < expected * 0.01,
            "{value} not {expected}"
        );
    }

    #[test]
    fn few_applications_go_alone_and_many_share_a_message() {
        close(messages(100.0, 1, 1), 100.0);
        close(messages(3_330.0, 1, 1), 333.0);
        close(messages(40_000.0, 1, 1), 1_000.0);
    }

    #[test]
    fn more_processes_or_shards_only_make_more_messages() {
        let by_processes = [1, 2, 8, 16, 64].map(|processes| messages(17_361.0, processes, 1));
        assert!(by_processes.is_sorted(), "{by_processes:?}");
        close(by_processes[4], 17_361.0);
        close(messages(17_361.0, 2, 4), messages(17_361.0, 8, 1));
        assert!(messages(0.0, 4, 1).abs() < f64::EPSILON);
    }
}
