//! What the pages say of a benefit: its document, as types.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Time;
use serde::Deserialize;
use serde_json::Value;
use sportello_catalogue::{Benefit, Catalogue};
use sportello_domain::{Channel, Language, Reason};

use crate::words::{Told, instants_of};

/// A benefit's document, as intake answers it at `GET /v1/benefits/{id}`.
#[derive(Debug, Deserialize)]
pub(crate) struct Facts {
    pub(crate) id: String,
    pub(crate) title: Told,
    pub(crate) help: Told,
    pub(crate) law: Law,
    pub(crate) opening: Opening,
    pub(crate) windows: Windows,
    pub(crate) one_per: Vec<String>,
    /// Also those benefits that name this one.
    pub(crate) incompatible_with: BTreeSet<String>,
    pub(crate) required_of_applicant: Vec<String>,
    pub(crate) order: Order,
    pub(crate) retention: Retention,
    pub(crate) amount: Option<Amount>,
    pub(crate) budget: Option<Budget>,
    form: Option<Form>,
    #[serde(default)]
    pub(crate) categories: Vec<Category>,
    /// The document itself, for scripts.
    #[serde(skip)]
    pub(crate) document: String,
    /// Whether persons can apply at the instant of the rendering.
    #[serde(skip)]
    pub(crate) state: State,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Law {
    pub(crate) act: String,
    pub(crate) articles: Vec<String>,
    pub(crate) url: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Opening {
    pub(crate) opens: Timestamp,
    pub(crate) closes: Timestamp,
}

/// Daily hours of each channel; empty where it is open all day.
#[derive(Debug, Deserialize)]
pub(crate) struct Windows {
    #[serde(default)]
    pub(crate) citizen: Vec<String>,
    #[serde(default)]
    pub(crate) intermediary: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Order {
    pub(crate) policy: Policy,
    pub(crate) seed: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Policy {
    None,
    Arrival,
    Lottery,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Retention {
    pub(crate) days: i32,
    pub(crate) ends: Timestamp,
    pub(crate) then: Disposal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Disposal {
    Pseudonymise,
    Purge,
}

/// An amount in euro.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Amount {
    Fixed { fixed: f64 },
    Requested { at_most: f64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(crate) struct Budget {
    /// In euro.
    pub(crate) cap: f64,
    pub(crate) past_cap: PastCap,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PastCap {
    Reserve,
    Refuse,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Category {
    pub(crate) title: Told,
    pub(crate) help: Option<Told>,
    pub(crate) articles: Vec<String>,
    pub(crate) amount: Option<Amount>,
    pub(crate) budget: Option<Budget>,
    form: Form,
}

/// The part of a form's schema that the pages read out.
#[derive(Debug, Deserialize)]
struct Form {
    #[serde(default)]
    order: Vec<String>,
    #[serde(default)]
    required: Vec<String>,
    #[serde(default)]
    properties: std::collections::BTreeMap<String, Property>,
}

#[derive(Debug, Deserialize)]
struct Property {
    label: Told,
    help: Option<Told>,
    #[serde(rename = "const")]
    constant: Option<Value>,
}

/// A question of a form.
pub(crate) struct Question<'a> {
    pub(crate) name: &'a str,
    pub(crate) label: &'a str,
    pub(crate) help: Option<&'a str>,
    pub(crate) is_required: bool,
    /// Whether it is a declaration to confirm.
    pub(crate) is_declaration: bool,
}

/// Whether persons can apply at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum State {
    /// Until this instant, at which the benefit closes or the day's hours end.
    Open {
        until: Timestamp,
    },
    /// Outside the day's hours.
    Paused {
        opens: Timestamp,
    },
    Before,
    #[default]
    Over,
}

impl State {
    pub(crate) fn of(benefit: &Benefit, opening: &Opening, windows: &Windows, at: Timestamp) -> Self {
        let closed = |at| benefit.closed(Channel::Citizen, at);
        match closed(at) {
            None => {
                let ends = windows.citizen.iter().filter_map(|window| end(window));
                let ends = ends.flat_map(|end| instants_of(at, end));
                let next = ends.filter(|end| *end > at && closed(*end).is_some()).min();
                let until = next.map_or(opening.closes, |end| end.min(opening.closes));
                Self::Open { until }
            }
            Some(Reason::BeforeOpening) => Self::Before,
            Some(_) => match benefit.next_opening(Channel::Citizen, at) {
                Some(opens) => Self::Paused { opens },
                None => Self::Over,
            },
        }
    }
}

/// Returns the end of daily hours such as `16:00-08:00`.
fn end(window: &str) -> Option<Time> {
    let (_, to) = window.split_once('-')?;
    let to = if to == "24:00" { "00:00" } else { to };
    to.parse().ok()
}

impl Facts {
    /// Reads a benefit's document, and whether persons can apply at an instant.
    pub(crate) fn read(benefit: &Benefit, at: Timestamp) -> Result<Self, serde_json::Error> {
        let document = serde_json::to_value(benefit.document())?;
        let written = document.to_string();
        let mut facts: Self = serde_json::from_value(document)?;
        facts.document = written;
        facts.state = facts.state_of(benefit, at);
        Ok(facts)
    }

    /// Returns whether persons can apply at an instant; `benefit` is the one of these facts.
    pub(crate) fn state_of(&self, benefit: &Benefit, at: Timestamp) -> State {
        State::of(benefit, &self.opening, &self.windows, at)
    }

    /// Reads the documents of a catalogue, in the order of their ids.
    pub(crate) fn of_all(catalogue: &Catalogue, at: Timestamp) -> Result<Vec<Self>, serde_json::Error> {
        let all = catalogue.benefits().map(|benefit| Self::read(benefit, at));
        let mut all: Vec<Self> = all.collect::<Result<_, _>>()?;
        // it is enough that one of two benefits names the other
        let named: Vec<(String, String)> = all
            .iter()
            .flat_map(|facts| {
                facts
                    .incompatible_with
                    .iter()
                    .map(|other| (other.clone(), facts.id.clone()))
            })
            .collect();
        for (benefit, other) in named {
            if let Some(facts) = all.iter_mut().find(|facts| facts.id == benefit) {
                facts.incompatible_with.insert(other);
            }
        }
        Ok(all)
    }

    /// Returns the amounts of all categories, those of the benefit for categories without their
    /// own.
    pub(crate) fn amounts(&self) -> Vec<Amount> {
        let of_categories = self
            .categories
            .iter()
            .map(|category| category.amount.or(self.amount));
        let mut amounts: Vec<Amount> = Vec::new();
        let all = of_categories.chain(self.categories.is_empty().then_some(self.amount));
        for amount in all.flatten() {
            if !amounts.contains(&amount) {
                amounts.push(amount);
            }
        }
        amounts
    }

    /// Returns whether the money has a limit for anybody.
    pub(crate) fn has_limit(&self) -> bool {
        self.budget.is_some() || self.categories.iter().any(|category| category.budget.is_some())
    }

    /// Returns what happens past a limit.
    pub(crate) fn past_cap(&self) -> Option<PastCap> {
        let of_categories = self.categories.iter().filter_map(|category| category.budget);
        let budget = self.budget.into_iter().chain(of_categories).next();
        budget.map(|budget| budget.past_cap)
    }

    /// Returns the questions that everybody is asked.
    pub(crate) fn questions(&self, language: Language) -> Vec<Question<'_>> {
        if let Some(form) = &self.form {
            return form.questions(language);
        }
        let mut forms = self.categories.iter().map(|category| &category.form);
        let Some(first) = forms.next() else {
            return Vec::new();
        };
        let others: Vec<&Form> = forms.collect();
        let common = |question: &Question<'_>| {
            others
                .iter()
                .all(|form| form.properties.contains_key(question.name))
        };
        first.questions(language).into_iter().filter(common).collect()
    }

    /// Returns the questions that only a category is asked.
    pub(crate) fn own_questions<'a>(
        &'a self,
        category: &'a Category,
        language: Language,
    ) -> Vec<Question<'a>> {
        let common: Vec<&str> = self
            .questions(language)
            .iter()
            .map(|question| question.name)
            .collect();
        let own = category.form.questions(language).into_iter();
        own.filter(|question| !common.contains(&question.name)).collect()
    }
}

impl Form {
    fn questions(&self, language: Language) -> Vec<Question<'_>> {
        let known = self
            .order
            .iter()
            .filter_map(|name| self.properties.get_key_value(name));
        known
            .map(|(name, property)| Question {
                name,
                label: property.label.of(language),
                help: property.help.as_ref().map(|help| help.of(language)),
                is_required: self.required.contains(name),
                is_declaration: property.constant.as_ref() == Some(&Value::Bool(true)),
            })
            .collect()
    }
}
