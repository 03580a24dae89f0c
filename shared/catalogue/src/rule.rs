//! Rules between fields, in the Common Expression Language.

mod compile;
mod cost;
mod function;
mod reads;
mod seen;
mod value;

use std::borrow::Cow;

use cel::{Context, Program, Value};
use jiff::Timestamp;
use serde::Serialize;
use sportello_domain::{Application, CategoryId, JsonPointer, Text, Violation};
use utoipa::ToSchema;

pub(crate) use cost::MOST_PARTS;
pub(crate) use reads::Read;
use seen::{Element, Seen};

/// A rule between the answers; an application that breaks it has a violation.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Rule)]
pub(crate) struct RuleSource {
    /// The violation's code.
    #[schema(max_length = 64, pattern = "^[a-z][a-z0-9_]*$")]
    pub code: String,
    /// JSON pointer to a list: the rule holds for each element, `item` in the expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "json-pointer", max_length = 300)]
    pub each: Option<JsonPointer>,
    /// JSON pointer of the violation; with `each`, relative to the element.
    #[schema(value_type = String, format = "json-pointer", max_length = 300)]
    pub at: JsonPointer,
    /// The categories that the rule is for; empty means all.
    #[schema(max_items = 100)]
    pub categories: Vec<CategoryId>,
    /// The expression (Common Expression Language): true where the rule holds.
    #[schema(max_length = 10_000, pattern = "^[^\\u0000]+$")]
    pub check: String,
    /// The message of the violation.
    pub message: Text,
}

/// A mistake in a rule's expression, for the rule's author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuleMistake {
    /// Characters of the expression before the mistake.
    pub offset: usize,
    /// The problem.
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
    /// The names that lead from the answers to the list of `each`.
    path: Vec<String>,
}

/// The result of all rules on an application.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Judgement<'r> {
    /// The violations, in the rules' order.
    pub violations: Vec<Violation>,
    /// The rules that could not be evaluated, each once.
    pub failures: Vec<RuleFailure<'r>>,
}

impl Rule {
    /// Compiles a rule.
    ///
    /// # Errors
    /// The first mistake of the expression: syntax, size, or an unknown name.
    pub(crate) fn compile(source: RuleSource) -> Result<Self, RuleMistake> {
        let program = compile::compile(&source.check, source.each.is_some())?;
        let names = source.each.iter().flat_map(|each| each.tokens().skip(1));
        let path = names.map(Cow::into_owned).collect();
        Ok(Self {
            source,
            program,
            path,
        })
    }

    /// Returns the code of its violations.
    pub(crate) fn code(&self) -> &str {
        &self.source.code
    }

    /// Returns the fields of the answers that its expression reads.
    pub(crate) fn reads(&self) -> Vec<Read> {
        reads::of(&self.program, self.source.each.as_ref())
    }

    /// Returns the most parts of the expression evaluated for one application. `longest` gives the
    /// most elements of the list at a pointer.
    pub(crate) fn most_parts(&self, longest: &dyn Fn(&JsonPointer) -> u64) -> u64 {
        cost::of(&self.program, self.source.each.as_ref(), longest)
    }

    fn is_for(&self, application: &Application) -> bool {
        let categories = &self.source.categories;
        categories.is_empty()
            || application
                .category
                .as_ref()
                .is_some_and(|of| categories.contains(of))
    }

    fn judge(&self, seen: &Seen<'_>) -> Result<Vec<Violation>, Unevaluable> {
        let Some(each) = &self.source.each else {
            let fine = self.holds(&seen.context())?;
            return Ok(if fine {
                Vec::new()
            } else {
                vec![self.violation(self.source.at.clone())]
            });
        };
        let mut violations = Vec::new();
        for (index, element) in seen.elements(&self.path).iter().enumerate() {
            let element = Element(element.as_ref());
            if !self.holds(&element.context(&seen.context()))? {
                violations.push(self.violation(each.element(index).join(&self.source.at)));
            }
        }
        Ok(violations)
    }

    fn holds(&self, context: &Context<'_, '_>) -> Result<bool, Unevaluable> {
        match self.program.execute(context) {
            Ok(Value::Bool(holds)) => Ok(holds),
            // the error may repeat what was sent
            Ok(_) | Err(_) => Err(Unevaluable),
        }
    }

    fn violation(&self, pointer: JsonPointer) -> Violation {
        Violation::new(pointer, self.source.code.clone(), self.source.message.clone())
    }
}

/// An expression without a result, or with one that is not a boolean.
struct Unevaluable;

/// Runs all applicable rules on an application received at an instant, whose answers fit the form.
pub(crate) fn judge<'r>(
    rules: &'r [Rule],
    application: &Application,
    received_at: Timestamp,
) -> Judgement<'r> {
    let seen = Seen::of(application, received_at);
    let mut judgement = Judgement::default();
    for rule in rules.iter().filter(|rule| rule.is_for(application)) {
        match rule.judge(&seen) {
            Ok(violations) => judgement.violations.extend(violations),
            Err(Unevaluable) => judgement.failures.push(RuleFailure { code: rule.code() }),
        }
    }
    judgement
}

#[cfg(test)]
mod tests;
