//! What holds for any load.

use std::num::NonZeroU16;

use proptest::prelude::*;
use sportello_scaling::{
    Decision, Drain, Inputs, Load, Manual, Observed, Policy, Rate, Reason, Saturation, State, Target,
    TimeToDrain, decide,
};

use crate::simulation::{Day, after, numbers, policy, rate};

fn drain(each: f64, workers: u16) -> Drain {
    let all = rate(each * f64::from(workers));
    Drain {
        workers: NonZeroU16::new(workers).unwrap(),
        low: rate(all.get() * 0.9),
        median: all,
        high: rate(all.get() * 1.1),
    }
}

fn load(backlog: u64, arrivals: f64, drain: Option<Drain>) -> Load {
    Load {
        backlog,
        messages: None,
        arrivals: rate(arrivals),
        arrivals_end: None,
        drain,
        saturation: None,
    }
}

fn decided(
    policy: &Policy,
    target: Target,
    load: Option<&Load>,
    state: &State,
    second: i64,
) -> (Decision, State) {
    let observed = Observed::count(1);
    let inputs = Inputs {
        policy,
        target,
        manual: None,
        raise: None,
        load,
        observed: Some(&observed),
    };
    decide(&inputs, state, after(second))
}

fn targets() -> impl Strategy<Value = Target> {
    prop_oneof![
        (10..86_400u32).prop_map(|seconds| Target::NeverBehind { seconds }),
        (-3_600..86_400i64).prop_map(|seconds| Target::DrainedBy { at: after(seconds) }),
    ]
}

fn loads() -> impl Strategy<Value = Option<Load>> {
    let saturations = [
        Saturation::Transactions,
        Saturation::Processors,
        Saturation::WriteAheadLog,
    ];
    let saturation = proptest::option::weighted(0.1, proptest::sample::select(saturations.to_vec()));
    let drains = proptest::option::weighted(0.8, (0.0..1e4, 1..20u16));
    let load = (
        0..10_000_000u64,
        0.0..1e5,
        drains,
        saturation,
        proptest::option::of(-100..90_000i64),
    );
    let load = load.prop_map(|(backlog, arrivals, drain, saturation, end)| Load {
        saturation,
        arrivals_end: end.map(after),
        ..super::properties::load(
            backlog,
            arrivals,
            drain.map(|(each, workers)| self::drain(each, workers)),
        )
    });
    proptest::option::weighted(0.9, load)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_comes_bounds_and_patience_are_kept(
        target in targets(),
        steps in proptest::collection::vec((1..600i64, loads()), 1..60),
    ) {
        let policy = policy(2, 9);
        let mut state = State::new(4);
        let (mut second, mut before, mut changed) = (0, 4, None);
        for (pause, load) in steps {
            second += pause;
            let (decision, next) = decided(&policy, target, load.as_ref(), &state, second);
            state = next;
            prop_assert!((2..=9).contains(&decision.wanted), "{decision:?}");
            prop_assert!(!decision.why.is_empty());
            if decision.wanted < before {
                prop_assert_eq!(decision.wanted + 1, before, "one at a time");
                prop_assert!(changed.is_none_or(|last| second - last >= 300), "too soon");
            }
            if load.is_none() {
                prop_assert_eq!(decision.wanted, before, "what can't be read changes nothing");
            }
            if decision.wanted != before {
                changed = Some(second);
            }
            before = decision.wanted;
        }
    }

    #[test]
    fn more_waiting_never_takes_fewer_workers(
        target in targets(),
        backlog in 0..5_000_000u64,
        more in 0..5_000_000u64,
        arrivals in 0.0..1e4,
        each in 1.0..1e3,
    ) {
        let policy = policy(1, 500);
        let wanted = |backlog| {
            let load = load(backlog, arrivals, Some(drain(each, 2)));
            decided(&policy, target, Some(&load), &State::new(1), 0).0.wanted
        };
        prop_assert!(wanted(backlog) <= wanted(backlog + more));
    }

    #[test]
    fn no_growing_backlog_has_a_time_to_drain(
        backlog in 1..1_000_000u64,
        arrivals in 0.0..1e4,
        each in 0.1..1e4,
    ) {
        let policy = policy(1, 1);
        let load = load(backlog, arrivals, Some(drain(each, 1)));
        let target = Target::NeverBehind { seconds: 300 };
        let (decision, _) = decided(&policy, target, Some(&load), &State::new(1), 0);
        match decision.time_to_drain {
            TimeToDrain::Clears { least, most } => {
                prop_assert!(each > arrivals);
                prop_assert!(most.is_none_or(|most| least <= most));
            }
            TimeToDrain::Grows { by } => {
                prop_assert!(arrivals > each);
                prop_assert!((by.get() - (arrivals - each)).abs() < 1e-6);
            }
            TimeToDrain::Stalled => prop_assert!((arrivals - each).abs() <= 0.03 * arrivals.max(each)),
            TimeToDrain::Drained | TimeToDrain::Unknown => prop_assert!(false, "{decision:?}"),
        }
    }

    #[test]
    fn where_the_target_is_met_nothing_says_otherwise(
        target in targets(),
        backlog in 0..5_000_000u64,
        arrivals in 0.0..1e4,
        each in 1.0..1e3,
    ) {
        let policy = policy(1, 30);
        let load = load(backlog, arrivals, Some(drain(each, 2)));
        let (decision, _) = decided(&policy, target, Some(&load), &State::new(1), 0);
        let missed = decision.why.iter().any(|reason| matches!(reason, Reason::Unreachable { .. }));
        prop_assert!(!missed || decision.wanted == 30, "{decision:?}");
    }

    #[test]
    fn a_state_survives_a_restart_of_the_console(load in loads(), second in 0..10_000i64) {
        let policy = policy(1, 30);
        let target = Target::NeverBehind { seconds: 60 };
        let (_, state) = decided(&policy, target, load.as_ref(), &State::new(1), second);
        let kept = serde_json::to_string(&state).unwrap();
        let read: State = serde_json::from_str(&kept).unwrap();
        let next = |state| decided(&policy, target, load.as_ref(), state, second + 1);
        prop_assert_eq!(next(&read).0.wanted, next(&state).0.wanted);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_swing_of_a_fifth_makes_the_number_flap(
        mean in 20.0..900.0,
        period in 10..2_400i64,
        square in any::<bool>(),
    ) {
        let swing = move |second: i64| {
            let share = (second % period) as f64 / period as f64;
            let wave = (share * std::f64::consts::TAU).sin();
            let wave = if square { wave.signum() } else { wave };
            mean * (1.0 + 0.2 * wave)
        };
        let day = Day { policy: policy(1, 40), arrivals: Box::new(swing), ..Day::default() };
        // the first swing finds the number of its crest
        let moments = day.run(period + 600 + 3_600);
        let hour = &moments[moments.len() - 3_600..];
        let numbers = numbers(hour);
        // a load at the edge of one worker's drain may be measured late: then once up, never down
        let flaps = numbers.len() > 2 || !numbers.is_sorted();
        prop_assert!(!flaps, "{:?}", crate::simulation::changes(&moments));
    }
}

#[test]
fn a_number_beyond_the_ceiling_is_refused() {
    let manual = |workers, seconds| {
        Manual {
            workers,
            until: after(seconds),
        }
        .settable(10, after(0))
    };
    assert!(manual(10, 60).is_ok());
    for (workers, seconds) in [(11, 60), (1, 0), (1, -1), (1, 8 * 86_400)] {
        assert!(manual(workers, seconds).is_err(), "{workers} {seconds}");
    }
}

#[test]
fn a_target_that_is_over_or_absurd_is_refused() {
    let settable = |target: Target| target.settable(after(0)).is_ok();
    assert!(settable(Target::DrainedBy { at: after(1) }));
    assert!(settable(Target::NeverBehind { seconds: 300 }));
    for target in [
        Target::DrainedBy { at: after(0) },
        Target::DrainedBy {
            at: after(8 * 86_400),
        },
        Target::NeverBehind { seconds: 9 },
        Target::NeverBehind { seconds: 86_401 },
    ] {
        assert!(!settable(target), "{target:?}");
    }
}

#[test]
fn a_rate_is_finite_and_not_negative() {
    for number in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(Rate::per_second(number), None);
    }
    assert!(serde_json::from_str::<Rate>("-1.0").is_err());
}
