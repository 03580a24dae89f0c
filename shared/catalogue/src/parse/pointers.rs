//! Checks that pointers of the file lead to fields of its forms.

use serde_json::Value;
use sportello_domain::JsonPointer;

use crate::declared::{Amount, Declared, OnePer};
use crate::form::is_code;
use crate::forms::WholeForm;
use crate::mistake::Source;
use crate::nearest;
use crate::node::{Node, locate};
use crate::pointer::AnswersPointer;
use crate::read::WrittenRule;
use crate::rule::{MOST_PARTS, Rule, RuleSource};

/// Adds a mistake for every pointer to a missing field or to one of the wrong type.
pub(super) fn are_in_forms(
    declared: &Declared,
    forms: &[WholeForm<'_, '_>],
    root: Node<'_>,
    source: &Source<'_>,
) {
    for (index, one_per) in declared.one_per.iter().enumerate() {
        let OnePer::Answer(pointer) = one_per else {
            continue;
        };
        let fields: Vec<&Value> = forms
            .iter()
            .filter_map(|form| pointer.in_form(&form.schema))
            .collect();
        let mistake = if fields.is_empty() {
            ("no form has a text field there", "name a field of type string")
        } else if !fields.iter().all(|field| is_of(field, &["string"])) {
            (
                "a form has no text field there",
                "name a field of type string in every form that has it",
            )
        } else if !fields.iter().all(|field| is_short(field)) {
            (
                "the text there may be too long to identify one person or thing",
                "give the field maxLength = 64 or less",
            )
        } else {
            continue;
        };
        let (place, _) = locate(root, 0, &JsonPointer::from(["one_per"]).element(index));
        source.report(place, mistake.0, mistake.1);
    }
    for form in forms {
        let index = declared
            .categories
            .iter()
            .position(|category| Some(&category.id) == form.parts.category.as_ref());
        let own = index.and_then(|index| Some((index, declared.categories.get(index)?.amount.as_ref()?)));
        let (amount, around) = match own {
            Some((index, own)) => (Some(own), JsonPointer::from(["category"]).element(index)),
            None => (declared.amount.as_ref(), JsonPointer::ROOT),
        };
        let pointer = around.join(&["amount", "requested"].into());
        let Some(Amount::Requested { pointer: asked, .. }) = amount else {
            continue;
        };
        let mistake = if !leads_to(asked, form, &["number", "integer"]) {
            (
                "the form has no number there",
                "name a field of type number or integer, in the form of every category with this amount",
            )
        } else if !asked.is_required_in(&form.schema) {
            (
                "the number may be left out, or there may be several",
                "name a field that is in `required` and outside lists",
            )
        } else {
            continue;
        };
        let (place, _) = locate(root, 0, &pointer);
        source.report(place, mistake.0, mistake.1);
    }
}

/// Adds a mistake for every rule whose `each` is not a list, or whose `at` is not a field.
pub(super) fn of_rules_are_in_forms(
    rules: &[WrittenRule<'_, '_>],
    forms: &[WholeForm<'_, '_>],
    source: &Source<'_>,
) {
    for WrittenRule {
        source: rule,
        each,
        at,
        ..
    } in rules
    {
        let in_a_form = |pointer: &JsonPointer, types: &[&str]| {
            let pointer = AnswersPointer::of(pointer.clone());
            pointer.is_ok_and(|pointer| {
                forms
                    .iter()
                    .filter(|form| is_for(rule, form))
                    .any(|form| leads_to(&pointer, form, types))
            })
        };
        if let (Some(pointer), Some(each)) = (&rule.each, each)
            && !in_a_form(pointer, &["array"])
        {
            source.report(
                each.place,
                "no form has a list there",
                "name a field of type array",
            );
        } else if let Some(pointer) = answer_of(rule)
            && !in_a_form(&pointer, &[])
        {
            source.report(at.place, "no form has a field there", "name a field of the form");
        }
    }
}

fn is_for(rule: &RuleSource, form: &WholeForm<'_, '_>) -> bool {
    let category = form.parts.category.as_ref();
    rule.categories.is_empty() || category.is_some_and(|category| rule.categories.contains(category))
}

/// Returns the advice for a rule that reads a field that none of its forms has.
pub(super) fn unread(read: &JsonPointer, rule: &RuleSource, forms: &[WholeForm<'_, '_>]) -> Option<String> {
    let (holder, name) = read.split_last()?;
    let holder = AnswersPointer::of(holder);
    let mut known: Vec<&str> = Vec::new();
    for form in forms.iter().filter(|form| is_for(rule, form)) {
        let schema = match &holder {
            Ok(holder) => holder.in_form(&form.schema),
            Err(_) => Some(&form.schema),
        };
        let fields = schema.and_then(|schema| schema.get("properties")?.as_object());
        known.extend(
            fields
                .into_iter()
                .flat_map(|fields| fields.keys().map(String::as_str)),
        );
    }
    // a form with mistakes does not count, and its mistakes are already reported
    let readable = forms.iter().any(|form| is_for(rule, form));
    (readable && !known.contains(&&*name)).then(|| nearest::advice(&name, &known))
}

/// Adds a mistake for rules that would occupy a server thread for long: the work grows with the
/// lists' lengths.
pub(super) fn rules_cost_little(
    rules: &[WrittenRule<'_, '_>],
    compiled: &[Option<Rule>],
    forms: &[WholeForm<'_, '_>],
    source: &Source<'_>,
) {
    let mut all: u64 = 0;
    for (rule, compiled) in rules.iter().zip(compiled) {
        let Some(compiled) = compiled else {
            continue; // reported already
        };
        let parts = compiled.most_parts(&|pointer| longest(pointer, &rule.source, forms));
        all = all.saturating_add(parts);
        if all > MOST_PARTS {
            let place = rule.check.node.span().unwrap_or_default().start;
            let message = format!(
                "with the longest lists the rule evaluates up to {parts} parts, and all rules up to here {all}: \
                 {MOST_PARTS} are allowed"
            );
            let advice = "lower `maxItems` of the lists that the rule goes through, or compare each element with fewer \
                          others";
            return source.report(place, message, advice);
        }
    }
}

/// Returns the most list elements that any form of a rule allows there; 0 if it is not a list.
fn longest(pointer: &JsonPointer, rule: &RuleSource, forms: &[WholeForm<'_, '_>]) -> u64 {
    let Ok(pointer) = AnswersPointer::of(pointer.clone()) else {
        return 0;
    };
    let of_form = |form: &WholeForm<'_, '_>| match pointer.in_form(&form.schema)? {
        field if is_of(field, &["array"]) => field.get("maxItems").and_then(Value::as_u64),
        field => Some(field.get("properties")?.as_object()?.len() as u64),
    };
    let forms = forms.iter().filter(|form| is_for(rule, form));
    forms.filter_map(of_form).max().unwrap_or(0)
}

/// Returns the field of the answers that a rule's violations point to.
fn answer_of(rule: &RuleSource) -> Option<JsonPointer> {
    match &rule.each {
        Some(each) => Some(each.member("*").join(&rule.at)),
        None => rule.at.as_str().starts_with("/answers/").then(|| rule.at.clone()),
    }
}

/// Returns whether a form has a field there, of one of these types; of any type if `types` is
/// empty.
fn leads_to(pointer: &AnswersPointer, form: &WholeForm<'_, '_>, types: &[&str]) -> bool {
    pointer
        .in_form(&form.schema)
        .is_some_and(|field| types.is_empty() || is_of(field, types))
}

fn is_of(field: &Value, types: &[&str]) -> bool {
    let is = field.get("type").and_then(Value::as_str);
    is.is_some_and(|is| types.contains(&is))
}

/// Returns whether the register can hold every text of the field as a subject.
fn is_short(field: &Value) -> bool {
    let longest = field.get("maxLength").and_then(Value::as_u64);
    let format = field.get("format").and_then(Value::as_str);
    format.is_some_and(is_code)
        || ["enum", "const"].iter().any(|bound| field.get(bound).is_some())
        || longest.is_some_and(|longest| longest <= 64)
}

#[cfg(test)]
mod tests {
    use crate::Benefit;

    #[test]
    fn rules_that_would_keep_a_thread_busy_are_a_mistake() {
        let file = include_str!("../../../../catalogue/parental-leave-2020.toml");
        let check = r#"check = "!overlap(answers.periods)""#;
        let with = |most: u64, other: &str| {
            let file = file.replacen("maxItems = 15", &format!("maxItems = {most}"), 1);
            Benefit::parse(&file.replacen(check, &format!("check = '{other}'"), 1))
        };
        for good in [
            "true",
            "!overlap(answers.periods)",
            "answers.periods.all(p, p.from >= \"2020-03-05\")",
        ] {
            assert!(with(1_000, good).is_ok(), "{good}");
        }
        for costly in [
            "answers.periods.all(p, !answers.periods.exists(q, p.from == q.to))",
            "answers.periods.all(p, p in answers.periods)",
            "answers.periods.all(p, unique(answers.periods.map(q, q.from)))",
            "answers.periods.all(p, (answers.periods + answers.periods).size() > 0)",
        ] {
            assert!(with(15, costly).is_ok(), "{costly}");
            let mistakes = with(1_000, costly).err().unwrap();
            assert_eq!(mistakes.len(), 1, "{mistakes:?}");
            assert!(mistakes[0].message.contains("100000 are allowed"), "{mistakes:?}");
            assert!(mistakes[0].advice.starts_with("lower `maxItems`"), "{mistakes:?}");
        }
    }

    #[test]
    fn a_rule_that_reads_a_field_of_no_form_is_a_mistake_even_behind_has() {
        let file = include_str!("../../../../catalogue/parental-leave-2020.toml");
        let mistyped = file.replacen(
            "has(answers.days_of_other_parent)",
            "has(answers.days_of_other_parant)",
            1,
        );
        assert_ne!(file, mistyped);
        let mistakes = Benefit::parse(&mistyped).err().unwrap();
        let line = 1 + file
            .lines()
            .position(|line| line.contains("!has(answers.days_of_other_parent)"))
            .unwrap();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert_eq!(mistakes[0].line, line);
        assert_eq!(mistakes[0].message, "no form has the field days_of_other_parant");
        assert_eq!(mistakes[0].advice, "did you mean `days_of_other_parent`?");
    }
}
