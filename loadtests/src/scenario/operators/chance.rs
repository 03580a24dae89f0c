//! Faults that a seed chooses.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use rand::{Rng as _, SeedableRng as _};
use sportello_stack::Part;

use crate::scenario::file::{Deed, PlannedEvent, Target, When};

/// Time of the load in which faults begin, as shares of it. What follows stays steady, so that
/// estimates of the time to drain can be judged.
const BEGIN: std::ops::Range<f64> = 0.1..0.3;
/// Seconds that a fault lasts.
const LASTS: std::ops::Range<f64> = 1.0..4.0;

/// What may happen. A killed worker is started again by the console.
const FAULTS: [(Target, Deed, Deed); 6] = [
    (Target::Part(Part::Worker(1)), Deed::Kill, Deed::AwaitStart),
    (Target::Part(Part::Worker(1)), Deed::Freeze, Deed::Thaw),
    (Target::Postgres, Deed::Kill, Deed::Start),
    (Target::Postgres, Deed::Freeze, Deed::Thaw),
    (Target::RabbitMq, Deed::Kill, Deed::Start),
    (Target::RabbitMq, Deed::Freeze, Deed::Thaw),
];

/// Returns so many faults, spread over a load of this length.
#[must_use]
pub fn faults(number: u32, seed: u64, load: Duration) -> Vec<PlannedEvent> {
    let mut chance = StdRng::seed_from_u64(seed);
    let slot = (BEGIN.end - BEGIN.start) / f64::from(number.max(1));
    let mut events = Vec::new();
    for turn in 0..number {
        let share = BEGIN.start + slot * (f64::from(turn) + chance.random_range(0.0..0.5));
        let begins = load.as_secs_f64() * share;
        let ends = begins + chance.random_range(LASTS);
        // the table is not empty
        let Some((part, deed, undone)) = FAULTS.iter().copied().choose(&mut chance) else {
            break;
        };
        let event = |at, deed| PlannedEvent {
            at: When::Seconds(at),
            deed,
            part,
        };
        events.extend([event(begins, deed), event(ends, undone)]);
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_strikes_alike_and_one_after_the_other() {
        let load = Duration::from_secs(600);
        let text = |seed| format!("{:?}", faults(4, seed, load));
        assert_eq!(text(7), text(7));
        assert_ne!(text(7), text(8));
        let times: Vec<f64> = (faults(4, 7, load).iter())
            .filter_map(|event| match event.at {
                When::Seconds(seconds) => Some(seconds),
                When::End(_) => None,
            })
            .collect();
        assert!(times.is_sorted() && times.len() == 8, "{times:?}");
    }
}
