//! Messages for answers that do not fit: they show the limit, never the value that was sent.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a form has few of the validator's kinds; whatever else there were would be told as `not_allowed`"
)]

use jsonschema::error::TypeKind;
use jsonschema::{JsonType, ValidationError, error::ValidationErrorKind as Kind};
use serde_json::Value;
use sportello_domain::{JsonPointer, Text, Violation};

use super::format;

/// Most labels that a message lists.
const MOST_LISTED: usize = 20;

/// Converts one error of the validator to violations.
pub(super) fn violations(schema: &Value, error: &ValidationError<'_>) -> Vec<Violation> {
    let place = JsonPointer::from(["answers"]).join(&place(error));
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![Violation::required(place.member(name))]
        }
        Kind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|name| Violation::new(place.member(name), "unknown_field", UNKNOWN_FIELD))
            .collect(),
        kind => {
            let (code, message) = value(kind)
                .or_else(|| text(kind))
                .or_else(|| number(kind))
                .or_else(|| list(kind))
                .unwrap_or_else(|| in_words(schema, error));
            vec![Violation::new(place, code, message)]
        }
    }
}

const UNKNOWN_FIELD: Text = Text::fixed(
    "questo campo non è previsto",
    "this field is not known",
    "dieses Feld ist nicht vorgesehen",
);

/// Returns the place of an error, from the root of the value that was checked.
pub(super) fn place(error: &ValidationError<'_>) -> JsonPointer {
    // the validator writes RFC 6901 too; its own list of the names leaves out empty ones
    JsonPointer::parse(error.instance_path().as_str()).unwrap_or(JsonPointer::ROOT)
}

type Said = (std::borrow::Cow<'static, str>, Text);

/// Messages for types and fixed values.
fn value(kind: &Kind) -> Option<Said> {
    match kind {
        Kind::Type {
            kind: TypeKind::Single(of),
        } => Some(("type".into(), of_type(*of))),
        Kind::Constant { expected_value } if **expected_value == Value::Bool(true) => Some((
            "must_be_confirmed".into(),
            Text::fixed(
                "questa dichiarazione va confermata",
                "this declaration must be confirmed",
                "diese Erklärung muss bestätigt werden",
            ),
        )),
        Kind::Constant { expected_value } => {
            let expected = plain(expected_value);
            let message = Text::of(
                format!("il valore deve essere: {expected}"),
                format!("the value must be: {expected}"),
                format!("der Wert muss sein: {expected}"),
            );
            Some(("const".into(), message))
        }
        _ => None,
    }
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

fn text(kind: &Kind) -> Option<Said> {
    match kind {
        Kind::MinLength { limit } => Some((
            "too_short".into(),
            limited(
                limit,
                ["servono almeno", "carattere", "caratteri"],
                ["there must be at least", "character", "characters"],
                ["erforderlich sind mindestens", "Zeichen", "Zeichen"],
            ),
        )),
        Kind::MaxLength { limit } => Some((
            "too_long".into(),
            limited(
                limit,
                ["sono ammessi al massimo", "carattere", "caratteri"],
                ["there must be at most", "character", "characters"],
                ["erlaubt sind höchstens", "Zeichen", "Zeichen"],
            ),
        )),
        Kind::Pattern { pattern } => Some((
            "pattern".into(),
            Text::of(
                format!("il testo non ha la forma richiesta: {pattern}"),
                format!("the text does not have the required form: {pattern}"),
                format!("der Text hat nicht die verlangte Form: {pattern}"),
            ),
        )),
        _ => None,
    }
}

fn number(kind: &Kind) -> Option<Said> {
    match kind {
        Kind::Minimum { limit } => Some((
            "too_small".into(),
            Text::of(
                format!("il valore minimo è {}", comma(limit)),
                format!("the least value is {limit}"),
                format!("der kleinste Wert ist {}", comma(limit)),
            ),
        )),
        Kind::Maximum { limit } => Some((
            "too_large".into(),
            Text::of(
                format!("il valore massimo è {}", comma(limit)),
                format!("the greatest value is {limit}"),
                format!("der größte Wert ist {}", comma(limit)),
            ),
        )),
        Kind::MultipleOf { multiple_of } if (multiple_of - 0.01).abs() < f64::EPSILON => Some((
            "multiple_of".into(),
            Text::fixed(
                "il valore ha al massimo due decimali",
                "the value has at most two decimals",
                "der Wert hat höchstens zwei Dezimalstellen",
            ),
        )),
        Kind::MultipleOf { multiple_of } => Some((
            "multiple_of".into(),
            Text::of(
                format!("il valore deve essere un multiplo di {}", comma(multiple_of)),
                format!("the value must be a multiple of {multiple_of}"),
                format!("der Wert muss ein Vielfaches von {} sein", comma(multiple_of)),
            ),
        )),
        _ => None,
    }
}

fn list(kind: &Kind) -> Option<Said> {
    match kind {
        Kind::MinItems { limit } => Some((
            "too_few".into(),
            limited(
                limit,
                ["serve un elenco di almeno", "elemento", "elementi"],
                ["the list must have at least", "element", "elements"],
                ["die Liste braucht mindestens", "Eintrag", "Einträge"],
            ),
        )),
        Kind::MaxItems { limit } => Some((
            "too_many".into(),
            limited(
                limit,
                ["l'elenco può avere al massimo", "elemento", "elementi"],
                ["the list may have at most", "element", "elements"],
                ["die Liste darf höchstens haben:", "Eintrag", "Einträge"],
            ),
        )),
        Kind::UniqueItems => Some((
            "not_unique".into(),
            Text::fixed(
                "gli elementi dell'elenco devono essere tutti diversi",
                "the elements of the list must all be different",
                "die Einträge der Liste müssen alle verschieden sein",
            ),
        )),
        _ => None,
    }
}

/// Messages that need the schema or the domain: choices and formats.
fn in_words(schema: &Value, error: &ValidationError<'_>) -> Said {
    let refused = match (error.kind(), error.instance().as_str()) {
        (Kind::Format { format }, Some(text)) => format::refusal(format, text),
        (Kind::Enum { options }, _) => {
            let of = error.schema_path().as_str();
            let parent = of.rsplit_once('/').and_then(|(parent, _)| schema.pointer(parent));
            Some(("not_allowed".into(), choices(parent, options)))
        }
        _ => None,
    };
    refused.unwrap_or_else(|| {
        let message = Text::fixed(
            "il valore non è ammesso in questo campo",
            "the value does not fit this field",
            "der Wert passt nicht in dieses Feld",
        );
        ("not_allowed".into(), message)
    })
}

/// Writes a number with a decimal comma, for Italian and German.
fn comma(number: &impl ToString) -> String {
    number.to_string().replace('.', ",")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Builds "… 3 characters" from the text before the number, the singular and the plural.
fn limited(limit: &u64, it: [&str; 3], en: [&str; 3], de: [&str; 3]) -> Text {
    let said = |[before, one, many]: [&str; 3]| {
        let counted = if *limit == 1 { one } else { many };
        format!("{before} {limit} {counted}")
    };
    Text::of(said(it), said(en), said(de))
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
