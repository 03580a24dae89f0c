//! The decision.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::calendar::Raise;
use crate::drain::Drain;
use crate::load::Load;
use crate::need::{Need, Waiting, fewest};
use crate::observed::Observed;
use crate::policy::Policy;
use crate::rate::Rate;
use crate::reason::Reason;
use crate::state::State;
use crate::target::{Manual, Target};
use crate::time_to_drain::{Flow, TimeToDrain};

/// The number goes down only if one less would be enough for a load that is higher by as much: a
/// load that swings by a fifth around its mean is half as high again at its crest as in its trough.
const SWING: f64 = 1.2 / 0.8;

/// What a decision looks at.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The bounds.
    pub policy: &'a Policy,
    /// What the number has to reach.
    pub target: Target,
    /// An operator's number, if there is one.
    pub manual: Option<Manual>,
    /// The raise that the calendar has now.
    pub raise: Option<&'a Raise>,
    /// What waits and comes; `None` while it can't be read.
    pub load: Option<&'a Load>,
    /// What the hand sees; `None` while it can't be read.
    pub observed: Option<&'a Observed>,
}

/// What is wanted, what runs and why: shown together.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Decision {
    /// Workers that are wanted.
    pub wanted: u16,
    /// Workers that run; `None` while that can't be read.
    pub running: Option<u16>,
    /// What the hand is to be given now, if anything.
    pub order: Option<u16>,
    /// Why, the first reason first.
    pub why: Vec<Reason>,
    /// How long until nothing waits.
    pub time_to_drain: TimeToDrain,
}

/// Decides how many workers are wanted. Call it about once a second, and keep the state.
#[must_use]
pub fn decide(inputs: &Inputs<'_>, state: &State, now: Timestamp) -> (Decision, State) {
    let mut state = state.clone();
    if let Some(drain) = inputs.load.and_then(|load| load.drain) {
        state.learn(drain);
    }
    let mut why = match inputs.manual.filter(|manual| manual.holds(now)) {
        Some(manual) => by_hand(inputs, &mut state, manual, now),
        None => automatic(inputs, &mut state, now),
    };
    let order = order(inputs.observed, &state).unwrap_or_else(|changed| {
        why.push(changed);
        None
    });
    let decision = Decision {
        wanted: state.wanted,
        running: inputs.observed.and_then(|observed| observed.running),
        order,
        why,
        time_to_drain: time_to_drain(inputs, &state, now),
    };
    (decision, state)
}

fn by_hand(inputs: &Inputs<'_>, state: &mut State, manual: Manual, now: Timestamp) -> Vec<Reason> {
    let Manual { workers, until } = manual;
    let ceiling = inputs.policy.ceiling();
    state.unneeded_since = None;
    state.set(workers.min(ceiling.workers), now);
    let above = (workers > ceiling.workers).then_some(Reason::Ceiling {
        workers: ceiling.workers,
        needed: u32::from(workers),
        limit: ceiling.limit,
    });
    let chosen = Reason::Manual { workers, until };
    let late = load_and_drain(inputs, state).and_then(|(load, drain)| {
        let need = need(inputs, load, &drain, now);
        unreachable(&need, state.wanted, inputs.observed)
    });
    [Some(chosen), above, late].into_iter().flatten().collect()
}

fn automatic(inputs: &Inputs<'_>, state: &mut State, now: Timestamp) -> Vec<Reason> {
    let (fewest, few) = fewest(inputs.policy, inputs.raise);
    let ceiling = inputs.policy.ceiling();
    // at once: the connections of those above are not there
    state.set(state.wanted.min(ceiling.workers), now);
    // the mean of the arrivals never quite reaches zero
    let nothing = |load: &Load| load.backlog == 0 && load.arrivals < Rate::FEW;
    if inputs.load.is_some_and(nothing) {
        let lowering = steady(state, fewest, fewest, now);
        return std::iter::once(few).chain(lowering).collect();
    }
    let Some((load, drain)) = load_and_drain(inputs, state) else {
        return unknown(inputs.load, state, (fewest, ceiling.workers), now);
    };
    let need = need(inputs, load, &drain, now);
    let (needed, held) = held(inputs, state, &need);
    let bounded = |workers: u32| {
        let workers = u16::try_from(workers).unwrap_or(u16::MAX);
        workers.max(fewest).min(ceiling.workers)
    };
    let mut why = vec![if needed.workers > u32::from(fewest) {
        needed.reason
    } else {
        few
    }];
    why.extend(held);
    why.extend(
        (needed.workers > u32::from(ceiling.workers)).then_some(Reason::Ceiling {
            workers: ceiling.workers,
            needed: needed.workers,
            limit: ceiling.limit,
        }),
    );
    why.extend(steady(
        state,
        bounded(needed.workers),
        bounded(needed.at_crest),
        now,
    ));
    why.extend(unreachable(&need, state.wanted, inputs.observed));
    why
}

/// Load or drain are not known, so the number neither rises nor falls, but for its bounds. Only
/// where workers keep up it goes down slowly, until there is always something to do and a drain to
/// measure.
fn unknown(load: Option<&Load>, state: &mut State, (least, most): (u16, u16), now: Timestamp) -> Vec<Reason> {
    let least = least.max(u16::from(load.is_some())).min(most);
    if load.is_some_and(keeps_up) && state.wanted > least {
        let at = state.lower(now);
        let workers = state.wanted;
        let trying = at.map(|at| Reason::Trying { at });
        return std::iter::once(Reason::DrainUnknown { workers })
            .chain(trying)
            .collect();
    }
    state.unneeded_since = None;
    state.set(state.wanted.max(least), now);
    let workers = state.wanted;
    vec![match load {
        Some(_) => Reason::DrainUnknown { workers },
        None => Reason::LoadUnknown { workers },
    }]
}

/// Whether no more waits than comes in a few seconds.
fn keeps_up(load: &Load) -> bool {
    const SECONDS: f64 = 10.0;
    Rate::of(load.backlog, SECONDS) <= load.arrivals
}

/// Returns load and drain, where both are known.
fn load_and_drain<'a>(inputs: &Inputs<'a>, state: &State) -> Option<(&'a Load, Drain)> {
    let expected = || inputs.policy.expected.map(Drain::expected);
    let drain = state.drain.or_else(expected)?;
    (drain.each() > Rate::ZERO).then_some((inputs.load?, drain))
}

fn need<'a>(inputs: &Inputs<'_>, load: &'a Load, drain: &'a Drain, now: Timestamp) -> Need<'a> {
    Need {
        load,
        target: inputs.target,
        drain,
        startup: inputs.policy.startup,
        now,
    }
}

/// What the load takes.
struct Needed {
    workers: u32,
    /// What it takes at the crest of a swing, if it is in the trough now.
    at_crest: u32,
    reason: Reason,
}

impl Needed {
    fn of(need: &Need<'_>, waiting: Waiting) -> Self {
        let rate = need.rate(waiting);
        let workers = need.workers(rate).max(1);
        Self {
            workers,
            at_crest: need.workers(rate * SWING).max(1),
            reason: Reason::Needed {
                workers,
                backlog: need.load.backlog,
                arrivals: need.load.arrivals,
                rate: Rate::per_second(rate).unwrap_or_default(),
                each: need.drain.each(),
                target: need.target,
            },
        }
    }
}

/// Returns what the load takes, and why not more, where more would bring nothing.
fn held(inputs: &Inputs<'_>, state: &State, need: &Need<'_>) -> (Needed, Option<Reason>) {
    let mut needed = Needed::of(need, Waiting::All);
    let now = u32::from(state.wanted);
    if needed.workers <= now {
        return (needed, None);
    }
    if let Some(reason) = prefetched(inputs, need.load) {
        let coming = Needed::of(need, Waiting::Prefetched);
        if coming.workers < needed.workers {
            return (coming, Some(reason));
        }
    }
    let workers = state.wanted;
    let knee = state.knee.map(|knee| Reason::Knee {
        workers,
        gained: knee.gained,
    });
    let saturated = need.load.saturation.map(|by| Reason::Saturated { by, workers });
    let held = knee.or(saturated).filter(|_| workers > 0);
    if held.is_some() {
        (needed.workers, needed.at_crest) = (now, now);
    }
    (needed, held)
}

/// Returns the reason not to raise for what waits, if workers that run hold all its messages.
fn prefetched(inputs: &Inputs<'_>, load: &Load) -> Option<Reason> {
    let workers = inputs.observed?.running.filter(|running| *running > 0)?;
    let most = inputs.policy.prefetch.of_workers(workers);
    let messages = load.messages?;
    let fits = messages.iter().all(|(_, waiting)| *waiting <= most);
    fits.then(|| Reason::Prefetched {
        messages: messages.iter().map(|(_, waiting)| waiting).sum(),
        workers,
    })
}

/// Goes up at once and down slowly. Returns why the number is higher than what is enough.
fn steady(state: &mut State, enough: u16, at_crest: u16, now: Timestamp) -> Option<Reason> {
    if enough >= state.wanted {
        state.unneeded_since = None;
        state.set(enough, now);
        return None;
    }
    if at_crest >= state.wanted {
        state.unneeded_since = None;
        return Some(Reason::Margin { enough });
    }
    let at = state.lower(now)?;
    Some(Reason::Lowering { enough: at_crest, at })
}

fn unreachable(need: &Need<'_>, workers: u16, observed: Option<&Observed>) -> Option<Reason> {
    let running = observed.and_then(|observed| observed.running);
    let by = need.late(workers, running.unwrap_or(workers))?;
    Some(Reason::Unreachable {
        target: need.target,
        workers,
        by,
    })
}

/// Returns what the hand is to be given, unless somebody else changed the number there.
fn order(observed: Option<&Observed>, state: &State) -> Result<Option<u16>, Reason> {
    let Some(observed) = observed else {
        return Ok(None);
    };
    if let (Some(found), Some(ordered)) = (observed.asked, state.ordered)
        && found != ordered
        && found != state.wanted
    {
        return Err(Reason::ChangedOutside { ordered, found });
    }
    let current = observed.asked.or(observed.running);
    Ok(current
        .filter(|current| *current != state.wanted)
        .map(|_| state.wanted))
}

fn time_to_drain(inputs: &Inputs<'_>, state: &State, now: Timestamp) -> TimeToDrain {
    let Some(load) = inputs.load else {
        return TimeToDrain::Unknown;
    };
    let running = inputs.observed.and_then(|observed| observed.running);
    let drain = match (running, state.drain) {
        (Some(0), _) => [Rate::ZERO; 3],
        (Some(running), Some(drain)) => drain.with(running),
        (None, Some(drain)) => drain.with(drain.workers.get()),
        (_, None) if load.backlog == 0 => [Rate::ZERO; 3],
        (_, None) => return TimeToDrain::Unknown,
    };
    Flow::of(load, now).time_to_drain(drain)
}
