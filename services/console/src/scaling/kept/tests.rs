use jiff::Timestamp;
use sportello_scaling::{Ceiling, Inputs, Manual, Policy, Reason, Target, decide};

use super::*;
use crate::hands::Order;
use crate::setting::Setting;

const TARGET: Target = Target::NeverBehind { seconds: 300 };

fn setting(version: i64, take_over: bool, manual: Option<u16>) -> InForce {
    InForce {
        version,
        setting: Setting {
            target: TARGET,
            manual: manual.map(|workers| Manual {
                workers,
                until: Timestamp::MAX,
            }),
            floor: 1,
            ceiling: 8,
            take_over,
        },
        changed: None,
    }
}

fn seen(asked: u16, done: Option<Order>) -> Seen {
    Seen {
        look: 9,
        observed: Some(Observed {
            asked: Some(asked),
            ..Observed::count(asked)
        }),
        done,
        ..Seen::default()
    }
}

fn kept(wanted: u16, ordered: u16) -> Kept {
    Kept {
        state: State::new(wanted).ordered(ordered),
        setting: 1,
        done: None,
    }
}

/// Decides upon what is seen; returns the order, and whether somebody else changed the number.
fn decided(kept: &Kept, seen: &Seen, in_force: &InForce) -> (Option<u16>, bool) {
    let policy = Policy::new(1, Ceiling::of(8, None)).unwrap();
    let inputs = Inputs {
        policy: &policy,
        target: TARGET,
        manual: in_force.setting.manual,
        raise: None,
        load: None,
        observed: seen.observed.as_ref(),
    };
    let (decision, _) = decide(&inputs, &kept.state, Timestamp::now());
    let mut why = decision.why.iter();
    let is_outside = why.any(|reason| matches!(reason, Reason::ChangedOutside { .. }));
    (decision.order, is_outside)
}

#[test]
fn a_number_changed_outside_waits_for_an_operators_word() {
    let outside = seen(7, None);
    let started = setting(1, false, None);
    let left = kept(4, 4).heeding(&outside, &started);
    assert_eq!(decided(&left, &outside, &started), (None, true));
    // another change of the setting says nothing of it
    let changed = setting(2, false, None);
    let left = left.heeding(&outside, &changed);
    assert_eq!(decided(&left, &outside, &changed), (None, true));
    for word in [setting(3, true, None), setting(3, false, Some(4))] {
        let taken = left.clone().heeding(&outside, &word);
        assert_eq!(decided(&taken, &outside, &word), (Some(4), false));
        // once: the next change from outside is shown again
        let again = seen(2, None);
        let taken = taken.heeding(&again, &word);
        assert_eq!(decided(&taken, &again, &word), (None, true));
    }
}

#[test]
fn what_the_hand_has_done_is_no_change_from_outside() {
    let started = setting(1, false, None);
    let done = Order { workers: 4, upon: 8 };
    let after = seen(4, Some(done));
    // the wanted number went on meanwhile
    let noted = kept(5, 3).heeding(&after, &started);
    assert_eq!(decided(&noted, &after, &started), (Some(5), false));
    // the same note does not undo what an operator takes over
    let outside = seen(7, Some(done));
    let taken = noted.heeding(&outside, &setting(2, true, None));
    assert_eq!(decided(&taken, &outside, &started), (Some(5), false));
}

#[test]
fn what_is_kept_is_read_again() {
    let kept = kept(5, 3);
    let read: Kept = serde_json::from_value(serde_json::to_value(&kept).unwrap()).unwrap();
    assert_eq!(read, kept);
    // also what a version before this one kept
    let state = State::new(4);
    let before: Kept = serde_json::from_value(serde_json::to_value(&state).unwrap()).unwrap();
    assert_eq!((before.state, before.setting), (state, 0));
}
