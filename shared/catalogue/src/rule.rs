//! Rules between fields, in the Common Expression Language.

mod compile;
mod function;
mod value;

use std::collections::{BTreeSet, HashMap};

use cel::common::types::{CelMap, CelMapKey, CelString};
use cel::common::value::Val;
use cel::{Context, Program, Value as Cel};
use serde_json::Value;
use sportello_domain::{Application, CategoryId, Text, Violation};

/// A rule as a benefit's file gives it.
#[derive(Debug, Clone)]
pub(crate) struct RuleSource {
    /// The violation's code.
    pub code: String,
    /// A list of the answers whose every element is checked: a pointer below `/answers`.
    pub each: Option<String>,
    /// Where the violation points: below `/answers`, or with `each` from the element.
    pub at: String,
    /// The categories that it is for; all where there are none.
    pub categories: Vec<CategoryId>,
    /// The expression; true is fine.
    pub check: String,
    /// What is told.
    pub message: Text,
}

/// A mistake in a rule's expression, for who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuleMistake {
    /// Characters of the expression before it.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    pub advice: String,
}

/// A rule that could not be evaluated: it counts as not violated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuleFailure<'r> {
    /// The rule's code.
    pub code: &'r str,
}

/// A rule, compiled once for all applications.
pub(crate) struct Rule {
    source: RuleSource,
    program: Program,
    /// The variables that the expression needs.
    variables: BTreeSet<String>,
}

/// What the rules say of an application.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Judgement<'r> {
    /// What is violated, in the rules' order.
    pub violations: Vec<Violation>,
    /// The rules that could not be evaluated, each once.
    pub failures: Vec<RuleFailure<'r>>,
}

impl Rule {
    /// Compiles a rule.
    ///
    /// # Errors
    /// The first mistake of the expression: its syntax, its size, a name that is not known.
    pub(crate) fn compile(source: RuleSource) -> Result<Self, RuleMistake> {
        let (program, variables) = compile::compile(&source.check, source.each.is_some())?;
        Ok(Self {
            source,
            program,
            variables,
        })
    }

    /// The code of its violations.
    pub(crate) fn code(&self) -> &str {
        &self.source.code
    }

    fn is_for(&self, application: &Application) -> bool {
        let categories = &self.source.categories;
        categories.is_empty()
            || application
                .category
                .as_ref()
                .is_some_and(|of| categories.contains(of))
    }

    fn judge(
        &self,
        application: &Application,
        context: &Context<'_, '_>,
    ) -> Result<Vec<Violation>, Unevaluable> {
        let Some(each) = &self.source.each else {
            let fine = self.holds(context)?;
            return Ok(if fine {
                Vec::new()
            } else {
                vec![self.violation(String::new())]
            });
        };
        let list = find(application.answers.as_json(), each).and_then(Value::as_array);
        let mut violations = Vec::new();
        for (index, item) in list.into_iter().flatten().enumerate() {
            let mut scope = context.new_inner_scope();
            scope.add_variable_as_val("item", value::of(item));
            if !self.holds(&scope)? {
                violations.push(self.violation(format!("{each}/{index}")));
            }
        }
        Ok(violations)
    }

    fn holds(&self, context: &Context<'_, '_>) -> Result<bool, Unevaluable> {
        match self.program.execute(context) {
            Ok(Cel::Bool(holds)) => Ok(holds),
            // the error may repeat what was sent
            Ok(_) | Err(_) => Err(Unevaluable),
        }
    }

    fn violation(&self, element: String) -> Violation {
        let pointer = element + &self.source.at;
        Violation::new(pointer, self.source.code.clone(), self.source.message.clone())
    }
}

/// An expression that has no answer, or none that is true or false.
struct Unevaluable;

/// Judges an application whose answers fit the form by all rules that are for it.
pub(crate) fn judge<'r>(rules: &'r [Rule], application: &Application) -> Judgement<'r> {
    let rules: Vec<&Rule> = rules.iter().filter(|rule| rule.is_for(application)).collect();
    let mut judgement = Judgement::default();
    if rules.is_empty() {
        return judgement;
    }
    let context = context(application, |variable| {
        rules.iter().any(|rule| rule.variables.contains(variable))
    });
    for rule in rules {
        match rule.judge(application, &context) {
            Ok(violations) => judgement.violations.extend(violations),
            Err(Unevaluable) => judgement.failures.push(RuleFailure { code: rule.code() }),
        }
    }
    judgement
}

/// What the rules see of an application. To convert the answers costs most: once for all rules, and only
/// where a rule needs them.
fn context<'a>(application: &'a Application, needed: impl Fn(&str) -> bool) -> Context<'a, 'a> {
    let base: &'a Context<'a, 'a> = function::base();
    let mut context = base.new_inner_scope();
    if needed("answers") {
        context.add_variable_as_val("answers", value::of(application.answers.as_json()));
    }
    if needed("category") {
        let category = application.category.as_ref().map_or("", CategoryId::as_str);
        context.add_variable_as_val("category", Box::new(CelString::from(category)));
    }
    if needed("applicant") {
        context.add_variable_as_val("applicant", applicant(application));
    }
    context
}

fn applicant(application: &Application) -> Box<dyn Val + '_> {
    let applicant = &application.applicant;
    let tax_code: Box<dyn Val + '_> = Box::new(CelString::from(applicant.tax_code.as_str()));
    let mut known = HashMap::from([(CelMapKey::from("tax_code"), tax_code)]);
    if let Some(date) = applicant.birth_date {
        known.insert("birth_date".into(), Box::new(CelString::from(date.to_string())));
    }
    Box::new(CelMap::from(known))
}

/// What a pointer below `/answers` leads to.
fn find<'a>(answers: &'a Value, pointer: &str) -> Option<&'a Value> {
    answers.pointer(pointer.strip_prefix("/answers")?)
}

#[cfg(test)]
mod tests;
