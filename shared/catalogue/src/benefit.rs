//! A benefit: applies the content of its file.

use std::num::NonZeroU32;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sportello_domain::{
    AcceptedApplication, Answers, Application, BenefitId, BudgetKey, BudgetRule, CatalogueVersion,
    CategoryId, Channel, Order, Reason, Retention, Ruling, Subject, Text, Violation,
};

use crate::declared::{
    Amount, ApplicantField, Budget, Category, CategoryForm, Declared, Drawing, OnePer, OrderPolicy,
};
use crate::form::Form;
use crate::metrics::metrics;
use crate::rule::{self, Judgement, Rule, RuleFailure, RuleSource};
use crate::windows::{closed, next_closing, next_opening};

/// A benefit as its file declares it: parsed, checked, immutable.
pub struct Benefit {
    pub(crate) version: CatalogueVersion,
    pub(crate) declared: Declared,
    /// One for each category, in their order; a single one without categories.
    pub(crate) forms: Vec<CategoryForm>,
    pub(crate) rules: Vec<Rule>,
    /// The rules as the file writes them.
    pub(crate) written_rules: Vec<RuleSource>,
    pub(crate) example: Value,
}

impl Benefit {
    /// Returns the benefit's id, which is also the name of its file.
    #[must_use]
    pub fn id(&self) -> &BenefitId {
        &self.declared.id
    }

    /// Returns the benefit's name.
    #[must_use]
    pub fn title(&self) -> &Text {
        &self.declared.title
    }

    /// Returns the name of a category.
    #[must_use]
    pub fn category_title(&self, category: &CategoryId) -> Option<&Text> {
        self.declared.category(category).map(|category| &category.title)
    }

    /// Returns the version of the file.
    #[must_use]
    pub fn version(&self) -> &CatalogueVersion {
        &self.version
    }

    /// Returns how many applications an organisation may send for one applicant in a day.
    #[must_use]
    pub fn per_applicant(&self) -> NonZeroU32 {
        self.declared.per_applicant
    }

    /// Returns why a channel is closed at an instant, if it is. Hours are Italian local time.
    #[must_use]
    pub fn closed(&self, channel: Channel, at: Timestamp) -> Option<Reason> {
        closed(&self.declared.opening, self.declared.windows.of(channel), at)
    }

    /// Returns the first instant from `at` on at which a channel is open, or nothing if it does not
    /// open again.
    #[must_use]
    pub fn next_opening(&self, channel: Channel, at: Timestamp) -> Option<Timestamp> {
        next_opening(&self.declared.opening, self.declared.windows.of(channel), at)
    }

    /// Returns the first instant after `at` at which a channel that is open at `at` is closed, or
    /// nothing if it is closed then.
    #[must_use]
    pub fn next_closing(&self, channel: Channel, at: Timestamp) -> Option<Timestamp> {
        next_closing(&self.declared.opening, self.declared.windows.of(channel), at)
    }

    /// Returns all violations of an application for this benefit, received at an instant. Rules run
    /// only if the form is filled in correctly.
    ///
    /// A rule that can't be evaluated counts as not violated; it is logged and counted by its code.
    #[must_use]
    pub fn validate(&self, application: &Application, received_at: Timestamp) -> Vec<Violation> {
        let (violations, failures) = self.judge(application, received_at);
        for RuleFailure { code } in failures {
            tracing::warn!(benefit = %self.id(), code, "a rule could not be evaluated");
            metrics().rule_failed(self.id().as_str(), code);
        }
        violations
    }

    /// As [`Benefit::validate`], also with the rules that could not be evaluated.
    pub(crate) fn judge(
        &self,
        application: &Application,
        received_at: Timestamp,
    ) -> (Vec<Violation>, Vec<RuleFailure<'_>>) {
        let mut violations: Vec<Violation> = self.missing_of_applicant(application).collect();
        let of_answers = self.judge_answers(application.category.as_ref(), &application.answers);
        let fits = of_answers.is_empty();
        violations.extend(of_answers);
        if !fits {
            return (violations, Vec::new());
        }
        let Judgement {
            violations: of_rules,
            failures,
        } = rule::judge(&self.rules, application, received_at);
        violations.extend(of_rules);
        (violations, failures)
    }

    /// Returns the violations of the form of an application that has other mistakes. Does not run
    /// the rules.
    pub(crate) fn judge_form(&self, application: &Application) -> Vec<Violation> {
        let of_answers = self.judge_answers(application.category.as_ref(), &application.answers);
        self.missing_of_applicant(application).chain(of_answers).collect()
    }

    /// Returns the violations of the category and of the answers to its form.
    pub(crate) fn judge_answers(&self, category: Option<&CategoryId>, answers: &Answers) -> Vec<Violation> {
        // without a category the form is unknown
        if let Some(violation) = self.category_violation(category) {
            return vec![violation];
        }
        let form = self.category_form(category);
        form.map_or_else(Vec::new, |form| form.violations(answers.as_json()))
    }

    /// Returns the whole form of a category.
    pub(crate) fn form_of(&self, category: Option<&CategoryId>) -> Result<&Value, Violation> {
        let form = self.category_form(category).map(Form::schema);
        form.ok_or_else(|| {
            let violation = self.category_violation(category);
            violation.unwrap_or_else(|| Violation::required(["category"]))
        })
    }

    fn category_form(&self, category: Option<&CategoryId>) -> Option<&Form> {
        let mut forms = self.forms.iter();
        forms
            .find(|form| form.category.as_ref() == category)
            .map(|CategoryForm { form, .. }| form)
    }

    fn category_violation(&self, category: Option<&CategoryId>) -> Option<Violation> {
        const UNKNOWN: Text = Text::fixed(
            "questa prestazione non prevede questa categoria",
            "the benefit has no such category",
            "diese Leistung sieht diese Kategorie nicht vor",
        );
        const NOT_EXPECTED: Text = Text::fixed(
            "questa prestazione non ha categorie",
            "the benefit has no categories",
            "diese Leistung hat keine Kategorien",
        );
        match category {
            None if self.declared.categories.is_empty() => None,
            None => Some(Violation::required(["category"])),
            Some(_) if self.declared.categories.is_empty() => Some(Violation::new(
                ["category"],
                "category_not_expected",
                NOT_EXPECTED,
            )),
            Some(category) if self.declared.category(category).is_none() => {
                Some(Violation::new(["category"], "category_unknown", UNKNOWN))
            }
            Some(_) => None,
        }
    }

    fn missing_of_applicant(&self, application: &Application) -> impl Iterator<Item = Violation> {
        let applicant = &application.applicant;
        let is_missing = move |field: &&ApplicantField| match field {
            ApplicantField::Email => applicant.email.is_none(),
            ApplicantField::Phone => applicant.phone.is_none(),
            ApplicantField::Iban => applicant.iban.is_none(),
            ApplicantField::BirthDate => applicant.birth_date.is_none(),
        };
        let required = self.declared.required_of_applicant.iter();
        required
            .filter(is_missing)
            .map(|field| Violation::required(["applicant", field.as_str()]))
    }

    /// Returns the ruling on an accepted application: the benefit's part of the decision.
    ///
    /// Intake may have validated it with another version of the file, so any application gets a
    /// ruling. An unknown category counts as the whole benefit; a missing amount as the highest
    /// amount; a value that is not text names no subject. Each such case is logged and counted.
    #[must_use]
    pub fn ruling(&self, accepted: &AcceptedApplication) -> Ruling {
        let (ruling, unfit) = self.rule(accepted);
        for unfit in unfit {
            let (benefit, unfit) = (self.id(), unfit.as_str());
            tracing::warn!(%benefit, unfit, "an accepted application does not fit its benefit's current file");
            metrics().unfit(benefit.as_str(), unfit);
        }
        ruling
    }

    /// As [`Benefit::ruling`], also with the parts that do not fit.
    fn rule(&self, accepted: &AcceptedApplication) -> (Ruling, Vec<Unfit>) {
        let application = &accepted.application;
        let mut unfit = Vec::new();
        let category = application.category.as_ref();
        let known = category.and_then(|category| self.declared.category(category));
        if self.category_violation(category).is_some() {
            unfit.push(Unfit::Category);
        }
        let answers = application.answers.as_json();
        let mut cents = |amount| {
            cents(amount, answers).unwrap_or_else(|at_most| {
                unfit.push(Unfit::Amount);
                at_most
            })
        };
        let amount_cents = self.amount(known).map(&mut cents);
        let ruling = Ruling {
            closed: (!accepted.hours_judged)
                .then(|| self.closed(accepted.submitter.channel(), accepted.received_at))
                .flatten(),
            one_per: self.subjects(application, &mut unfit),
            amount_cents,
            budget: self.budget_key(known),
            version: self.version.clone(),
        };
        (ruling, unfit)
    }

    fn subjects(&self, application: &Application, unfit: &mut Vec<Unfit>) -> Vec<Subject> {
        let answers = application.answers.as_json();
        let mut subjects = Vec::new();
        for one_per in &self.declared.one_per {
            match one_per {
                OnePer::Applicant => subjects.push(Subject::from(&application.applicant.tax_code)),
                OnePer::Answer(pointer) => {
                    for answer in pointer.find(answers) {
                        match answer.as_str() {
                            Some(text) => subjects.push(Subject::of(text)),
                            None => unfit.push(Unfit::Subject),
                        }
                    }
                }
            }
        }
        let mut distinct: Vec<Subject> = Vec::with_capacity(subjects.len());
        for subject in subjects {
            if !distinct.contains(&subject) {
                distinct.push(subject);
            }
        }
        distinct
    }

    fn amount<'a>(&'a self, category: Option<&'a Category>) -> Option<&'a Amount> {
        category
            .and_then(|category| category.amount.as_ref())
            .or(self.declared.amount.as_ref())
    }

    fn budget_key(&self, category: Option<&Category>) -> Option<BudgetKey> {
        let own = category.filter(|category| category.budget.is_some());
        (own.is_some() || self.declared.budget.is_some()).then(|| BudgetKey {
            benefit: self.id().clone(),
            category: own.map(|category| category.id.clone()),
        })
    }

    /// Returns the budgets in the file: the benefit's and those of its categories.
    #[must_use]
    pub fn budget_rules(&self) -> Vec<BudgetRule> {
        let own = self.declared.budget.map(|budget| self.budget_rule(None, budget));
        let of_categories = self
            .declared
            .categories
            .iter()
            .filter_map(|category| Some(self.budget_rule(Some(&category.id), category.budget?)));
        own.into_iter().chain(of_categories).collect()
    }

    fn budget_rule(&self, category: Option<&CategoryId>, budget: Budget) -> BudgetRule {
        BudgetRule {
            key: BudgetKey {
                benefit: self.id().clone(),
                category: category.cloned(),
            },
            cap_cents: budget.cap_cents,
            past_cap: budget.past_cap,
            order: order(&self.declared.order),
            closes: self.declared.opening.closes,
            version: self.version.clone(),
        }
    }

    /// Returns how far the clock of a receiving process may be wrong, if order of arrival decides
    /// who gets the money.
    #[must_use]
    pub fn clock_tolerance(&self) -> Option<SignedDuration> {
        match self.declared.order {
            OrderPolicy::Arrival {
                clock_tolerance_seconds,
            } => Some(SignedDuration::from_secs(clock_tolerance_seconds.into())),
            OrderPolicy::None | OrderPolicy::Lottery(_) => None,
        }
    }

    /// Returns how long its applications are kept, and how they are forgotten.
    #[must_use]
    pub fn retention(&self) -> Retention {
        let declared = &self.declared.retention;
        Retention {
            benefit: self.id().clone(),
            ends: declared.ends,
            then: declared.then,
        }
    }

    /// Returns the names of the fields that the applicant must give besides name and tax code.
    pub fn required_of_applicant(&self) -> impl Iterator<Item = &'static str> {
        let required = self.declared.required_of_applicant.iter();
        required.map(|field| field.as_str())
    }

    /// Returns the whole forms, as JSON Schema: one for each category, or a single one without
    /// categories.
    pub fn forms(&self) -> impl Iterator<Item = (Option<&CategoryId>, &Value)> {
        self.forms
            .iter()
            .map(|form| (form.category.as_ref(), form.form.schema()))
    }

    /// Returns an invented application that passes every rule.
    #[must_use]
    pub fn example(&self) -> Value {
        self.example.clone()
    }
}

/// A part of an accepted application that does not fit the benefit's current file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unfit {
    /// The category is unknown, or missing although the benefit has categories.
    Category,
    /// The amount is not a number.
    Amount,
    /// A subject for which the benefit is given once is not a text.
    Subject,
}

impl Unfit {
    fn as_str(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Amount => "amount",
            Self::Subject => "subject",
        }
    }
}

/// Returns the amount of an application with these answers, in cents.
///
/// # Errors
/// The highest amount allowed, if the answers hold none.
fn cents(amount: &Amount, answers: &Value) -> Result<i64, i64> {
    match amount {
        Amount::Fixed(cents) => Ok(*cents),
        Amount::Requested { pointer, at_most } => {
            let answer = pointer.find(answers).into_iter().next();
            let asked = answer.and_then(|answer| crate::money::cents_asked(answer, *at_most));
            asked.ok_or(*at_most)
        }
    }
}

fn order(policy: &OrderPolicy) -> Order {
    match policy {
        OrderPolicy::Arrival { .. } => Order::Arrival,
        OrderPolicy::None => Order::None,
        OrderPolicy::Lottery(drawing) => Order::Lottery {
            seed: drawing.as_ref().map(|Drawing { seed, .. }| seed.clone()),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sportello_domain::{ApplicationId, ContentDigest, Submitter, TaxCode};
    use uuid::Uuid;

    use super::*;

    fn accepted(content: &Value) -> AcceptedApplication {
        AcceptedApplication {
            id: ApplicationId::from(Uuid::nil()),
            submitter: Submitter::Citizen(TaxCode::parse("BNCNNA85S43H501O").unwrap()),
            received_at: Timestamp::UNIX_EPOCH,
            content_digest: ContentDigest::of(b""),
            validated_with: CatalogueVersion::of(b"another"),
            hours_judged: true,
            batch: None,
            application: Application::parse(content.to_string().as_bytes()).unwrap(),
        }
    }

    #[test]
    fn what_does_not_fit_the_file_is_ruled_on_and_reported() {
        let file = include_str!("../../../catalogue/baby-sitting-bonus-2020.toml");
        let benefit = Benefit::parse(file).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let good = benefit.example();
        assert_eq!(benefit.rule(&accepted(&good)).1, []);
        for (pointer, value, unfit) in [
            ("/category", json!("astronauts"), Unfit::Category),
            ("/answers/amount", json!("600"), Unfit::Amount),
            ("/answers/amount", json!(null), Unfit::Amount),
            ("/answers/children/1/tax_code", json!(7), Unfit::Subject),
        ] {
            let mut content = good.clone();
            *content.pointer_mut(pointer).unwrap() = value;
            let (ruling, told) = benefit.rule(&accepted(&content));
            assert_eq!(
                (ruling.amount_cents, told),
                (Some(60_000), vec![unfit]),
                "{pointer}"
            );
        }
    }
}
