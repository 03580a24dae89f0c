//! Reading a content from JSON, telling everything that is wrong at once.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{Answered, Answers, Application};
use crate::applicant::{Applicant, PersonName};
use crate::birth_date::parse_birth_date;
use crate::contact::{Email, Phone};
use crate::iban::Iban;
use crate::identifiers::{BenefitId, CategoryId};
use crate::mandate::Mandate;
use crate::object::Object;
use crate::tax_code::TaxCode;
use crate::text::Text;
use crate::violation::Violation;

/// The JSON as sent. Every field is optional here, so that all that are missing are told at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawApplication {
    benefit: Option<String>,
    category: Option<String>,
    #[serde(default, deserialize_with = "present")]
    mandate: Option<String>,
    applicant: Option<Object<RawApplicant>>,
    #[serde(default)]
    answers: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawApplicant {
    tax_code: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    birth_date: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    iban: Option<String>,
}

/// A field that may be missing; null is none of its values.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    String::deserialize(from).map(Some)
}

/// Reads a whole content.
pub(super) fn parse(json: &[u8]) -> Result<Application, Vec<Violation>> {
    let raw: RawApplication = read_object(json).map_err(|violation| vec![violation])?;
    let mut violations = Violations::default();
    let benefit = violations.required("/benefit", raw.benefit, |text| {
        BenefitId::parse(text).map_err(|error| (error.code(), error.text()))
    });
    let category = violations.optional("/category", raw.category, |text| {
        CategoryId::parse(text).map_err(|error| (error.code(), error.text()))
    });
    let mandate = violations.optional("/mandate", raw.mandate, |text| {
        Mandate::parse(text).map_err(|error| (error.code(), error.text()))
    });
    let applicant = match raw.applicant {
        Some(Object(applicant)) => violations.applicant(applicant),
        None => violations.missing("/applicant"),
    };
    violations.nul_characters(&raw.answers);
    match (benefit, applicant) {
        (Some(benefit), Some(applicant)) if violations.0.is_empty() => Ok(Application {
            benefit,
            category,
            mandate,
            applicant,
            answers: Answers(Value::Object(raw.answers)),
        }),
        _ => Err(violations.0),
    }
}

/// Reads all but the applicant.
pub(super) fn answered(json: &[u8]) -> Option<Answered> {
    let raw: RawApplication = read_object(json).ok()?;
    if raw
        .answers
        .iter()
        .any(|(key, value)| key.contains('\0') || has_nul(value))
    {
        return None;
    }
    let category = raw.category.map(|text| CategoryId::parse(&text)).transpose();
    Some(Answered {
        benefit: BenefitId::parse(&raw.benefit?).ok()?,
        category: category.ok()?,
        answers: Answers(Value::Object(raw.answers)),
    })
}

/// Reads a JSON object and nothing else. The violation never repeats what was sent.
pub(crate) fn read_object<'json, T: Deserialize<'json>>(json: &'json [u8]) -> Result<T, Violation> {
    // to keep track of the place costs as much as to read, and matters only where something is wrong; and many
    // bytes are looked at at once where all of it is known to be text before
    let read = std::str::from_utf8(json).ok().map(serde_json::from_str);
    match read {
        Some(Ok(Object(raw))) => Ok(raw),
        Some(Err(_)) | None => read_telling_where(json),
    }
}

fn read_telling_where<'json, T: Deserialize<'json>>(json: &'json [u8]) -> Result<T, Violation> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let Object(raw) = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let pointer = pointer(error.path());
        let error = error.inner();
        // serde's own text may repeat what was sent
        match error.classify() {
            serde_json::error::Category::Data => Violation::new(
                pointer,
                "unexpected",
                Text::fixed(
                    "un campo che non è previsto, che compare due volte o che è di un altro tipo",
                    "a field that is not known, is there twice or is of another type than expected",
                    "ein Feld, das nicht vorgesehen ist, zweimal vorkommt oder von einem anderen Typ ist",
                ),
            ),
            serde_json::error::Category::Io
            | serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof => not_json(error),
        }
    })?;
    deserializer.end().map_err(|error| not_json(&error))?;
    Ok(raw)
}

fn not_json(error: &serde_json::Error) -> Violation {
    let (line, column) = (error.line(), error.column());
    let message = Text::of(
        format!("il contenuto non è leggibile come JSON alla riga {line}, colonna {column}"),
        format!("the body can't be read as JSON at line {line}, column {column}"),
        format!("der Inhalt ist in Zeile {line}, Spalte {column} nicht als JSON lesbar"),
    );
    Violation::new("", "not_json", message)
}

/// The path as a JSON pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => Some(format!("/{}", escape(key))),
            Segment::Unknown => None,
        })
        .collect()
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The code and the text of what is wrong with one field.
type Fault = (&'static str, Text);

#[derive(Default)]
struct Violations(Vec<Violation>);

impl Violations {
    fn missing<T>(&mut self, pointer: &str) -> Option<T> {
        self.0.push(Violation::required(pointer));
        None
    }

    fn required<T>(
        &mut self,
        pointer: &str,
        text: Option<String>,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        if text.is_none() {
            return self.missing(pointer);
        }
        self.optional(pointer, text, parse)
    }

    fn optional<T>(
        &mut self,
        pointer: &str,
        text: Option<String>,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        parse(&text?)
            .map_err(|(code, message)| self.0.push(Violation::new(pointer, code, message)))
            .ok()
    }

    fn applicant(&mut self, raw: RawApplicant) -> Option<Applicant> {
        let name = |text: &str| PersonName::parse(text).map_err(|error| (error.code(), error.text()));
        let tax_code = self.required("/applicant/tax_code", raw.tax_code, |text| {
            TaxCode::parse(text).map_err(|error| (error.code(), error.text()))
        });
        let given_name = self.required("/applicant/given_name", raw.given_name, name);
        let family_name = self.required("/applicant/family_name", raw.family_name, name);
        let birth_date = self.optional("/applicant/birth_date", raw.birth_date, |text| {
            parse_birth_date(text).map_err(|error| (error.code(), error.text()))
        });
        let email = self.optional("/applicant/email", raw.email, |text| {
            Email::parse(text).map_err(|error| (error.code(), error.text()))
        });
        let phone = self.optional("/applicant/phone", raw.phone, |text| {
            Phone::parse(text).map_err(|error| (error.code(), error.text()))
        });
        let iban = self.optional("/applicant/iban", raw.iban, |text| {
            Iban::parse(text).map_err(|error| (error.code(), error.text()))
        });
        Some(Applicant {
            tax_code: tax_code?,
            given_name: given_name?,
            family_name: family_name?,
            birth_date,
            email,
            phone,
            iban,
        })
    }

    fn nul_characters(&mut self, answers: &Map<String, Value>) {
        for (key, value) in answers {
            if key.contains('\0') || has_nul(value) {
                let pointer = format!("/answers/{}", escape(&key.replace('\0', "")));
                self.0.push(Violation::new(
                    pointer,
                    "nul_character",
                    Text::fixed(
                        "il testo non può contenere il carattere U+0000",
                        "text must not hold the character U+0000",
                        "der Text darf das Zeichen U+0000 nicht enthalten",
                    ),
                ));
            }
        }
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(map) => map
            .iter()
            .any(|(key, value)| key.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
