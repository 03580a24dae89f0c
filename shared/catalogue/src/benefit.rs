//! A benefit: what its file says, applied.

use jiff::Timestamp;
use serde_json::Value;
use sportello_domain::{
    AcceptedApplication, Answers, Application, BenefitId, BudgetKey, BudgetRule, CatalogueVersion,
    CategoryId, Channel, Order, Reason, Retention, Ruling, Subject, Text, Violation,
};

use crate::declared::{
    Amount, ApplicantField, Budget, Category, CategoryForm, Declared, Drawing, OnePer, OrderPolicy,
};
use crate::document;
use crate::form::Form;
use crate::metrics::metrics;
use crate::mistake::Mistake;
use crate::parse;
use crate::rule::{self, Judgement, Rule, RuleFailure, RuleSource};
use crate::windows::{closed, next_opening};

/// A benefit as its file declares it: read, checked, and never changed.
pub struct Benefit {
    pub(crate) version: CatalogueVersion,
    pub(crate) declared: Declared,
    /// One a category, in their order; one alone where there are none.
    pub(crate) forms: Vec<CategoryForm>,
    pub(crate) rules: Vec<Rule>,
    /// The rules as they are written.
    pub(crate) written_rules: Vec<RuleSource>,
    pub(crate) example: Value,
}

impl Benefit {
    /// Reads a benefit's file (at most 256 KiB) and tries its example.
    ///
    /// # Errors
    /// Every mistake at once, in the order of the file; only the first where it is no TOML.
    pub fn parse(file: &str) -> Result<Self, Vec<Mistake>> {
        parse::benefit(file)
    }

    /// The benefit's id, which names its file too.
    #[must_use]
    pub fn id(&self) -> &BenefitId {
        &self.declared.id
    }

    /// The version of the file.
    #[must_use]
    pub fn version(&self) -> &CatalogueVersion {
        &self.version
    }

    /// Why a channel is closed at an instant, where it is. Hours are those that the clocks in Italy show.
    #[must_use]
    pub fn closed(&self, channel: Channel, at: Timestamp) -> Option<Reason> {
        closed(&self.declared.opening, self.declared.windows.of(channel), at)
    }

    /// The first instant from `at` on at which a channel is open; nothing where it does not open again.
    #[must_use]
    pub fn next_opening(&self, channel: Channel, at: Timestamp) -> Option<Timestamp> {
        next_opening(&self.declared.opening, self.declared.windows.of(channel), at)
    }

    /// Everything that is wrong with an application for this benefit. Rules are asked where the form is filled in well.
    ///
    /// A rule that can't be evaluated counts as not violated; it is logged and counted by its code.
    #[must_use]
    pub fn validate(&self, application: &Application) -> Vec<Violation> {
        let (violations, failures) = self.judge(application);
        for RuleFailure { code } in failures {
            tracing::warn!(benefit = %self.id(), code, "a rule could not be evaluated");
            metrics().rule_failed(self.id().as_str(), code);
        }
        violations
    }

    /// As [`Benefit::validate`], with the rules that could not be evaluated.
    pub(crate) fn judge(&self, application: &Application) -> (Vec<Violation>, Vec<RuleFailure<'_>>) {
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
        } = rule::judge(&self.rules, application);
        violations.extend(of_rules);
        (violations, failures)
    }

    /// What is wrong with the category and with the answers to its form.
    pub(crate) fn judge_answers(&self, category: Option<&CategoryId>, answers: &Answers) -> Vec<Violation> {
        // without its category nobody knows which form it is
        if let Some(violation) = self.category_violation(category) {
            return vec![violation];
        }
        let form = self.category_form(category);
        form.map_or_else(Vec::new, |form| form.violations(answers.as_json()))
    }

    /// The whole form of a category.
    pub(crate) fn form_of(&self, category: Option<&CategoryId>) -> Result<&Value, Violation> {
        let form = self.category_form(category).map(Form::schema);
        form.ok_or_else(|| {
            let violation = self.category_violation(category);
            violation.unwrap_or_else(|| Violation::required("/category"))
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
            None => Some(Violation::required("/category")),
            Some(_) if self.declared.categories.is_empty() => {
                Some(Violation::new("/category", "category_not_expected", NOT_EXPECTED))
            }
            Some(category) if self.declared.category(category).is_none() => {
                Some(Violation::new("/category", "category_unknown", UNKNOWN))
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
            .map(|field| Violation::required(&format!("/applicant/{}", field.as_str())))
    }

    /// What this benefit says of an application that intake accepted: all that deciding on it needs.
    #[must_use]
    pub fn ruling(&self, accepted: &AcceptedApplication) -> Ruling {
        let application = &accepted.application;
        let category = (application.category.as_ref()).and_then(|category| self.declared.category(category));
        Ruling {
            closed: (!accepted.opened_by_operator)
                .then(|| self.closed(accepted.submitter.channel(), accepted.received_at))
                .flatten(),
            one_per: self.subjects(application),
            amount_cents: self
                .amount(category)
                .map(|amount| cents(amount, application.answers.as_json())),
            budget: self.budget_key(category),
            version: self.version.clone(),
        }
    }

    fn subjects(&self, application: &Application) -> Vec<Subject> {
        let answers = application.answers.as_json();
        let mut subjects = Vec::new();
        for one_per in &self.declared.one_per {
            match one_per {
                OnePer::Applicant => subjects.push(Subject::from(&application.applicant.tax_code)),
                OnePer::Answer(pointer) => {
                    let texts = pointer.find(answers).into_iter().filter_map(Value::as_str);
                    subjects.extend(texts.map(Subject::of));
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

    /// The budgets that the file declares: the benefit's and those of its categories.
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
        }
    }

    /// How long its applications are kept, and what becomes of them then.
    #[must_use]
    pub fn retention(&self) -> Retention {
        let declared = &self.declared.retention;
        Retention {
            benefit: self.id().clone(),
            ends: declared.ends,
            then: declared.then,
        }
    }

    /// Everything that the file says, in all languages, for the API: no personal data but the invented example.
    ///
    /// The same file gives the same document. Amounts are in euro; forms are JSON Schema (2020-12).
    #[must_use]
    pub fn document(&self) -> Value {
        document::document(self)
    }

    /// What a list of benefits shows: id, version, title, law, opening, windows and categories.
    #[must_use]
    pub fn summary(&self) -> Value {
        document::summary(self)
    }

    /// The whole forms, as JSON Schema: one a category, or one alone where there are none.
    pub fn forms(&self) -> impl Iterator<Item = (Option<&CategoryId>, &Value)> {
        self.forms
            .iter()
            .map(|form| (form.category.as_ref(), form.form.schema()))
    }

    /// An invented application that passes every rule.
    #[must_use]
    pub fn example(&self) -> Value {
        self.example.clone()
    }
}

fn cents(amount: &Amount, answers: &Value) -> i64 {
    match amount {
        Amount::Fixed(cents) => *cents,
        Amount::Requested { pointer, at_most } => {
            let answer = pointer.find(answers).into_iter().next();
            answer
                .and_then(|answer| crate::money::cents_asked(answer, *at_most))
                .unwrap_or(*at_most)
        }
    }
}

fn order(policy: &OrderPolicy) -> Order {
    match policy {
        OrderPolicy::Arrival => Order::Arrival,
        OrderPolicy::None => Order::None,
        OrderPolicy::Lottery(drawing) => Order::Lottery {
            seed: drawing.as_ref().map(|Drawing { seed, .. }| seed.clone()),
        },
    }
}
