//! An application's content, parsed from the JSON that was sent.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::applicant::{Applicant, PersonName};
use crate::contact::{Email, Phone};
use crate::digest::ContentDigest;
use crate::iban::Iban;
use crate::identifiers::{BenefitId, CatalogueVersion, CategoryId};
use crate::ids::ApplicationId;
use crate::object::Object;
use crate::submitter::Submitter;
use crate::tax_code::TaxCode;
use crate::text::Text;
use crate::violation::Violation;

/// What is asked for, for whom, and the answers to the benefit's form.
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    /// What is asked for.
    pub benefit: BenefitId,
    /// The group of people, where the benefit has several.
    pub category: Option<CategoryId>,
    /// The person that it is for.
    pub applicant: Applicant,
    /// Answers to the benefit's form. Personal data.
    pub answers: Answers,
}

/// Answers to a benefit's form: a JSON object without NUL characters, which the database can't hold.
#[derive(Clone, PartialEq)]
pub struct Answers(Value);
crate::mask::masked_debug!(Answers);

impl Answers {
    /// The answers as JSON. Personal data.
    #[must_use]
    pub fn as_json(&self) -> &Value {
        &self.0
    }
}

/// An application that intake accepted, as the worker takes it from the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct AcceptedApplication {
    /// Its id.
    pub id: ApplicationId,
    /// Who sent it.
    pub submitter: Submitter,
    /// When intake accepted it.
    pub received_at: Timestamp,
    /// Digest of the content as it was sent.
    pub content_digest: ContentDigest,
    /// The version of the benefit's file that intake validated it against.
    pub validated_with: CatalogueVersion,
    /// The content.
    pub application: Application,
}

/// The JSON as sent. Every field is optional here, so that all that are missing are told at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawApplication {
    benefit: Option<String>,
    category: Option<String>,
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
    email: Option<String>,
    phone: Option<String>,
    iban: Option<String>,
}

impl Application {
    /// Parses a content. All violations are told at once, except where the JSON itself can't be read.
    ///
    /// # Errors
    /// At least one [`Violation`]; none repeats a value that was sent.
    pub fn parse(json: &[u8]) -> Result<Self, Vec<Violation>> {
        let Object(raw): Object<RawApplication> = read(json).map_err(|violation| vec![violation])?;
        let mut violations = Violations::default();
        let benefit = violations.required("/benefit", raw.benefit, |text| {
            BenefitId::parse(text).map_err(|error| ("identifier", error))
        });
        let category = violations.optional("/category", raw.category, |text| {
            CategoryId::parse(text).map_err(|error| ("identifier", error))
        });
        let applicant = match raw.applicant {
            Some(Object(applicant)) => violations.applicant(applicant),
            None => violations.missing("/applicant"),
        };
        violations.nul_characters(&raw.answers);
        match (benefit, applicant) {
            (Some(benefit), Some(applicant)) if violations.0.is_empty() => Ok(Self {
                benefit,
                category,
                applicant,
                answers: Answers(Value::Object(raw.answers)),
            }),
            _ => Err(violations.0),
        }
    }
}

fn read(json: &[u8]) -> Result<Object<RawApplication>, Violation> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let raw = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
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

#[derive(Default)]
struct Violations(Vec<Violation>);

impl Violations {
    fn missing<T>(&mut self, pointer: &str) -> Option<T> {
        self.0.push(Violation::required(pointer));
        None
    }

    fn required<T, E: ToString>(
        &mut self,
        pointer: &str,
        text: Option<String>,
        parse: impl FnOnce(&str) -> Result<T, (&'static str, E)>,
    ) -> Option<T> {
        if text.is_none() {
            return self.missing(pointer);
        }
        self.optional(pointer, text, parse)
    }

    fn optional<T, E: ToString>(
        &mut self,
        pointer: &str,
        text: Option<String>,
        parse: impl FnOnce(&str) -> Result<T, (&'static str, E)>,
    ) -> Option<T> {
        parse(&text?)
            .map_err(|(code, error)| {
                let message = error.to_string();
                let message = Text::of(message.clone(), message.clone(), message);
                self.0.push(Violation::new(pointer, code, message));
            })
            .ok()
    }

    fn applicant(&mut self, raw: RawApplicant) -> Option<Applicant> {
        let name = |text: &str| PersonName::parse(text).map_err(|error| ("name", error));
        let tax_code = self.required("/applicant/tax_code", raw.tax_code, |text| {
            TaxCode::parse(text).map_err(|error| (error.code(), error))
        });
        let given_name = self.required("/applicant/given_name", raw.given_name, name);
        let family_name = self.required("/applicant/family_name", raw.family_name, name);
        let email = self.optional("/applicant/email", raw.email, |text| {
            Email::parse(text).map_err(|error| ("email", error))
        });
        let phone = self.optional("/applicant/phone", raw.phone, |text| {
            Phone::parse(text).map_err(|error| ("phone", error))
        });
        let iban = self.optional("/applicant/iban", raw.iban, |text| {
            Iban::parse(text).map_err(|error| (error.code(), error))
        });
        Some(Applicant {
            tax_code: tax_code?,
            given_name: given_name?,
            family_name: family_name?,
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn valid() -> Value {
        json!({
            "benefit": "indemnity-march-2020",
            "category": "self-employed",
            "applicant": {
                "tax_code": "RSSMRA80A01H501U",
                "given_name": "Mario",
                "family_name": "Rossi",
                "email": "mario.rossi@example.org",
                "iban": "IT60X0542811101000000123456",
            },
            "answers": { "vat_number": "12345678903" },
        })
    }

    fn violations(content: &str) -> Vec<(String, String)> {
        let violations = Application::parse(content.as_bytes()).unwrap_err();
        assert!(!violations.is_empty());
        violations
            .into_iter()
            .map(|v| (v.pointer, v.code.into_owned()))
            .collect()
    }

    #[test]
    fn a_valid_content_is_parsed() {
        let application = Application::parse(valid().to_string().as_bytes()).unwrap();
        assert_eq!(application.benefit.as_str(), "indemnity-march-2020");
        assert_eq!(application.applicant.tax_code.as_str(), "RSSMRA80A01H501U");
        let shown = format!("{application:?}");
        for personal in ["RSSMRA", "Mario", "Rossi", "mario", "IT60", "1234567"] {
            assert!(!shown.contains(personal), "{shown}");
        }
    }

    #[test]
    fn every_violation_is_told_at_once() {
        assert_eq!(
            violations(r#"{"applicant": {"tax_code": "X", "given_name": "Anna", "iban": "IT"}}"#),
            [
                ("/benefit".into(), "required".into()),
                ("/applicant/tax_code".into(), "tax_code_length".into()),
                ("/applicant/family_name".into(), "required".into()),
                ("/applicant/iban".into(), "iban_format".into()),
            ]
        );
    }

    #[test]
    fn what_is_not_such_json_is_refused_with_its_place() {
        assert_eq!(violations("{"), [(String::new(), "not_json".into())]);
        assert_eq!(violations("[]x"), [(String::new(), "unexpected".into())]);
        assert_eq!(
            violations(r#"["indemnity-march-2020", null, {}, {}]"#),
            [(String::new(), "unexpected".into())]
        );
        let mut list = valid();
        list["applicant"] = json!(["RSSMRA80A01H501U", "Mario", "Rossi", null, null, null]);
        assert_eq!(
            violations(&list.to_string()),
            [("/applicant".into(), "unexpected".into())]
        );
        assert_eq!(
            violations(&format!("{} x", valid())),
            [(String::new(), "not_json".into())]
        );
        let mut unknown = valid();
        unknown["applicant"]["shoe/size"] = json!(42);
        assert_eq!(
            violations(&unknown.to_string()),
            [("/applicant/shoe~1size".into(), "unexpected".into())]
        );
        let mut number = valid();
        number["applicant"]["tax_code"] = json!(42);
        assert_eq!(
            violations(&number.to_string()),
            [("/applicant/tax_code".into(), "unexpected".into())]
        );
    }

    #[test]
    fn a_nul_character_is_refused_wherever_it_stands() {
        for answers in [
            json!({"a": "x\0"}),
            json!({"a": [{"b": "\0"}]}),
            json!({"a\0": 1}),
        ] {
            let mut content = valid();
            content["answers"] = answers;
            assert_eq!(
                violations(&content.to_string()),
                [("/answers/a".into(), "nul_character".into())]
            );
        }
        let mut name = valid();
        name["applicant"]["given_name"] = json!("Ma\0rio");
        assert_eq!(
            violations(&name.to_string()),
            [("/applicant/given_name".into(), "name".into())]
        );
    }

    #[test]
    fn messages_never_repeat_what_was_sent() {
        let mut content = valid();
        content["applicant"]["tax_code"] = json!("SECRETSECRET");
        content["applicant"]["iban"] = json!("SECRETSECRET");
        content["applicant"]["email"] = json!("SECRETSECRET");
        let told = format!(
            "{:?}",
            Application::parse(content.to_string().as_bytes()).unwrap_err()
        );
        assert!(!told.contains("SECRET"));
        content["applicant"] = json!("SECRETSECRET");
        let told = format!(
            "{:?}",
            Application::parse(content.to_string().as_bytes()).unwrap_err()
        );
        assert!(!told.contains("SECRET"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Application::parse(&bytes);
        }
    }
}
