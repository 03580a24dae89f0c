//! Every reason and estimate as people read it.

use insta::assert_snapshot;
use jiff::Timestamp;
use sportello_domain::{BenefitId, Channel};
use sportello_scaling::{
    HandError, Limit, ManualError, Occasion, Policy, Raise, Reason, Saturation, Target, TimeToDrain,
};

use crate::simulation::rate;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn lines<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    let lines: Vec<String> = all.into_iter().map(|one| one.to_string()).collect();
    lines.join("\n")
}

fn raise(occasion: Occasion, opens: Option<&str>) -> Reason {
    Reason::Calendar(Raise {
        workers: 6,
        benefit: BenefitId::parse("book-bonus").unwrap(),
        channel: Channel::Citizen,
        occasion,
        opens: opens.map(at),
        from: None,
    })
}

fn reasons() -> Vec<Reason> {
    let by = Target::DrainedBy {
        at: at("2026-04-01T08:00:00+02:00"),
    };
    let behind = Target::NeverBehind { seconds: 300 };
    let needed = |backlog, target| Reason::Needed {
        workers: 4,
        backlog,
        arrivals: rate(40.0),
        rate: rate(312.4),
        each: rate(98.2),
        target,
    };
    let late = |target, by: Option<&str>| Reason::Unreachable {
        target,
        workers: 6,
        by: by.map(at),
    };
    let ceiling = |limit| Reason::Ceiling {
        workers: 6,
        needed: 23,
        limit,
    };
    let workers = 3;
    let saturated = |by| Reason::Saturated { by, workers };
    vec![
        Reason::Manual {
            workers,
            until: at("2026-10-25T02:30:00+01:00"),
        },
        needed(1_234_567, by),
        needed(1, behind),
        Reason::Floor { workers: 1 },
        raise(Occasion::OpeningDay, Some("2026-04-01T08:00:00+02:00")),
        raise(Occasion::Window, None),
        Reason::DrainUnknown { workers },
        Reason::Trying {
            at: at("2026-04-01T08:05:00+02:00"),
        },
        Reason::LoadUnknown { workers },
        ceiling(Limit::Setting),
        ceiling(Limit::Connections),
        late(by, Some("2026-04-01T09:12:00+02:00")),
        late(by, None),
        late(behind, Some("2026-04-01T09:12:00+02:00")),
        Reason::Knee { workers, gained: 4 },
        saturated(Saturation::Transactions),
        saturated(Saturation::Processors),
        saturated(Saturation::WriteAheadLog),
        Reason::Prefetched {
            messages: 1_250,
            workers,
        },
        Reason::Lowering {
            enough: 1,
            at: at("2026-04-01T08:05:00+02:00"),
        },
        Reason::Margin { enough: 2 },
        Reason::ChangedOutside { ordered: 3, found: 7 },
    ]
}

#[test]
fn reasons_are_plain_sentences() {
    assert_snapshot!(lines(reasons()));
}

#[test]
fn each_reason_has_a_code_of_its_own() {
    let code = |reason: &Reason| {
        serde_json::to_value(reason).unwrap()["code"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let mut codes: Vec<String> = reasons().iter().map(code).collect();
    codes.sort();
    codes.dedup();
    assert_snapshot!(lines(codes));
}

#[test]
fn times_to_drain_are_ranges() {
    let clears = |least, most| TimeToDrain::Clears { least, most };
    assert_snapshot!(lines([
        TimeToDrain::Drained,
        clears(40, Some(95)),
        clears(1_930, Some(2_460)),
        clears(1_930, Some(1_935)),
        clears(7_300, Some(20_000)),
        clears(7_300, None),
        TimeToDrain::Grows { by: rate(12.0) },
        TimeToDrain::Grows { by: rate(0.4) },
        TimeToDrain::Stalled,
        TimeToDrain::Unknown,
    ]));
}

#[test]
fn errors_say_what_to_do() {
    let asked = ManualError::BeyondCeiling {
        asked: 12,
        ceiling: 8,
    };
    let manual = [asked, ManualError::Over, ManualError::TooFar];
    let bounds = [Limit::Setting, Limit::Connections].map(|limit| {
        let ceiling = sportello_scaling::Ceiling { workers: 2, limit };
        Policy::new(3, ceiling).unwrap_err()
    });
    let hand = [
        HandError::None,
        HandError::Program {
            program: "systemctl".to_owned(),
            cause: "No such file or directory (os error 2)".to_owned(),
        },
        HandError::Command {
            command: "systemctl start --no-block sportello-worker@1.service".to_owned(),
            status: "exit status: 1".to_owned(),
            output: "Interactive authentication required.".to_owned(),
        },
        HandError::TimedOut {
            what: "docker compose ps".to_owned(),
            seconds: 30,
        },
        HandError::Answer {
            what: "cargo xtask workers".to_owned(),
            answer: "many".to_owned(),
        },
        HandError::Unseen {
            target: "deployment sportello/sportello-worker".to_owned(),
        },
        HandError::Conflict { seen: 4, found: 7 },
        HandError::Autoscaler {
            kind: "ScaledObject",
            name: "workers".to_owned(),
            target: "deployment sportello/sportello-worker".to_owned(),
        },
        HandError::NotFound {
            target: "deployment sportello/sportello-worker".to_owned(),
        },
        HandError::Forbidden {
            what: "read the scale".to_owned(),
            right: "get deployments/scale in namespace sportello".to_owned(),
        },
        HandError::Unreachable {
            cause: "connection refused".to_owned(),
        },
    ];
    assert_snapshot!([lines(manual), lines(bounds), lines(hand)].join("\n"));
}
