//! Each field of each form of the shipped benefits: what is sent through intake, queue and worker
//! is read back from the status service, value by value.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

use std::collections::BTreeSet;

use crate::office::{Accepted, Office, get};
use jiff::ToSpan as _;
use jiff::civil::date;
use loadtests::people::numbers::{italian_iban, vat_number};
use reqwest::StatusCode;
use serde_json::{Map, Value, json};
use sportello_catalogue::{Benefit, Catalogue};
use sportello_domain::{CategoryId, Channel, ContentDigest};
use sportello_people::Person;
use sportello_stack::catalogue::shipped;

const SEED: u64 = 20_201_129;
const AURORA: &str = "patronato-aurora";
/// Elements of each list, where the form allows as many.
const ELEMENTS: u64 = 2;

/// What is sent, and by whom.
struct Sample {
    person: Person,
    channel: Channel,
    content: Value,
}

/// Makes the values of one application.
struct Values {
    /// Makes them other than those of every other application.
    number: u64,
    /// The value that is chosen where there is a choice.
    choice: usize,
    /// Whether the people in it have a single name.
    single_names: bool,
}

impl Values {
    fn person(&self) -> Person {
        Person::invent(SEED, self.number)
    }

    fn content(
        &self,
        benefit: &Benefit,
        category: Option<&CategoryId>,
        form: &Value,
        channel: Channel,
    ) -> Value {
        let mut content = json!({
            "benefit": benefit.id(),
            "applicant": self.applicant(),
            "answers": self.group(form, 0),
        });
        if let Some(category) = category {
            content["category"] = json!(category);
        }
        if channel == Channel::Intermediary {
            content["mandate"] = json!(format!("PA-2020/{:06} à", self.number));
        }
        content
    }

    fn applicant(&self) -> Value {
        let person = self.person();
        let mut applicant = json!({
            "tax_code": person.tax_code.as_str(),
            "family_name": "D'Amico-Müller",
            "single_name": self.single_names,
            "birth_date": person.born.to_string(),
            "email": format!("nicolò.{}@example.org", self.number),
            "phone": format!("+39061{:07}", self.number),
            "iban": italian_iban(self.number),
        });
        if !self.single_names {
            applicant["given_name"] = json!("Nicolò 李");
        }
        applicant
    }

    /// All fields of a group; `element` is its place in a list.
    fn group(&self, schema: &Value, element: u64) -> Value {
        let fields = schema["properties"].as_object().expect("fields");
        let left_out = |name: &str| name == "given_name" && self.single_names;
        let fields = fields.iter().filter(|(name, _)| !left_out(name));
        let fields = fields.map(|(name, schema)| (name.clone(), self.value(name, schema, element)));
        Value::Object(fields.collect::<Map<_, _>>())
    }

    fn value(&self, name: &str, schema: &Value, element: u64) -> Value {
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
            return choices[self.choice % choices.len()].clone();
        }
        let middle = || {
            let bound = |keyword| schema[keyword].as_i64().expect("a whole bound");
            i64::midpoint(bound("minimum"), bound("maximum"))
        };
        match schema["type"].as_str().expect("a type") {
            "object" => self.group(schema, element),
            "array" => {
                let most = schema["maxItems"].as_u64().expect("an end");
                let elements = 0..ELEMENTS.min(most);
                elements
                    .map(|element| self.value(name, &schema["items"], element))
                    .collect()
            }
            "boolean" => json!(name != "single_name" || self.single_names),
            "integer" => json!(middle()),
            // to the cent
            "number" => format!("{}.25", middle()).parse().expect("a number"),
            "string" => self.text(name, schema, element).into(),
            other => panic!("no value of type {other}"),
        }
    }

    fn text(&self, name: &str, schema: &Value, element: u64) -> String {
        let number = ELEMENTS * self.number + element;
        match schema["format"].as_str() {
            Some("date") => {
                // periods of two days, a week apart
                let days = 7 * element + u64::from(name == "to");
                let days = i64::try_from(days).expect("few days");
                date(2020, 3, 10).saturating_add(days.days()).to_string()
            }
            Some("email") => format!("altro.{number}@example.org"),
            Some("family-name") => "Ñuñez Öz".to_owned(),
            Some("given-name") => "Zoë".to_owned(),
            Some("iban") => italian_iban(number),
            Some("phone") => format!("06{number:08}"),
            Some("tax-code") => Person::invent_child(SEED, number).tax_code.as_str().to_owned(),
            Some("vat-number") => vat_number(number),
            format => {
                assert!(
                    schema.get("pattern").is_none(),
                    "no value for the pattern of {name}"
                );
                assert_eq!(format, None, "no value for the format of {name}");
                let most = usize::try_from(schema["maxLength"].as_u64().expect("an end")).expect("few");
                format!("caffè ☕ \" \\ {number}").chars().take(most).collect()
            }
        }
    }
}

/// Two applications or more of each form by each channel: with both kinds of names, and with each
/// value to choose from.
fn samples(catalogue: &Catalogue) -> Vec<Sample> {
    let mut samples = Vec::new();
    for benefit in catalogue.benefits() {
        for (category, form) in benefit.forms() {
            let of_form = samples.len();
            for channel in Channel::ALL {
                for choice in 0..choices(form).max(2) {
                    let values = Values {
                        number: u64::try_from(samples.len()).expect("few"),
                        choice,
                        single_names: choice == 1,
                    };
                    samples.push(Sample {
                        person: values.person(),
                        channel,
                        content: values.content(benefit, category, form, channel),
                    });
                }
            }
            has_every_field(benefit, category, &samples[of_form..]);
        }
    }
    samples
}

/// The most values that a field of a form lets one choose from.
fn choices(form: &Value) -> usize {
    let fields = form["properties"].as_object().expect("fields").values();
    let choices = fields.filter_map(|field| Some(field.get("enum")?.as_array()?.len()));
    choices.max().unwrap_or(1)
}

/// Asserts that one of the samples has each field for which the benefit's own table has a column.
fn has_every_field(benefit: &Benefit, category: Option<&CategoryId>, samples: &[Sample]) {
    let template = benefit.batch_template(category).expect("a template");
    let beyond = |pointer: &str| {
        let indexes = pointer.split('/').filter_map(|token| token.parse::<u64>().ok());
        indexes.max().is_some_and(|index| index >= ELEMENTS)
    };
    let columns = template
        .columns
        .iter()
        .filter(|column| column.starts_with('/') && !beyond(column));
    let columns: BTreeSet<&String> = columns.collect();
    let missing = columns.iter().filter(|column| {
        let mut contents = samples.iter().map(|sample| &sample.content);
        !contents.any(|content| content.pointer(column).is_some())
    });
    let missing: Vec<_> = missing.collect();
    assert!(missing.is_empty(), "{}: {missing:?}", benefit.id());
    assert!(columns.len() > 10);
}

/// What the status service is to show.
fn shown(sample: &Sample, accepted: &Accepted) -> Value {
    let mut shown = sample.content.clone();
    shown["id"] = json!(accepted.id);
    shown["content_digest"] = json!(ContentDigest::of(sample.content.to_string().as_bytes()).to_string());
    let applicant = shown["applicant"].as_object_mut().expect("an applicant");
    // told where it is so
    if applicant["single_name"] == false {
        applicant.remove("single_name");
    }
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_every_shipped_form_comes_back_as_it_was_sent() {
    let catalogue = Catalogue::load(&shipped()).expect("the shipped catalogue");
    let samples = samples(&catalogue);
    let office = Office::open().await;
    let intake = office.intake.url();
    let mut sent = Vec::new();
    for (number, sample) in samples.iter().enumerate() {
        let token = match sample.channel {
            Channel::Citizen => office.issuer.token(&sample.person),
            Channel::Intermediary => office.issuer.organisation_token(AURORA),
        };
        let accepted = office
            .apply(intake, &token, &format!("key-{number}"), &sample.content)
            .await;
        sent.push((sample, token, accepted));
    }
    for (sample, token, accepted) in &sent {
        office.is_decided(token, accepted).await;
        let path = format!("/v1/applications/{}/content", accepted.id);
        let answer = get(office.status.url(), &path, token, None).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let mut read: Value = answer.json().await.expect("JSON");
        let received_at = read.as_object_mut().expect("an object").remove("received_at");
        assert!(received_at.is_some_and(|received_at| received_at.is_string()));
        assert_eq!(read, shown(sample, accepted));
    }
}
