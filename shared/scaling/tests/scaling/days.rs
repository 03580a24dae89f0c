//! Simulated days.

use sportello_scaling::{Inputs, Manual, Observed, Reason, State, Target, TimeToDrain, decide};

use crate::simulation::{Day, Moment, after, changes, numbers, policy};

const HOUR: i64 = 3_600;

fn at(moments: &[Moment], second: i64) -> &Moment {
    moments.iter().find(|moment| moment.second == second).unwrap()
}

fn says(moments: &[Moment], reason: impl Fn(&Reason) -> bool) -> bool {
    moments
        .iter()
        .any(|moment| moment.decision.why.iter().any(&reason))
}

#[test]
fn a_steady_load_gets_its_workers_within_a_minute() {
    let day = Day {
        arrivals: Box::new(|_| 100.0),
        ..Day::default()
    };
    // 100/s, at four fifths of 50/s each
    let moments = day.run(4 * HOUR);
    let changes = changes(&moments);
    assert_eq!(numbers(&moments), [1, 3], "{changes:?}");
    assert!(changes[1].0 <= 60, "{changes:?}");
    assert_eq!(at(&moments, HOUR).backlog, 0.0);
}

#[test]
fn a_drain_that_slows_gets_more_workers_within_two_minutes() {
    let slow = |second| if second < HOUR { 50.0 } else { 20.0 };
    let day = Day {
        arrivals: Box::new(|_| 100.0),
        drain: Box::new(move |second, workers| slow(second) * f64::from(workers)),
        ..Day::default()
    };
    let moments = day.run(3 * HOUR);
    assert_eq!(numbers(&moments), [1, 3, 7]);
    assert!(changes(&moments)[2].0 <= HOUR + 120);
    assert!(moments.iter().all(|moment| moment.backlog < 100.0 * 300.0));
}

#[test]
fn a_rising_load_is_followed_and_never_more_behind() {
    let rising = |second: i64| 50.0 + 450.0 * second as f64 / HOUR as f64;
    let day = Day {
        arrivals: Box::new(move |second| rising(second.min(HOUR))),
        ..Day::default()
    };
    let moments = day.run(2 * HOUR);
    let numbers = numbers(&moments);
    assert!(numbers.is_sorted(), "{numbers:?}");
    assert_eq!(numbers.last(), Some(&13), "500/s at 40/s each");
    for moment in &moments {
        let behind = moment.backlog / rising(moment.second.min(HOUR));
        assert!(behind < 300.0, "{} s behind at {}", behind, moment.second);
    }
}

#[test]
fn a_swing_of_a_fifth_changes_nothing_for_an_hour() {
    // seconds of a swing: shorter and longer than what a lowering waits for
    for period in [20, 60, 300, 600, 1_200, 3_600] {
        let swing = move |second: i64| {
            let share = (second % period) as f64 / period as f64;
            300.0 * (1.0 + 0.2 * (share * std::f64::consts::TAU).sin())
        };
        let day = Day {
            arrivals: Box::new(swing),
            ..Day::default()
        };
        let moments = day.run(2 * HOUR + period);
        let last = &moments[usize::try_from(HOUR + period).unwrap()..];
        assert_eq!(numbers(last).len(), 1, "period {period}: {:?}", changes(&moments));
    }
}

#[test]
fn a_swinging_drain_changes_nothing_either() {
    let swing = |second: i64| 50.0 * if (second / 400) % 2 == 0 { 1.2 } else { 0.8 };
    let day = Day {
        arrivals: Box::new(|_| 300.0),
        drain: Box::new(move |second, workers| swing(second) * f64::from(workers)),
        ..Day::default()
    };
    let moments = day.run(3 * HOUR);
    let last = &moments[usize::try_from(2 * HOUR).unwrap()..];
    assert_eq!(numbers(last).len(), 1, "{:?}", changes(&moments));
}

#[test]
fn when_the_load_ends_workers_go_one_each_five_minutes() {
    let day = Day {
        arrivals: Box::new(|second| if second < HOUR { 180.0 } else { 0.0 }),
        policy: policy(2, 20),
        ..Day::default()
    };
    let moments = day.run(2 * HOUR);
    let down: Vec<(i64, u16)> = changes(&moments)
        .into_iter()
        .filter(|(second, _)| *second > HOUR)
        .collect();
    assert_eq!(
        down.iter().map(|(_, wanted)| *wanted).collect::<Vec<_>>(),
        [4, 3, 2]
    );
    assert!(down[0].0 >= HOUR + 300, "{down:?}");
    assert!(down.is_sorted_by(|one, next| next.0 - one.0 >= 300), "{down:?}");
    assert!(says(&moments, |reason| matches!(reason, Reason::Lowering { .. })));
}

#[test]
fn a_backlog_is_drained_by_its_time() {
    let day = Day {
        target: Target::DrainedBy { at: after(2 * HOUR) },
        backlog: 720_000.0,
        ..Day::default()
    };
    let moments = day.run(2 * HOUR + 1);
    assert_eq!(at(&moments, 2 * HOUR).backlog, 0.0);
    // 100/s is two workers busy all the time, and three at four fifths
    let most = moments.iter().map(|moment| moment.decision.wanted).max();
    assert_eq!(most, Some(3));
    let too_late = |moment: &Moment| {
        let TimeToDrain::Clears { most, .. } = moment.decision.time_to_drain else {
            return false;
        };
        most.is_none_or(|most| moment.second + i64::try_from(most).unwrap() > 2 * HOUR)
    };
    assert!(moments[120..].iter().all(|moment| !too_late(moment)));
}

#[test]
fn the_estimate_is_right_from_the_second_minute_on() {
    let slowing = |second: i64| if second < 1_200 { 50.0 } else { 30.0 };
    let day = Day {
        arrivals: Box::new(|_| 20.0),
        drain: Box::new(move |second, workers| slowing(second) * f64::from(workers)),
        policy: policy(3, 3),
        workers: 3,
        backlog: 200_000.0,
        ..Day::default()
    };
    let moments = day.run(2 * HOUR);
    let drained = moments.iter().find(|moment| moment.backlog < 1.0).unwrap().second;
    for second in [60 + 1_200, 120 + 1_200, 1_500, 1_800] {
        let TimeToDrain::Clears { least, most } = at(&moments, second).decision.time_to_drain else {
            panic!("{second}: {:?}", at(&moments, second).decision.time_to_drain);
        };
        let real = (drained - second) as f64;
        assert!(least as f64 <= real * 1.2, "{second}: {least} of {real}");
        assert!(most.unwrap() as f64 >= real * 0.8, "{second}: {most:?} of {real}");
    }
}

#[test]
fn an_impossible_target_goes_to_the_ceiling_and_says_when() {
    let day = Day {
        target: Target::DrainedBy { at: after(HOUR) },
        policy: policy(1, 6),
        backlog: 2_160_000.0,
        ..Day::default()
    };
    let moments = day.run(1_800);
    assert!(moments.iter().all(|moment| moment.decision.wanted <= 6));
    assert_eq!(numbers(&moments), [1, 6]);
    // 6 workers settle 300/s: two hours
    let why = &at(&moments, 300).decision.why;
    let by = why.iter().find_map(|reason| {
        if let Reason::Unreachable { by, .. } = reason {
            *by
        } else {
            None
        }
    });
    let hours = by.unwrap().duration_since(after(0)).as_secs_f64() / 3_600.0;
    assert!((2.0..2.1).contains(&hours), "{hours}");
    assert!(says(&moments, |reason| matches!(reason, Reason::Ceiling { .. })));
}

#[test]
fn more_than_all_workers_settle_never_drains_and_says_so() {
    let day = Day {
        arrivals: Box::new(|_| 400.0),
        policy: policy(1, 6),
        ..Day::default()
    };
    let moments = day.run(HOUR);
    let last = &moments.last().unwrap().decision;
    assert!(
        matches!(last.time_to_drain, TimeToDrain::Grows { .. }),
        "{last:?}"
    );
    let never = |reason: &Reason| matches!(reason, Reason::Unreachable { by: None, .. });
    assert!(last.why.iter().any(never), "{last:?}");
    assert_eq!(last.wanted, 6);
}

#[test]
fn at_the_knee_no_worker_is_added() {
    // the database takes no more than four workers settle
    let day = Day {
        arrivals: Box::new(|_| 400.0),
        drain: Box::new(|_, workers| 50.0 * f64::from(workers.min(4))),
        target: Target::DrainedBy { at: after(4 * HOUR) },
        workers: 4,
        ..Day::default()
    };
    let moments = day.run(3 * HOUR);
    assert_eq!(
        numbers(&moments),
        [4, 11],
        "one raise shows that it brings nothing"
    );
    let last = &moments.last().unwrap().decision;
    assert!(
        last.why.iter().any(|reason| matches!(
            reason,
            Reason::Knee {
                workers: 11,
                gained: 0
            }
        )),
        "{last:?}"
    );
}

#[test]
fn a_knee_is_forgotten_once_the_database_recovers() {
    let most = |second| if second < HOUR { 4 } else { 20 };
    let day = Day {
        arrivals: Box::new(|second| if second < HOUR { 400.0 } else { 600.0 }),
        drain: Box::new(move |second, workers| 50.0 * f64::from(workers.min(most(second)))),
        workers: 4,
        ..Day::default()
    };
    let numbers = numbers(&day.run(3 * HOUR));
    assert_eq!(numbers[..2], [4, 10]);
    assert!(numbers.iter().any(|wanted| *wanted >= 15), "{numbers:?}");
}

#[test]
fn a_backlog_within_the_prefetch_raises_nothing() {
    // 1,440 messages of 16 fit into three workers of three consumers
    let day = Day {
        backlog: 20_000.0,
        workers: 3,
        messages: true,
        target: Target::NeverBehind { seconds: 30 },
        ..Day::default()
    };
    let moments = day.run(120);
    assert_eq!(numbers(&moments), [3]);
    assert!(says(&moments, |reason| matches!(
        reason,
        Reason::Prefetched { workers: 3, .. }
    )));
    let unknown = Day {
        messages: false,
        ..day
    };
    assert_eq!(numbers(&unknown.run(120)), [3, 13]);
}

#[test]
fn a_number_by_hand_holds_until_its_end() {
    let until = after(HOUR);
    let day = Day {
        arrivals: Box::new(|_| 100.0),
        manual: Some(Manual { workers: 12, until }),
        ..Day::default()
    };
    let moments = day.run(2 * HOUR + 300);
    let before = &moments[..usize::try_from(HOUR).unwrap()];
    assert_eq!(numbers(before), [12]);
    assert!(matches!(
        before[100].decision.why[0],
        Reason::Manual { workers: 12, .. }
    ));
    // then the automatic goes on, one worker after the other
    let lower = at(&moments, HOUR + 301).decision.wanted;
    assert_eq!(lower, 11);
    assert_eq!(moments.last().unwrap().decision.wanted, 3);
}

#[test]
fn drift_is_shown_and_no_order_given() {
    let policy = policy(4, 20);
    let target = Target::NeverBehind { seconds: 300 };
    let decided = |asked, state: &State| {
        let observed = Observed {
            asked: Some(asked),
            ..Observed::count(asked)
        };
        let inputs = Inputs {
            policy: &policy,
            target,
            manual: None,
            raise: None,
            load: None,
            observed: Some(&observed),
        };
        decide(&inputs, state, after(0))
    };
    // what a manifest says is taken as it is, as long as nothing was ordered
    let (first, state) = decided(2, &State::new(2));
    assert_eq!(first.order, Some(4));
    let state = state.ordered(4);
    assert_eq!(decided(4, &state).0.order, None);
    let (changed, state) = decided(7, &state);
    assert_eq!((changed.wanted, changed.order), (4, None));
    let shown = Reason::ChangedOutside { ordered: 4, found: 7 };
    assert_eq!(changed.why.last(), Some(&shown));
    let (taken, _) = decided(7, &state.taken_over(7));
    assert_eq!(taken.order, Some(4));
}

#[test]
fn what_can_not_be_read_is_not_zero() {
    let policy = policy(1, 20);
    let mut state = State::new(6);
    for minute in 0..60 {
        let inputs = Inputs {
            policy: &policy,
            target: Target::NeverBehind { seconds: 300 },
            manual: None,
            raise: None,
            load: None,
            observed: None,
        };
        let (decision, next) = decide(&inputs, &state, after(60 * minute));
        state = next;
        assert_eq!((decision.wanted, decision.order), (6, None));
        assert_eq!(decision.time_to_drain, TimeToDrain::Unknown);
        assert_eq!(decision.why, [Reason::LoadUnknown { workers: 6 }]);
    }
}
