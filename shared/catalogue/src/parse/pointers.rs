//! Pointers of the file must lead to fields of its forms.

use serde_json::Value;

use crate::declared::{Amount, Declared, OnePer};
use crate::forms::WholeForm;
use crate::mistake::Source;
use crate::nearest;
use crate::node::{Node, locate};
use crate::pointer::AnswersPointer;
use crate::read::WrittenRule;
use crate::rule::RuleSource;

/// Tells every pointer that leads nowhere, or to a field of another type than is needed.
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
        let told = if !fields.iter().any(|field| is_of(field, &["string"])) {
            ("no form has a text field there", "name a field of type string")
        } else if !fields.iter().all(|field| is_short(field)) {
            (
                "the text there may be too long to tell one from another",
                "give the field maxLength = 64 or less",
            )
        } else {
            continue;
        };
        let (place, _) = locate(root, 0, &format!("/one_per/{index}"));
        source.tell(place, told.0, told.1);
    }
    for form in forms {
        let index = declared
            .categories
            .iter()
            .position(|category| Some(&category.id) == form.parts.category.as_ref());
        let own = index.and_then(|index| Some((index, declared.categories.get(index)?.amount.as_ref()?)));
        let (amount, pointer) = match own {
            Some((index, own)) => (Some(own), format!("/category/{index}/amount/requested")),
            None => (declared.amount.as_ref(), "/amount/requested".to_owned()),
        };
        if let Some(Amount::Requested { pointer: asked, .. }) = amount
            && !leads_to(asked, form, &["number", "integer"])
        {
            let (place, _) = locate(root, 0, &pointer);
            source.tell(
                place,
                "the form has no number there",
                "name a field of type number or integer, in the form of every category with this amount",
            );
        }
    }
}

/// Tells every rule that is checked for each element of what is no list, or points to a field that is not there.
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
        let in_a_form = |pointer: &str, types: &[&str]| {
            let pointer = AnswersPointer::parse(pointer);
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
            source.tell(
                each.place,
                "no form has a list there",
                "name a field of type array",
            );
        } else if let Some(pointer) = answer_of(rule)
            && !in_a_form(&pointer, &[])
        {
            source.tell(at.place, "no form has a field there", "name a field of the form");
        }
    }
}

fn is_for(rule: &RuleSource, form: &WholeForm<'_, '_>) -> bool {
    let category = form.parts.category.as_ref();
    rule.categories.is_empty() || category.is_some_and(|category| rule.categories.contains(category))
}

/// What to advise where a rule reads a field that none of its forms has.
pub(super) fn unread(read: &str, rule: &RuleSource, forms: &[WholeForm<'_, '_>]) -> Option<String> {
    let (holder, name) = read.rsplit_once('/')?;
    let mut known: Vec<&str> = Vec::new();
    for form in forms.iter().filter(|form| is_for(rule, form)) {
        let schema = match AnswersPointer::parse(holder) {
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
    // a form with mistakes is none, and they are told already
    let readable = forms.iter().any(|form| is_for(rule, form));
    (readable && !known.contains(&name)).then(|| nearest::advice(name, &known))
}

/// The field that a rule's violations point to, where it is one of the answers.
fn answer_of(rule: &RuleSource) -> Option<String> {
    match &rule.each {
        Some(each) => Some(format!("{each}/*{}", rule.at)),
        None => rule.at.starts_with("/answers/").then(|| rule.at.clone()),
    }
}

/// Whether a form has a field there, of one of these types; of any type where none is named.
fn leads_to(pointer: &AnswersPointer, form: &WholeForm<'_, '_>, types: &[&str]) -> bool {
    pointer
        .in_form(&form.schema)
        .is_some_and(|field| types.is_empty() || is_of(field, types))
}

fn is_of(field: &Value, types: &[&str]) -> bool {
    let is = field.get("type").and_then(Value::as_str);
    is.is_some_and(|is| types.contains(&is))
}

/// Whether the register can hold every text of the field as a subject.
fn is_short(field: &Value) -> bool {
    let longest = field.get("maxLength").and_then(Value::as_u64);
    ["format", "enum", "const"]
        .iter()
        .any(|bound| field.get(bound).is_some())
        || longest.is_some_and(|longest| longest <= 64)
}

#[cfg(test)]
mod tests {
    use crate::Benefit;

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
