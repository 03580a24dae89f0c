//! Keywords of texts.

use jsonschema::error::ValidationErrorKind as Error;
use serde_json::Value;
use sportello_domain::{Language, Text, Violation};

use super::{Found, Holder, Keyword, Kind, check_at_most, check_order, names};
use crate::form::mistakes::Mistakes;
use crate::form::refused::{Refused, limited, plain};
use crate::form::{format, pattern_mistake};
use crate::nearest;

const STRING: &[&str] = &["string"];
const LENGTHS: [&str; 2] = ["minLength", "maxLength"];

pub(super) const KEYWORDS: &[Keyword] = &[
    Keyword::new("enum", Kind::Names, STRING)
        .check(check_values)
        .refuse(not_among),
    Keyword::new("enum_labels", Kind::TextByName, STRING)
        .check(check_labels)
        .in_api("x-enum-labels"),
    Keyword::new("minLength", Kind::Count, STRING)
        .check(|mistakes, found| check_order(mistakes, found, LENGTHS))
        .refuse(too_short),
    Keyword::new("maxLength", Kind::Count, STRING)
        .check(|mistakes, found| check_at_most(mistakes, found, "maxLength", LONGEST))
        .refuse(too_long),
    Keyword::new("pattern", Kind::Word, STRING)
        .check(check_pattern)
        .refuse(another_form),
    Keyword::new("pattern_message", Kind::Text, STRING)
        .check(check_has_pattern)
        .in_api("x-pattern-message"),
    Keyword::new("format", Kind::Word, STRING)
        .check(check_format)
        .refuse(another_format),
];

/// Longest text that a form may allow, in characters.
const LONGEST: u64 = 10_000;
/// Most values to choose from.
const MOST_VALUES: usize = 500;
/// Most labels that a message lists.
const MOST_LISTED: usize = 20;

/// Checks that a text has an end.
pub(super) fn check_bounds(mistakes: &mut Mistakes, holder: &Holder<'_>) {
    let ends = ["enum", "const", "format", "maxLength"];
    if !ends.iter().any(|keyword| holder.schema.contains_key(*keyword)) {
        mistakes.add(
            holder.pointer,
            "the text has no upper limit",
            "add `maxLength`, `format` or `enum`",
        );
    }
}

fn check_values(mistakes: &mut Mistakes, Found { holder, place, value }: &Found<'_>) {
    if holder.narrowed.is_none() && !holder.schema.contains_key("enum_labels") {
        mistakes.add(
            holder.pointer,
            "the values to choose from have no labels",
            "add `enum_labels`",
        );
    }
    let count = value.as_array().map_or(0, Vec::len);
    if !(1..=MOST_VALUES).contains(&count) {
        let message = format!("`enum` must have 1 to {MOST_VALUES} values");
        mistakes.add(place, &message, "");
    }
}

/// Checks that each value to choose from has a label, and each label a value.
fn check_labels(mistakes: &mut Mistakes, Found { holder, place, value }: &Found<'_>) {
    let (Some(values), Some(labels)) = (holder.schema.get("enum"), value.as_object()) else {
        return;
    };
    for value in names(Some(values)).filter(|value| !labels.contains_key(*value)) {
        mistakes.add(
            place,
            &format!("the value `{value}` has no label"),
            "add one in it, en and de",
        );
    }
    let known: Vec<&str> = names(Some(values)).collect();
    for label in labels.keys().filter(|label| !known.contains(&label.as_str())) {
        let message = format!("`{label}` is not among the values of `enum`");
        mistakes.add(&place.member(label), &message, &nearest::advice(label, &known));
    }
}

fn check_pattern(mistakes: &mut Mistakes, found: &Found<'_>) {
    if let Some(why) = found.value.as_str().and_then(pattern_mistake) {
        mistakes.add(
            found.place,
            &format!("the pattern can't be used: {why}"),
            "look-around and back references are not supported",
        );
    }
}

fn check_has_pattern(mistakes: &mut Mistakes, Found { holder, place, .. }: &Found<'_>) {
    if !holder.schema.contains_key("pattern") {
        let message = "`pattern_message` is only for fields with `pattern`";
        mistakes.add(place, message, "add `pattern`, or remove it");
    }
}

fn check_format(mistakes: &mut Mistakes, found: &Found<'_>) {
    let known: Vec<&str> = format::FORMATS.iter().map(|(name, _)| *name).collect();
    if let Some(name) = found.value.as_str().filter(|name| !known.contains(name)) {
        let message = format!("`{name}` is not a format");
        mistakes.add(found.place, &message, &nearest::advice(name, &known));
    }
}

fn too_short(refused: &Refused<'_>) -> Option<Vec<Violation>> {
    let Error::MinLength { limit } = refused.error.kind() else {
        return None;
    };
    let message = limited(
        *limit,
        ["servono almeno", "carattere", "caratteri"],
        ["there must be at least", "character", "characters"],
        ["erforderlich sind mindestens", "Zeichen", "Zeichen"],
    );
    refused.here("too_short", message)
}

fn too_long(refused: &Refused<'_>) -> Option<Vec<Violation>> {
    let Error::MaxLength { limit } = refused.error.kind() else {
        return None;
    };
    let message = limited(
        *limit,
        ["sono ammessi al massimo", "carattere", "caratteri"],
        ["there must be at most", "character", "characters"],
        ["erlaubt sind höchstens", "Zeichen", "Zeichen"],
    );
    refused.here("too_long", message)
}

/// Says what the form says; never the pattern, which people can't read.
fn another_form(refused: &Refused<'_>) -> Option<Vec<Violation>> {
    const MESSAGE: Text = Text::fixed(
        "il testo non ha la forma richiesta: controlla come va scritto",
        "the text does not have the required form: check how to write it",
        "der Text hat nicht die verlangte Form: prüfen Sie, wie er geschrieben wird",
    );
    let Error::Pattern { .. } = refused.error.kind() else {
        return None;
    };
    let own = refused.field().and_then(|field| field.get("pattern_message"));
    refused.here("pattern", own.and_then(text).unwrap_or(MESSAGE))
}

/// Reads a text of the form.
fn text(value: &Value) -> Option<Text> {
    let said = |language: Language| Some(value.get(language.tag())?.as_str()?.to_owned());
    let [it, en, de] = Language::ALL.map(said);
    Some(Text::of(it?, en?, de?))
}

fn another_format(refused: &Refused<'_>) -> Option<Vec<Violation>> {
    let Error::Format { format } = refused.error.kind() else {
        return None;
    };
    let text = refused.error.instance().as_str()?;
    let (code, message) = format::refusal(format, text)?;
    refused.here(code, message)
}

fn not_among(refused: &Refused<'_>) -> Option<Vec<Violation>> {
    let Error::Enum { options } = refused.error.kind() else {
        return None;
    };
    refused.here("not_allowed", choices(refused.field(), options))
}

/// Lists the labels of the values to choose from.
fn choices(field: Option<&Value>, options: &Value) -> Text {
    let options = options.as_array().map_or(&[][..], Vec::as_slice);
    let listed = |language: &str| {
        let label = |value: &Value| {
            let name = plain(value);
            let label = field.and_then(|field| field.get("enum_labels")?.get(&name)?.get(language)?.as_str());
            match label {
                Some(label) => format!("{name} ({label})"),
                None => name,
            }
        };
        let labels: Vec<String> = options.iter().take(MOST_LISTED).map(label).collect();
        let more = if options.len() > MOST_LISTED { ", …" } else { "" };
        format!("{}{more}", labels.join(", "))
    };
    Text::of(
        format!("va scelto uno di questi valori: {}", listed("it")),
        format!("choose one of these values: {}", listed("en")),
        format!("wählen Sie einen dieser Werte: {}", listed("de")),
    )
}
