//! The openings of the catalogue: they raise the fewest workers beforehand.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sportello_catalogue::{Benefit, Catalogue};
use sportello_domain::{BenefitId, Channel, ChannelPosition};
use utoipa::ToSchema;

use crate::clock::day;

/// How far ahead the end of all arrivals is looked for.
const AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How openings raise the fewest workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalendarPolicy {
    /// Fewest workers on a benefit's first day, until midnight in Italy.
    pub opening_day: u16,
    /// Fewest workers whenever a channel is open.
    pub window: u16,
    /// How long before an opening its workers run.
    pub before: SignedDuration,
}

/// What the catalogue foresees at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    /// The raise that holds now, the largest of all.
    pub raise: Option<Raise>,
    /// The raise that comes next.
    pub next: Option<Raise>,
    /// First instant at which every channel is closed; `None` if all are, or if one stays open.
    pub arrivals_end: Option<Timestamp>,
}

/// A raise of the fewest workers for a benefit's channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Raise {
    /// Fewest workers.
    pub workers: u16,
    /// The benefit.
    #[schema(value_type = String)]
    pub benefit: BenefitId,
    /// The channel.
    pub channel: Channel,
    /// What for.
    pub occasion: Occasion,
    /// When the channel opens; `None` while it is open.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opens: Option<Timestamp>,
    /// Since when the raise holds, or will; `None` while the channel is open.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
}

/// What the fewest workers are raised for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// The first day of a benefit.
    OpeningDay,
    /// The hours of a channel.
    Window,
}

impl Calendar {
    /// Reads the openings of a catalogue at an instant. A channel that operators have opened counts
    /// as open; one that they have closed follows its hours, since they may open it any moment.
    #[must_use]
    pub fn at(
        catalogue: &Catalogue,
        positions: impl Fn(&BenefitId, Channel) -> ChannelPosition,
        policy: &CalendarPolicy,
        now: Timestamp,
    ) -> Self {
        let each = |benefit| Channel::ALL.map(|channel| Door { benefit, channel });
        let doors: Vec<Door<'_>> = catalogue.benefits().flat_map(|benefit| each(benefit)).collect();
        let opened = |door: &Door<'_>| positions(door.benefit.id(), door.channel) == ChannelPosition::Open;
        let raises = |door: &Door<'_>| door.raise(policy, opened(door), now);
        let (holding, coming): (Vec<Raise>, Vec<Raise>) =
            (doors.iter().filter_map(raises)).partition(|raise| raise.from.is_none_or(|from| from <= now));
        Self {
            raise: holding.into_iter().max_by_key(|raise| raise.workers),
            next: coming.into_iter().min_by_key(|raise| raise.from),
            arrivals_end: (!doors.iter().any(opened))
                .then(|| arrivals_end(&doors, now))
                .flatten(),
        }
    }
}

/// A channel of a benefit.
struct Door<'a> {
    benefit: &'a Benefit,
    channel: Channel,
}

impl Door<'_> {
    /// Returns the raise that holds or comes next.
    fn raise(&self, policy: &CalendarPolicy, opened: bool, now: Timestamp) -> Option<Raise> {
        let opens = if opened {
            None
        } else {
            let opens = self.benefit.next_opening(self.channel, now)?;
            (opens > now).then_some(opens)
        };
        let first = self.benefit.next_opening(self.channel, Timestamp::MIN);
        let is_first_day = first.is_some_and(|first| day(first) == day(opens.unwrap_or(now)));
        let (occasion, workers) = if is_first_day {
            (Occasion::OpeningDay, policy.opening_day.max(policy.window))
        } else {
            (Occasion::Window, policy.window)
        };
        (workers > 0).then(|| Raise {
            workers,
            benefit: self.benefit.id().clone(),
            channel: self.channel,
            occasion,
            opens,
            from: opens.map(|opens| opens.checked_sub(policy.before).unwrap_or(now)),
        })
    }

    fn closes(&self, at: Timestamp) -> Option<Timestamp> {
        self.benefit.next_closing(self.channel, at)
    }
}

/// Returns the first instant at which every channel is closed, if one is open now and that comes
/// within a week.
fn arrivals_end(doors: &[Door<'_>], now: Timestamp) -> Option<Timestamp> {
    let last = now.checked_add(AHEAD).ok()?;
    let mut end = None;
    while let Some(closes) = doors
        .iter()
        .filter_map(|door| door.closes(end.unwrap_or(now)))
        .max()
    {
        if closes > last {
            return None;
        }
        end = Some(closes);
    }
    end
}
