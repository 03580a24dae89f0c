//! The trials: which fault raises which alerts.

use sportello_stack::Part;

use crate::alerts::does::Does;
use crate::faults::content;

/// A fault, and the alerts that it must raise.
#[derive(Debug)]
pub struct Trial {
    /// Its name: part, then action.
    pub name: &'static str,
    /// The fault, in one sentence.
    pub fault: &'static str,
    /// How it is mended, in a few words.
    pub mended: &'static str,
    /// Citizens' applications a second meanwhile.
    pub rate: u32,
    pub(super) does: Does,
    /// What must fire, and resolve afterwards.
    pub alerts: &'static [Expected],
    /// How long it takes.
    pub length: Length,
}

/// An alert, with a label that tells it from others of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Its name.
    pub alert: &'static str,
    /// A label and its value.
    pub label: Option<(&'static str, &'static str)>,
}

/// How long a trial takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Some seconds: it is among the tests.
    Short,
    /// Up to three minutes.
    Long,
    /// Minutes, in which others can be made.
    Slow,
}

const fn named(alert: &'static str) -> Expected {
    Expected { alert, label: None }
}

const fn with(alert: &'static str, name: &'static str, value: &'static str) -> Expected {
    Expected {
        alert,
        label: Some((name, value)),
    }
}

impl Trial {
    /// Returns all trials, in the order in which they are made.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        TRIALS.iter()
    }

    /// Returns the trials that are among the tests.
    pub fn short() -> impl Iterator<Item = &'static Self> {
        Self::all().filter(|trial| trial.length == Length::Short)
    }
}

const TRIALS: &[Trial] = &[
    Trial {
        name: "catalogue-broken",
        fault: "A benefit's file is not TOML.",
        mended: "the file is removed",
        rate: 5,
        does: Does::Catalogue,
        alerts: &[named("CatalogueBroken")],
        length: Length::Short,
    },
    Trial {
        name: "processes-stopped",
        fault: "Status, portal and console are stopped.",
        mended: "they are started",
        rate: 5,
        does: Does::Stopped(&[Part::Status, Part::Portal, Part::Console]),
        alerts: &[
            with("TargetDown", "job", "status"),
            with("TargetDown", "job", "portal"),
            with("TargetDown", "job", "console"),
        ],
        length: Length::Short,
    },
    Trial {
        name: "worker-killed",
        fault: "The only worker is killed (`kill -9`) while applications arrive.",
        mended: "it is started",
        rate: 5,
        does: Does::Fault("worker-killed"),
        alerts: &[named("NoWorker"), with("TargetDown", "job", "worker")],
        length: Length::Short,
    },
    Trial {
        name: "poison",
        fault: "An application with a NUL character arrives in the citizens' queue.",
        mended: "the dead letter is discarded in the console",
        rate: 5,
        does: Does::Poison(content::Does::Nul, "content"),
        alerts: &[with("DeadLettersOpen", "reason", "content")],
        length: Length::Short,
    },
    Trial {
        name: "rabbitmq-memory-alarm",
        fault: "The broker's memory alarm.",
        mended: "the broker has memory again",
        rate: 5,
        does: Does::Fault("rabbitmq-memory-alarm"),
        alerts: &[named("BrokerAlarm"), named("SpoolInUse")],
        length: Length::Short,
    },
    Trial {
        name: "rabbitmq-killed",
        fault: "The broker is killed (`kill -9`) under load, and intake's disk has room for 1 MiB.",
        mended: "the broker is started",
        rate: 100,
        does: Does::Fault("rabbitmq-killed"),
        alerts: &[
            named("SpoolInUse"),
            named("SpoolFilling"),
            named("BurnRateFast"),
            named("BurnRateSlow"),
            named("LossNotProvable"),
            with("TargetDown", "job", "rabbitmq"),
        ],
        length: Length::Long,
    },
    Trial {
        name: "poison-forgotten",
        fault: "A message that is no envelope becomes a dead letter, and nobody decides.",
        mended: "the dead letter is discarded in the console",
        rate: 5,
        does: Does::Poison(content::Does::Unreadable, "envelope"),
        alerts: &[named("DeadLettersOld")],
        length: Length::Slow,
    },
    Trial {
        name: "second-intake-killed",
        fault: "One of two intakes is killed (`kill -9`).",
        mended: "it is started with its spool folder",
        rate: 5,
        does: Does::SecondIntake,
        alerts: &[named("LedgerTailOpen")],
        length: Length::Slow,
    },
    Trial {
        name: "postgres-frozen",
        fault: "PostgreSQL is frozen (SIGSTOP): its connections stay open and silent.",
        mended: "it goes on",
        rate: 5,
        does: Does::Fault("postgres-frozen"),
        alerts: &[named("LedgerStale"), with("CheckFails", "check", "database")],
        length: Length::Long,
    },
    Trial {
        name: "postgres-killed",
        fault: "PostgreSQL is killed (`kill -9`).",
        mended: "it is started",
        rate: 5,
        does: Does::Fault("postgres-killed"),
        alerts: &[named("DatabaseDown")],
        length: Length::Long,
    },
    Trial {
        name: "postgres-connections",
        fault: "Another program opens 160 of the database's 200 connections.",
        mended: "it closes them",
        rate: 5,
        does: Does::Connections,
        alerts: &[named("ConnectionsNearLimit")],
        length: Length::Long,
    },
    Trial {
        name: "worker-postgres-slow",
        fault: "The worker's traffic with PostgreSQL takes 150 ms more in each direction, and its \
                transactions are small; a patronato uploads 11,000 rows, and more later.",
        mended: "the network is quick, and the worker's settings are those of always",
        rate: 20,
        does: Does::SlowDatabase,
        alerts: &[
            named("DatabaseSlow"),
            named("OldestTooOld"),
            named("RegistrationSlow"),
            named("WillMissTarget"),
            named("BacklogGrows"),
        ],
        length: Length::Long,
    },
    Trial {
        name: "intake-rabbitmq-slow",
        fault: "Intake's traffic with the broker takes 280 ms more in each direction.",
        mended: "the network is quick",
        rate: 10,
        does: Does::SlowBroker,
        alerts: &[named("ConfirmSlow")],
        length: Length::Long,
    },
    Trial {
        name: "binding-removed",
        fault: "Somebody removes the binding of the citizens' queue.",
        mended: "`worker topology`, and the dead letters are sent again in the console",
        rate: 5,
        does: Does::Unbound,
        alerts: &[named("Unrouted")],
        length: Length::Long,
    },
    Trial {
        name: "worker-clock-jumps",
        fault: "The worker's clock jumps 50 minutes ahead.",
        mended: "the clock is right",
        rate: 5,
        does: Does::Fault("worker-clock-jumps"),
        alerts: &[with("ClockOff", "job", "worker")],
        length: Length::Long,
    },
    Trial {
        name: "broker-disk-fills",
        fault: "A file grows by 50 MB a second on the broker's disk.",
        mended: "the file is removed",
        rate: 5,
        does: Does::DiskFills,
        alerts: &[named("BrokerDiskPredicted")],
        length: Length::Long,
    },
    Trial {
        name: "message-taken-in-a-crowd",
        fault: "A confirmed message is taken out of the queue by hand while another stays there, of a \
                version that only a newer worker reads.",
        mended: "it is put back, and the newer message is taken out",
        rate: 5,
        does: Does::TakenInACrowd,
        alerts: &[
            named("LedgerSuspect"),
            with("CheckWarns", "check", "newer_messages"),
        ],
        length: Length::Long,
    },
    Trial {
        name: "message-taken",
        fault: "A confirmed message is taken out of the queue by hand; its holder asks for the status.",
        mended: "it is put back",
        rate: 0,
        does: Does::Taken,
        alerts: &[named("LedgerLost"), named("ProvenMissing")],
        length: Length::Long,
    },
    Trial {
        name: "queue-deleted",
        fault: "Somebody deletes the queue of unrouted messages: of the one member that a single node \
                gives it, none is left.",
        mended: "`worker topology`",
        rate: 5,
        does: Does::QueueDeleted,
        alerts: &[named("QueueMembersMissing")],
        length: Length::Long,
    },
    Trial {
        name: "counter-changed",
        fault: "Somebody changes a counter of outcomes in the database. The trial makes the count that a \
                worker makes by night.",
        mended: "the counter is right, and the trial counts again",
        rate: 5,
        does: Does::CounterChanged,
        alerts: &[named("OutcomesMiscounted")],
        length: Length::Long,
    },
    Trial {
        name: "answered-without-confirm",
        fault: "A process reports that it answered without a confirm. No fault of a part makes one do \
                that, so a stand-in reports it.",
        mended: "it reports 0",
        rate: 5,
        does: Does::StandIn,
        alerts: &[named("AnsweredWithoutConfirm")],
        length: Length::Long,
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sportello_stack::folders;

    use super::*;

    #[test]
    fn every_alert_has_a_trial_and_every_trial_an_alert() {
        let rules = folders::workspace().join("deploy/observability/alerts.yml");
        let rules = std::fs::read_to_string(rules).unwrap();
        let shipped: BTreeSet<&str> = rules
            .lines()
            .filter_map(|line| line.trim().strip_prefix("- alert: "))
            .collect();
        let tried = Trial::all().flat_map(|trial| trial.alerts).map(|one| one.alert);
        assert_eq!(tried.collect::<BTreeSet<_>>(), shipped);
    }
}
