//! The kinds of value that keywords have.

use std::collections::BTreeSet;

use serde_json::Value;
use sportello_domain::{JsonPointer, Language};

use super::names;
use crate::form::mistakes::Mistakes;

/// Most characters of a text for people.
const LONGEST_TEXT: usize = 2_000;

/// The required value of a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::form) enum Kind {
    /// A number of characters or elements.
    Count,
    /// A number.
    Number,
    /// A text for programs.
    Word,
    /// `true` or `false`.
    Flag,
    /// A list of different names.
    Names,
    /// A list of names for each name.
    NamesByName,
    /// A text in the three languages.
    Text,
    /// A text in the three languages for each name.
    TextByName,
    /// A schema.
    Schema,
    /// A schema for each name.
    Schemas,
    /// Anything.
    Any,
}

impl Kind {
    /// Describes a value of this kind, for messages.
    fn looks_like(self) -> &'static str {
        match self {
            Self::Count => "a whole number from 0",
            Self::Number => "a number",
            Self::Word => "a text",
            Self::Flag => "true or false",
            Self::Names => "a list of different texts",
            Self::NamesByName => "a list of names for each name",
            Self::Text => "{ it = \"…\", en = \"…\", de = \"…\" }",
            Self::TextByName => "a text in the three languages for each value",
            Self::Schema => "a table that describes a field",
            Self::Schemas => "a table with a field for each name",
            Self::Any => "a value",
        }
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Count => value.is_u64(),
            Self::Number => value.is_number(),
            Self::Word => value.is_string(),
            Self::Flag => value.is_boolean(),
            Self::Names => are_names(value),
            Self::NamesByName => value.as_object().is_some_and(|by| by.values().all(are_names)),
            Self::Text | Self::Schema => value.is_object(),
            Self::TextByName | Self::Schemas => value
                .as_object()
                .is_some_and(|by| by.values().all(Value::is_object)),
            Self::Any => !value.is_null(),
        }
    }
}

/// Adds a mistake if `value` is of another kind or malformed.
pub(super) fn check(mistakes: &mut Mistakes, pointer: &JsonPointer, value: &Value, kind: Kind) {
    if !kind.fits(value) {
        return mistakes.add(pointer, &format!("this must be {}", kind.looks_like()), "");
    }
    match (kind, value.as_object()) {
        (Kind::Text, Some(_)) => check_text(mistakes, pointer, value),
        (Kind::TextByName, Some(texts)) => {
            for (name, text) in texts {
                check_text(mistakes, &pointer.member(name), text);
            }
        }
        _ => {}
    }
}

/// Checks a text for people: in exactly the supported languages, not blank, not too long.
fn check_text(mistakes: &mut Mistakes, pointer: &JsonPointer, text: &Value) {
    for language in Language::ALL {
        let tag = language.tag();
        match text.get(tag).and_then(Value::as_str) {
            None => mistakes.add(
                pointer,
                &format!("the text in `{tag}` is missing"),
                "add the text in it, en and de",
            ),
            Some(text) if text.trim().is_empty() => {
                mistakes.add(
                    &pointer.member(tag),
                    "the text is blank",
                    "write the text that people will read",
                );
            }
            Some(text) if text.chars().count() > LONGEST_TEXT => {
                let message = format!("a text may have at most {LONGEST_TEXT} characters");
                mistakes.add(&pointer.member(tag), &message, "shorten it");
            }
            Some(_) => {}
        }
    }
    for tag in text.as_object().into_iter().flat_map(|text| text.keys()) {
        if !Language::ALL.iter().any(|language| language.tag() == tag) {
            let message = format!("`{tag}` is not a supported language");
            mistakes.add(&pointer.member(tag), &message, "write texts in it, en and de");
        }
    }
}

fn are_names(value: &Value) -> bool {
    let Some(list) = value.as_array() else {
        return false;
    };
    let different: BTreeSet<&str> = names(Some(value)).collect();
    different.len() == list.len()
}
