//! Keywords of lists.

use jsonschema::error::ValidationErrorKind as Error;
use sportello_domain::{Text, Violation};

use super::{Holder, Keyword, Kind, check_at_most, check_order};
use crate::form::mistakes::Mistakes;
use crate::form::refused::{Refused, limited};

const ARRAY: &[&str] = &["array"];
const LENGTHS: [&str; 2] = ["minItems", "maxItems"];

pub(super) const KEYWORDS: &[Keyword] = &[
    Keyword::new("items", Kind::Schema, ARRAY),
    Keyword::new("minItems", Kind::Count, ARRAY)
        .check(|mistakes, found| check_order(mistakes, found, LENGTHS))
        .refuse(too_few),
    Keyword::new("maxItems", Kind::Count, ARRAY)
        .check(|mistakes, found| check_at_most(mistakes, found, "maxItems", MOST_ITEMS))
        .refuse(too_many),
    Keyword::new("uniqueItems", Kind::Flag, ARRAY).refuse(not_unique),
];

/// Most elements of a list: rules may compare all pairs.
const MOST_ITEMS: u64 = 1_000;

/// Checks that a list has an end.
pub(super) fn check_bounds(mistakes: &mut Mistakes, holder: &Holder<'_>) {
    if !holder.schema.contains_key("maxItems") {
        mistakes.add(holder.pointer, "the list has no upper limit", "add `maxItems`");
    }
}

fn too_few(refused: &Refused<'_>) -> Option<Vec<Violation>> {
    let Error::MinItems { limit } = refused.error.kind() else {
        return None;
    };
    let message = limited(
        *limit,
        ["serve un elenco di almeno", "elemento", "elementi"],
        ["the list must have at least", "element", "elements"],
        ["die Liste braucht mindestens", "Eintrag", "Einträge"],
    );
    refused.here("too_few", message)
}

fn too_many(refused: &Refused<'_>) -> Option<Vec<Violation>> {
    let Error::MaxItems { limit } = refused.error.kind() else {
        return None;
    };
    let message = limited(
        *limit,
        ["l'elenco può avere al massimo", "elemento", "elementi"],
        ["the list may have at most", "element", "elements"],
        ["die Liste darf höchstens haben:", "Eintrag", "Einträge"],
    );
    refused.here("too_many", message)
}

fn not_unique(refused: &Refused<'_>) -> Option<Vec<Violation>> {
    const MESSAGE: Text = Text::fixed(
        "gli elementi dell'elenco devono essere tutti diversi",
        "the elements of the list must all be different",
        "die Einträge der Liste müssen alle verschieden sein",
    );
    matches!(refused.error.kind(), Error::UniqueItems)
        .then(|| refused.here("not_unique", MESSAGE))
        .flatten()
}
