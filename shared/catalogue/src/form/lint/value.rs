//! Checks the values of keywords.

use std::collections::BTreeSet;

use serde_json::Value;
use sportello_domain::{JsonPointer, Language};

use super::{Lint, names};
use crate::form::words::Kind;

/// Most characters of a text for people.
const LONGEST_TEXT: usize = 2_000;

impl Lint {
    /// Adds a mistake if `value` is of another kind or malformed.
    pub(super) fn value(&mut self, pointer: &JsonPointer, value: &Value, kind: Kind) {
        let fits = match kind {
            Kind::Count => value.is_u64(),
            Kind::Number => value.is_number(),
            Kind::Word => value.is_string(),
            Kind::Flag => value.is_boolean(),
            Kind::Names => are_names(value),
            Kind::NamesByName => value.as_object().is_some_and(|by| by.values().all(are_names)),
            Kind::Text | Kind::Schema => value.is_object(),
            Kind::TextByName | Kind::Schemas => value
                .as_object()
                .is_some_and(|by| by.values().all(Value::is_object)),
            Kind::Any => !value.is_null(),
        };
        if !fits {
            return self.report(pointer, &format!("this must be {}", kind.looks_like()), "");
        }
        match (kind, value.as_object()) {
            (Kind::Text, Some(_)) => self.text(pointer, value),
            (Kind::TextByName, Some(texts)) => {
                for (name, text) in texts {
                    self.text(&pointer.member(name), text);
                }
            }
            _ => {}
        }
    }

    /// Checks a text for people: in exactly the supported languages, not blank, not too long.
    fn text(&mut self, pointer: &JsonPointer, text: &Value) {
        for language in Language::ALL {
            let tag = language.tag();
            match text.get(tag).and_then(Value::as_str) {
                None => self.report(
                    pointer,
                    &format!("the text in `{tag}` is missing"),
                    "add the text in it, en and de",
                ),
                Some(text) if text.trim().is_empty() => {
                    self.report(
                        &pointer.member(tag),
                        "the text is blank",
                        "write the text that people will read",
                    );
                }
                Some(text) if text.chars().count() > LONGEST_TEXT => {
                    let message = format!("a text may have at most {LONGEST_TEXT} characters");
                    self.report(&pointer.member(tag), &message, "shorten it");
                }
                Some(_) => {}
            }
        }
        for tag in text.as_object().into_iter().flat_map(|text| text.keys()) {
            if !Language::ALL.iter().any(|language| language.tag() == tag) {
                let message = format!("`{tag}` is not a supported language");
                self.report(&pointer.member(tag), &message, "write texts in it, en and de");
            }
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
