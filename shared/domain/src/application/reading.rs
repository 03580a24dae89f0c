//! Reads a content from JSON and reports all mistakes at once.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::answers::Fields;
use super::{Answered, Answers, Application};
use crate::applicant::{Applicant, PersonName};
use crate::birth_date::parse_birth_date;
use crate::clean::{clean, with_plain_dashes};
use crate::contact::{Email, Phone};
use crate::iban::Iban;
use crate::identifiers::{BenefitId, CategoryId};
use crate::json_pointer::JsonPointer;
use crate::mandate::Mandate;
use crate::object::Object;
use crate::tax_code::TaxCode;
use crate::text::Text;
use crate::violation::Violation;

/// The JSON as sent. Every field is optional, so that all missing fields are reported at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawApplication {
    benefit: Option<String>,
    category: Option<String>,
    #[serde(default, deserialize_with = "present")]
    mandate: Option<String>,
    applicant: Option<Object<RawApplicant>>,
    #[serde(default)]
    answers: Fields,
}

/// The person that an application is for.
#[derive(Deserialize, ToSchema)]
#[schema(as = Applicant)]
#[serde(deny_unknown_fields)]
pub(super) struct RawApplicant {
    /// Codice fiscale: 16 characters, or 11 digits where it is provisional. Case and spaces do not
    /// matter.
    #[schema(required = true, format = "tax-code")]
    tax_code: Option<String>,
    /// Given name: required of all but people with a single name.
    #[schema(max_length = 100, pattern = "^[^\\u0000-\\u001f]*$")]
    given_name: Option<String>,
    /// Family name, or the single name.
    #[schema(
        required = true,
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\u0000-\\u001f]+$"
    )]
    family_name: Option<String>,
    /// Whether the person has a single name, as some registers say of people born abroad. Then the
    /// family name is that name, and `given_name` is left out or empty.
    single_name: Option<bool>,
    /// Day of birth; compared with the tax code.
    #[schema(format = Date)]
    birth_date: Option<String>,
    /// Email address.
    #[schema(format = "email")]
    email: Option<String>,
    /// Phone number (E.164).
    #[schema(format = "phone")]
    phone: Option<String>,
    /// Account for payments (ISO 13616).
    #[schema(format = "iban")]
    iban: Option<String>,
}

/// Reads a field that may be missing but must not be null.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    String::deserialize(from).map(Some)
}

/// Reads a whole content.
pub(super) fn parse(json: &[u8]) -> Result<Application, Vec<Violation>> {
    let raw: RawApplication = read_object(json).map_err(|violation| vec![violation])?;
    let mut violations = Violations::default();
    let benefit = violations.required(["benefit"], raw.benefit, |text| {
        BenefitId::parse(&word(text)).map_err(|error| (error.code(), error.text()))
    });
    let category = violations.optional(["category"], raw.category, |text| {
        CategoryId::parse(&word(text)).map_err(|error| (error.code(), error.text()))
    });
    let mandate = violations.optional(["mandate"], raw.mandate, |text| {
        Mandate::parse(text).map_err(|error| (error.code(), error.text()))
    });
    let applicant = match raw.applicant {
        Some(Object(applicant)) => violations.applicant(applicant),
        None => violations.missing(["applicant"]),
    };
    let Fields(answers) = raw.answers;
    violations.nul_characters(&answers);
    match (benefit, applicant) {
        (Some(benefit), Some(applicant)) if violations.0.is_empty() => Ok(Application {
            benefit,
            category,
            mandate,
            applicant,
            answers: Answers(Value::Object(answers)),
        }),
        _ => Err(violations.0),
    }
}

/// Reads all but the applicant.
pub(super) fn answered(json: &[u8]) -> Option<Answered> {
    let raw: RawApplication = read_object(json).ok()?;
    let Fields(answers) = raw.answers;
    if answers
        .iter()
        .any(|(key, value)| key.contains('\0') || has_nul(value))
    {
        return None;
    }
    let category = raw.category.map(|text| CategoryId::parse(&word(&text)));
    Some(Answered {
        benefit: BenefitId::parse(&word(&raw.benefit?)).ok()?,
        category: category.transpose().ok()?,
        answers: Answers(Value::Object(answers)),
    })
}

/// Normalises an identifier: clean, with plain dashes, without white space around it.
fn word(text: &str) -> String {
    with_plain_dashes(clean(text).trim()).into_owned()
}

/// Reads a JSON object and nothing else. The violation never repeats what was sent.
pub(crate) fn read_object<'json, T: Deserialize<'json>>(json: &'json [u8]) -> Result<T, Violation> {
    // tracking the place costs as much as reading, so it is done only after an error; checking
    // UTF-8 first is faster, since it looks at many bytes at once
    let read = std::str::from_utf8(json).ok().map(serde_json::from_str);
    match read {
        Some(Ok(Object(raw))) => Ok(raw),
        Some(Err(_)) | None => read_telling_where(json),
    }
}

fn read_telling_where<'json, T: Deserialize<'json>>(json: &'json [u8]) -> Result<T, Violation> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let Object(raw) = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        // for a repeated field, serde reports only the place of the struct
        let pointer = twice(json).unwrap_or_else(|| pointer(error.path()));
        let error = error.inner();
        // serde's own text may repeat what was sent
        match error.classify() {
            serde_json::error::Category::Data => Violation::new(
                pointer,
                "unexpected",
                Text::fixed(
                    "questo campo non è previsto, compare due volte o è di tipo sbagliato",
                    "this field is unknown, appears twice or has the wrong type",
                    "dieses Feld ist nicht vorgesehen, kommt zweimal vor oder hat einen falschen Typ",
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

/// Returns the place of the first key that appears twice in an object, at any depth; `None`
/// if the JSON can't be read up to it.
#[must_use]
pub fn twice(json: &[u8]) -> Option<JsonPointer> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let error = serde_path_to_error::deserialize::<_, Fields>(&mut deserializer).err()?;
    error.inner().is_data().then(|| pointer(error.path()))
}

fn not_json(error: &serde_json::Error) -> Violation {
    let (line, column) = (error.line(), error.column());
    let message = Text::of(
        format!("il contenuto non è leggibile come JSON alla riga {line}, colonna {column}"),
        format!("the body can't be read as JSON at line {line}, column {column}"),
        format!("der Inhalt ist in Zeile {line}, Spalte {column} nicht als JSON lesbar"),
    );
    Violation::new(JsonPointer::ROOT, "not_json", message)
}

/// Returns the path as a pointer.
fn pointer(path: &serde_path_to_error::Path) -> JsonPointer {
    use serde_path_to_error::Segment;
    let mut pointer = JsonPointer::ROOT;
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => pointer.push_index(*index),
            Segment::Map { key } | Segment::Enum { variant: key } => pointer.push(key),
            Segment::Unknown => {}
        }
    }
    pointer
}

/// The code and the text of a mistake in one field.
type Fault = (&'static str, Text);

#[derive(Default)]
struct Violations(Vec<Violation>);

impl Violations {
    fn missing<T>(&mut self, pointer: impl Into<JsonPointer>) -> Option<T> {
        self.0.push(Violation::required(pointer));
        None
    }

    fn required<T>(
        &mut self,
        pointer: impl Into<JsonPointer>,
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
        pointer: impl Into<JsonPointer>,
        text: Option<String>,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        parse(&text?)
            .map_err(|(code, message)| self.0.push(Violation::new(pointer, code, message)))
            .ok()
    }

    fn applicant(&mut self, raw: RawApplicant) -> Option<Applicant> {
        let tax_code = self.required(["applicant", "tax_code"], raw.tax_code, |text| {
            TaxCode::parse(text).map_err(|error| (error.code(), error.text()))
        });
        let given_name = self.given_name(raw.given_name, raw.single_name.unwrap_or(false));
        let family_name = self.required(["applicant", "family_name"], raw.family_name, name);
        let birth_date = self.optional(["applicant", "birth_date"], raw.birth_date, |text| {
            parse_birth_date(text).map_err(|error| (error.code(), error.text()))
        });
        let email = self.optional(["applicant", "email"], raw.email, |text| {
            Email::parse(text).map_err(|error| (error.code(), error.text()))
        });
        let phone = self.optional(["applicant", "phone"], raw.phone, |text| {
            Phone::parse(text).map_err(|error| (error.code(), error.text()))
        });
        let iban = self.optional(["applicant", "iban"], raw.iban, |text| {
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

    /// Reads the given name; `None` for a person with a single name, which is the family name.
    fn given_name(&mut self, text: Option<String>, single: bool) -> Option<Option<PersonName>> {
        const POINTER: [&str; 2] = ["applicant", "given_name"];
        const SINGLE: Text = Text::fixed(
            "se la persona ha un solo nome, scrivilo come cognome e lascia vuoto questo campo",
            "if the person has a single name, enter it as family name and leave this field empty",
            "hat die Person nur einen Namen, steht er beim Nachnamen, und dieses Feld bleibt leer",
        );
        if !single {
            return self.required(POINTER, text, name).map(Some);
        }
        let is_empty = text.is_none_or(|text| clean(&text).trim().is_empty());
        if !is_empty {
            self.0.push(Violation::new(POINTER, "single_name", SINGLE));
        }
        is_empty.then_some(None)
    }

    fn nul_characters(&mut self, answers: &Map<String, Value>) {
        for (key, value) in answers {
            if key.contains('\0') || has_nul(value) {
                self.0.push(Violation::new(
                    ["answers", &key.replace('\0', "")],
                    "nul_character",
                    Text::fixed(
                        "il testo non può contenere il carattere U+0000",
                        "the text must not contain the character U+0000",
                        "der Text darf das Zeichen U+0000 nicht enthalten",
                    ),
                ));
            }
        }
    }
}

fn name(text: &str) -> Result<PersonName, Fault> {
    PersonName::parse(text).map_err(|error| (error.code(), error.text()))
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
