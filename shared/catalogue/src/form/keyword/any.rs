//! Keywords of all fields.

use jsonschema::JsonType;
use jsonschema::error::{TypeKind, ValidationErrorKind as Error};
use serde_json::Value;
use sportello_domain::{Text, Violation};

use super::{Keyword, Kind};
use crate::form::refused::{Refused, plain};

pub(super) const KEYWORDS: &[Keyword] = &[
    Keyword::new("type", Kind::Word, &[]).refuse(another_type),
    Keyword::new("label", Kind::Text, &[]).in_api("title"),
    Keyword::new("help", Kind::Text, &[]).in_api("description"),
    Keyword::new("const", Kind::Any, &[]).refuse(another_value),
];

/// Every type.
pub(in crate::form) const TYPES: [&str; 6] = ["object", "array", "string", "number", "integer", "boolean"];

fn another_type(refused: &Refused<'_>) -> Option<Vec<Violation>> {
    let Error::Type {
        kind: TypeKind::Single(of),
    } = refused.error.kind()
    else {
        return None;
    };
    refused.here("type", of_type(*of))
}

fn of_type(of: JsonType) -> Text {
    match of {
        JsonType::String => Text::fixed("serve un testo", "this must be a text", "hier steht ein Text"),
        JsonType::Integer => Text::fixed(
            "serve un numero intero",
            "this must be a whole number",
            "hier steht eine ganze Zahl",
        ),
        JsonType::Number => Text::fixed("serve un numero", "this must be a number", "hier steht eine Zahl"),
        JsonType::Boolean => Text::fixed(
            "serve true (sì) oppure false (no)",
            "this must be true (yes) or false (no)",
            "hier steht true (ja) oder false (nein)",
        ),
        JsonType::Array => Text::fixed("serve un elenco", "this must be a list", "hier steht eine Liste"),
        JsonType::Object => Text::fixed(
            "serve un gruppo di campi (oggetto JSON)",
            "this must be a group of fields (JSON object)",
            "hier steht eine Gruppe von Feldern (JSON-Objekt)",
        ),
        JsonType::Null => Text::fixed("serve null", "this must be null", "hier steht null"),
    }
}

fn another_value(refused: &Refused<'_>) -> Option<Vec<Violation>> {
    const CONFIRM: Text = Text::fixed(
        "questa dichiarazione va confermata",
        "this declaration must be confirmed",
        "diese Erklärung muss bestätigt werden",
    );
    let Error::Constant { expected_value } = refused.error.kind() else {
        return None;
    };
    if **expected_value == Value::Bool(true) {
        return refused.here("must_be_confirmed", CONFIRM);
    }
    let expected = plain(expected_value);
    let message = Text::of(
        format!("il valore deve essere: {expected}"),
        format!("the value must be: {expected}"),
        format!("der Wert muss sein: {expected}"),
    );
    refused.here("const", message)
}
