//! Where and how figures were made, so that nobody takes them for those of another machine.

use std::fs;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sportello_stack::machine_memory;

/// The machine and the command of a measurement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The command, with all its options.
    pub command: String,
    /// When it ended.
    pub at: Timestamp,
    /// Name of the processor.
    pub processor: String,
    /// Cores that all programs shared, the load generator included.
    pub cores: usize,
    /// Memory of the machine in bytes.
    pub memory_bytes: u64,
    /// `debug` or `release`, or what else is known of how the programs were built.
    pub profile: String,
    /// What else a reader has to know, such as other work on the machine.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remark: String,
}

impl Made {
    /// Describes this machine, and the command that runs.
    #[must_use]
    pub fn here() -> Self {
        let words = std::env::args().skip(1);
        Self {
            command: words.fold("loadtests".to_owned(), |all, word| format!("{all} {word}")),
            at: Timestamp::now(),
            processor: processor(&fs::read_to_string("/proc/cpuinfo").unwrap_or_default()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: machine_memory(),
            profile: profile().to_owned(),
            remark: String::new(),
        }
    }
}

/// Returns the profile of this program: `debug` or `release`.
#[must_use]
pub fn profile() -> &'static str {
    if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    }
}

fn processor(info: &str) -> String {
    let name = info.lines().find_map(|line| line.strip_prefix("model name"));
    let name = name.and_then(|rest| rest.split_once(':'));
    name.map_or_else(|| "unknown".to_owned(), |(_, name)| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_the_name_of_the_first_core() {
        let info = "processor\t: 0\nmodel name\t: Example 9000 @ 2.50GHz\nmodel name\t: other\n";
        assert_eq!(processor(info), "Example 9000 @ 2.50GHz");
        assert_eq!(processor(""), "unknown");
    }
}
