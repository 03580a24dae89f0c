//! How long applications are kept.

use jiff::{Timestamp, ToSpan as _};
use sportello_domain::Disposal;

use crate::declared::{OrderPolicy, RetentionPolicy};
use crate::reader::{Field, Reader};
use crate::windows::in_rome;

/// Days of retention: at most a hundred years.
const DAYS: std::ops::RangeInclusive<i32> = 1..=36_500;

const THEN: [(&str, Disposal); 2] = [
    (Disposal::Pseudonymise.as_str(), Disposal::Pseudonymise),
    (Disposal::Purge.as_str(), Disposal::Purge),
];

/// Reads the retention. `closes` and `order` are missing if they could not be read.
pub(super) fn retention(
    root: &mut Reader<'_, '_>,
    closes: Option<Timestamp>,
    order: Option<&OrderPolicy>,
) -> Option<RetentionPolicy> {
    let hint = r#"[retention] with days = 3650 and then = "pseudonymise""#;
    let mut table = root.needed("retention", hint)?.table()?;
    let days = table.needed("days", "days = 3650, counted from `closes`");
    let then = table
        .needed("then", r#"then = "pseudonymise" or then = "purge""#)
        .and_then(|field| field.word(&THEN));
    table.finish();
    let field = days?;
    let days = field.whole_number(DAYS)?;
    let ends = ends(&field, days, closes?)?;
    let drawn_too_late = match order {
        Some(OrderPolicy::Lottery(Some(drawing))) => drawing.published_at >= ends,
        Some(OrderPolicy::Lottery(None) | OrderPolicy::Arrival { .. } | OrderPolicy::None) | None => false,
    };
    if drawn_too_late {
        field.report(
            "the applications are not kept until the seed is published",
            "increase `days`",
        );
    }
    Some(RetentionPolicy {
        days,
        ends,
        then: then?,
    })
}

/// Returns the instant this many calendar days after the closing.
fn ends(field: &Field<'_, '_>, days: i32, closes: Timestamp) -> Option<Timestamp> {
    match in_rome(closes).checked_add(days.days()) {
        Ok(ends) => Some(ends.timestamp()),
        Err(_) => field.unfit("within the calendar"),
    }
}
