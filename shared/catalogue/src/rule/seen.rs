//! The view that rules have of an application.

use std::collections::HashMap;
use std::sync::OnceLock;

use cel::Context;
use cel::common::types::{CelList, CelMap, CelMapKey, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use jiff::Timestamp;
use sportello_domain::{Application, CategoryId};

use super::function::{self, RECEIVED_ON};
use super::value;
use crate::windows::in_rome;

type Any<'a> = Box<dyn Val + 'a>;

/// An application as variables. Converting the answers costs most: it happens once for all rules,
/// and only if a rule needs them.
pub(super) struct Seen<'a> {
    application: &'a Application,
    answers: OnceLock<Any<'a>>,
    applicant: OnceLock<Any<'a>>,
    received_at: Timestamp,
    received_on: OnceLock<Any<'a>>,
    category: CelString<'a>,
}

impl<'a> Seen<'a> {
    pub(super) fn of(application: &'a Application, received_at: Timestamp) -> Self {
        let category = application.category.as_ref().map_or("", CategoryId::as_str);
        Self {
            application,
            answers: OnceLock::new(),
            applicant: OnceLock::new(),
            received_at,
            received_on: OnceLock::new(),
            category: CelString::from(category),
        }
    }

    /// Returns the context of a rule.
    pub(super) fn context<'s>(&'s self) -> Context<'s, 's> {
        let base: &'s Context<'s, 's> = function::base();
        let mut context = base.new_inner_scope();
        context.set_variable_resolver(self);
        context
    }

    /// Returns the elements of the list at `path` in the answers; empty if there is no list.
    pub(super) fn elements<'s>(&'s self, path: &'s [String]) -> &'s [Any<'s>] {
        let answers: &'s (dyn Val + 's) = self.answers();
        let found = path.iter().try_fold(answers, |value, name| {
            let fields = value.downcast_ref::<CelMap<'s>>()?;
            fields.get(&CelMapKey::from(name.as_str())).map(AsRef::as_ref)
        });
        found
            .and_then(|list| list.downcast_ref::<CelList<'s>>())
            .map_or(&[], CelList::inner)
    }

    fn answers(&self) -> &(dyn Val + 'a) {
        self.answers
            .get_or_init(|| value::of(self.application.answers.as_json()))
            .as_ref()
    }

    fn received_on(&self) -> &(dyn Val + 'a) {
        self.received_on
            .get_or_init(|| Box::new(CelString::from(in_rome(self.received_at).date().to_string())))
            .as_ref()
    }

    fn applicant(&self) -> &(dyn Val + 'a) {
        self.applicant
            .get_or_init(|| {
                let applicant = &self.application.applicant;
                let tax_code: Any<'a> = Box::new(CelString::from(applicant.tax_code.as_str()));
                let mut known = HashMap::from([(CelMapKey::from("tax_code"), tax_code)]);
                if let Some(date) = applicant.birth_date {
                    known.insert("birth_date".into(), Box::new(CelString::from(date.to_string())));
                }
                Box::new(CelMap::from(known))
            })
            .as_ref()
    }
}

impl VariableResolver for Seen<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        match variable {
            "answers" => Some(CowVal::Borrowed(self.answers())),
            "applicant" => Some(CowVal::Borrowed(self.applicant())),
            RECEIVED_ON => Some(CowVal::Borrowed(self.received_on())),
            "category" => Some(CowVal::Borrowed(&self.category)),
            _ => None,
        }
    }
}

/// One element of a list, as `item`.
pub(super) struct Element<'a>(pub(super) &'a (dyn Val + 'a));

impl<'a> Element<'a> {
    /// Returns the context of a rule for one element, inside the application's.
    pub(super) fn context<'s>(&'s self, around: &'s Context<'s, 's>) -> Context<'s, 's> {
        let mut context = around.new_inner_scope();
        context.set_variable_resolver(self);
        context
    }
}

impl VariableResolver for Element<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        (variable == "item").then(|| CowVal::Borrowed(self.0))
    }
}
