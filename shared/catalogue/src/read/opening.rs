//! Opening, daily hours and order of applications.

use jiff::Timestamp;
use sportello_domain::PerChannel;

use crate::declared::{Drawing, OrderPolicy};
use crate::reader::{Field, Reader};
use crate::windows::{Opening, Window, Windows, next_opening};

/// Seconds that a receiving clock may be wrong if order of arrival decides.
const TOLERANCE: std::ops::RangeInclusive<i32> = 1..=3_600;
const USUAL_TOLERANCE: i32 = 2;
/// Characters of a lottery's seed.
const SEED: std::ops::RangeInclusive<usize> = 16..=200;

pub(super) fn opening(root: &mut Reader<'_, '_>) -> Option<Opening> {
    let hint = "[opening] with opens = 2020-04-01T00:00:00+02:00 and closes = …";
    let mut table = root.needed("opening", hint)?.table()?;
    let opens = table.needed("opens", "opens = 2020-04-01T00:00:00+02:00");
    let closes = table.needed("closes", "closes = 2020-06-04T00:00:00+02:00");
    table.finish();
    let opens = opens.and_then(|field| field.instant());
    let (closes, field) = closes.and_then(|field| Some((field.instant()?, field)))?;
    let opens = opens?;
    if closes <= opens {
        field.report(
            "`closes` is not after `opens`",
            "write the first instant at which applying is too late",
        );
    }
    Some(Opening { opens, closes })
}

pub(super) fn windows(root: &mut Reader<'_, '_>, opening: Option<&Opening>) -> Option<Windows> {
    let hint = r#"[windows] with citizen = ["16:00-08:00"]"#;
    let Some(field) = root.optional("windows", hint) else {
        return Some(Windows::default());
    };
    let mut table = field.table()?;
    let read = PerChannel::from_fn(|channel| hours(&mut table, channel.as_str(), opening));
    table.finish();
    let mut windows = Windows::default();
    for (channel, hours) in read.iter() {
        windows.0[channel] = hours.clone()?;
    }
    Some(windows)
}

fn hours(table: &mut Reader<'_, '_>, key: &'static str, opening: Option<&Opening>) -> Option<Vec<Window>> {
    let Some(field) = table.optional(key, r#"hours as ["08:00-16:00"]"#) else {
        return Some(Vec::new());
    };
    let windows = field.each(|field| field.parsed(Window::parse))?;
    if windows.is_empty() {
        field.report(
            format!("`{key}` has no hours"),
            "remove it if the channel is open all day",
        );
        return None;
    }
    if opening.is_some_and(|opening| next_opening(opening, &windows, opening.opens).is_none()) {
        field.report(
            format!("`{key}` is never open between `opens` and `closes`"),
            "write other hours",
        );
    }
    Some(windows)
}

#[derive(Clone, Copy, PartialEq)]
enum Policy {
    Arrival,
    None,
    Lottery,
}

pub(super) fn order(root: &mut Reader<'_, '_>, closes: Option<Timestamp>) -> Option<OrderPolicy> {
    const WORDS: [(&str, Policy); 3] = [
        ("arrival", Policy::Arrival),
        ("none", Policy::None),
        ("lottery", Policy::Lottery),
    ];
    let Some(field) = root.optional("order", r#"[order] with policy = "none""#) else {
        return Some(OrderPolicy::None);
    };
    let mut table = field.table()?;
    let policy = table
        .needed("policy", r#"policy = "arrival", "none" or "lottery""#)
        .and_then(|field| field.word(&WORDS));
    let seed = table.optional("seed", r#"seed = "…", 16 to 200 characters"#);
    let published = table.optional(
        "seed_published_at",
        "seed_published_at = 2026-07-01T12:00:00+02:00",
    );
    let tolerance = table.optional("clock_tolerance_seconds", "clock_tolerance_seconds = 2");
    table.finish();
    let policy = policy?;
    if policy != Policy::Lottery {
        for field in [&seed, &published].into_iter().flatten() {
            field.report(
                "only a lottery has a seed",
                r#"remove it, or write policy = "lottery""#,
            );
        }
    }
    if let Some(field) = tolerance.as_ref().filter(|_| policy != Policy::Arrival) {
        field.report(
            "only the order of arrival depends on clocks",
            r#"remove it, or write policy = "arrival""#,
        );
    }
    let tolerance = tolerance.map_or(Some(USUAL_TOLERANCE), |field| field.whole_number(TOLERANCE));
    let drawing = drawing(seed, published, closes);
    Some(match policy {
        Policy::Arrival => OrderPolicy::Arrival {
            clock_tolerance_seconds: tolerance?,
        },
        Policy::None => OrderPolicy::None,
        Policy::Lottery => OrderPolicy::Lottery(drawing?),
    })
}

/// Reads seed and instant; both are missing before the drawing.
#[expect(
    clippy::option_option,
    reason = "the inner one is what the file says, the outer one whether it can be read"
)]
fn drawing(
    seed: Option<Field<'_, '_>>,
    published: Option<Field<'_, '_>>,
    closes: Option<Timestamp>,
) -> Option<Option<Drawing>> {
    let (seed, published) = match (seed, published) {
        (None, None) => return Some(None),
        (Some(seed), Some(published)) => (seed, published),
        (Some(one), None) | (None, Some(one)) => {
            one.report(
                "a drawing has both `seed` and `seed_published_at`",
                "write both, or none before the drawing",
            );
            return None;
        }
    };
    let text = seed.line(*SEED.end()).and_then(|text| {
        if SEED.contains(&text.chars().count()) {
            Some(text)
        } else {
            seed.unfit("a text of 16 to 200 characters")
        }
    });
    let published_at = published.instant()?;
    if closes.is_some_and(|closes| published_at < closes) {
        published.report(
            "the seed is published before the benefit closes",
            "publish it afterwards: a person who knows the seed can choose when to apply",
        );
    }
    Some(Some(Drawing {
        seed: text?,
        published_at,
    }))
}
