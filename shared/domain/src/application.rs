//! An application's content, parsed from the JSON that was sent.

mod reading;
mod warnings;

use jiff::Timestamp;
use serde_json::Value;

use crate::applicant::Applicant;
use crate::batch::BatchRow;
use crate::content::Content;
use crate::digest::ContentDigest;
use crate::identifiers::{BenefitId, CatalogueVersion, CategoryId};
use crate::ids::ApplicationId;
use crate::mandate::{self, Mandate};
use crate::submitter::{Channel, Submitter};
use crate::violation::Violation;

pub(crate) use reading::read_object;

/// What is asked for, for whom, and the answers to the benefit's form.
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    /// What is asked for.
    pub benefit: BenefitId,
    /// The group of people, where the benefit has several.
    pub category: Option<CategoryId>,
    /// What an intermediary acts with.
    pub mandate: Option<Mandate>,
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

/// What can be read of a content besides the applicant: enough to judge the answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// What is asked for.
    pub benefit: BenefitId,
    /// The group of people, where the benefit has several.
    pub category: Option<CategoryId>,
    /// Answers to the benefit's form. Personal data.
    pub answers: Answers,
}

impl Answered {
    /// Reads a content that [`Application::parse`] refuses; nothing where these parts are at fault too.
    #[must_use]
    pub fn read(json: &[u8]) -> Option<Self> {
        reading::answered(json)
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
    /// Whether an operator had opened the channel, so that its hours do not count.
    pub opened_by_operator: bool,
    /// The batch that it came in and its place there.
    pub batch: Option<BatchRow>,
    /// The content.
    pub application: Application,
}

impl Application {
    /// Parses a content. All violations are told at once, except where the JSON itself can't be read.
    ///
    /// # Errors
    /// At least one [`Violation`]; none repeats a value that was sent.
    pub fn parse(json: &[u8]) -> Result<Self, Vec<Violation>> {
        reading::parse(json)
    }

    /// As [`Application::parse`], with what was sent.
    ///
    /// # Errors
    /// As [`Application::parse`].
    pub fn parse_sent(json: &[u8]) -> Result<(Self, Content<'_>), Vec<Violation>> {
        Self::parse(json).map(|application| (application, Content::of_json(json)))
    }

    /// What is wrong with the mandate of an application that comes by this channel: an intermediary names one, a citizen
    /// none.
    #[must_use]
    pub fn mandate_violation(&self, channel: Channel) -> Option<Violation> {
        mandate::violation(self.mandate.as_ref(), channel)
    }

    /// What to look at again, though it is no reason to refuse: a name or a birthday that the tax code contradicts.
    /// Names are spelt in several ways and change; codes may be of before.
    #[must_use]
    pub fn warnings(&self) -> Vec<Violation> {
        warnings::of(&self.applicant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;
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
            "answers": { "vat_number": "12345670157" },
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
    fn a_mandate_that_is_not_there_is_left_out() {
        let mut content = valid();
        content["mandate"] = json!(null);
        assert_eq!(
            violations(&content.to_string()),
            [("/mandate".into(), "unexpected".into())]
        );
        content["mandate"] = json!("PA-2020/000123");
        let application = Application::parse(content.to_string().as_bytes()).unwrap();
        assert_eq!(application.mandate.unwrap().as_str(), "PA-2020/000123");
    }

    #[test]
    fn violations_are_told_in_three_languages() {
        let mut content = valid();
        content["benefit"] = json!("NO");
        content["category"] = json!("NO");
        content["applicant"] = json!({
            "tax_code": "RSSMRA80A01H501X", "given_name": "", "family_name": "1", "birth_date": "1980",
            "email": "x", "phone": "x", "iban": "x",
        });
        let violations = Application::parse(content.to_string().as_bytes()).unwrap_err();
        assert_eq!(violations.len(), 9);
        for violation in violations {
            let texts: std::collections::HashSet<_> = Language::ALL
                .into_iter()
                .map(|language| violation.clone().localised(language).message)
                .collect();
            assert_eq!(texts.len(), 3, "{violation:?}");
        }
    }

    #[test]
    fn a_birthday_of_another_century_or_not_written_as_a_date_is_refused() {
        for birth_date in ["2999-01-01", "01/01/1980"] {
            let mut content = valid();
            content["applicant"]["birth_date"] = json!(birth_date);
            assert_eq!(
                violations(&content.to_string()),
                [("/applicant/birth_date".into(), "birth_date".into())]
            );
        }
    }

    #[test]
    fn names_and_birthday_that_the_tax_code_contradicts_are_warnings() {
        let warnings = |given_name: &str, family_name: &str, birth_date: &str| -> Vec<String> {
            let mut content = valid();
            content["applicant"]["given_name"] = json!(given_name);
            content["applicant"]["family_name"] = json!(family_name);
            content["applicant"]["birth_date"] = json!(birth_date);
            let application = Application::parse(content.to_string().as_bytes()).unwrap();
            let shown = format!("{application:?}");
            assert!(!shown.contains("1980"), "{shown}");
            let warnings = application.warnings().into_iter();
            warnings.map(|v| format!("{} {}", v.pointer, v.code)).collect()
        };
        assert_eq!(warnings("Mario", "Rossi", "1980-01-01"), [""; 0]);
        assert_eq!(warnings("màrio", "ROSSI", "1980-01-01"), [""; 0]);
        assert_eq!(warnings("李", "Росси", "1980-01-01"), [""; 0]);
        assert_eq!(
            warnings("Anna", "Bianchi", "1980-10-01"),
            [
                "/applicant/given_name name_mismatch",
                "/applicant/family_name name_mismatch",
                "/applicant/birth_date birth_date_mismatch",
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
