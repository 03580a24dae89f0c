//! Pointers of the file must lead to fields of its forms.

use serde_json::Value;

use crate::declared::{Amount, Declared, OnePer};
use crate::forms::WholeForm;
use crate::mistake::Source;
use crate::node::{Node, locate};
use crate::pointer::AnswersPointer;

/// Tells every pointer that leads nowhere, or to a field of another type than is needed.
pub(super) fn are_in_forms(
    declared: &Declared,
    forms: &[WholeForm<'_, '_>],
    root: Node<'_>,
    source: &Source<'_>,
) {
    let tell = |pointer: &str, message: &str, advice: &str| {
        source.tell(locate(root, 0, pointer).0, message, advice);
    };
    for (index, one_per) in declared.one_per.iter().enumerate() {
        let OnePer::Answer(pointer) = one_per else {
            continue;
        };
        if !forms.iter().any(|form| leads_to(pointer, form, &["string"])) {
            tell(
                &format!("/one_per/{index}"),
                "no form has a text field there",
                "name a field of type string",
            );
        }
    }
    for (index, form) in forms.iter().enumerate() {
        let own = declared
            .categories
            .get(index)
            .and_then(|category| category.amount.as_ref());
        let (amount, place) = match own {
            Some(own) => (Some(own), format!("/category/{index}/amount/requested")),
            None => (declared.amount.as_ref(), "/amount/requested".to_owned()),
        };
        if let Some(Amount::Requested { pointer, .. }) = amount
            && !leads_to(pointer, form, &["number", "integer"])
        {
            tell(
                &place,
                "the form has no number there",
                "name a field of type number or integer, in the form of every category that has this amount",
            );
        }
    }
}

fn leads_to(pointer: &AnswersPointer, form: &WholeForm<'_, '_>, types: &[&str]) -> bool {
    let field = pointer.in_form(&form.schema);
    let is = field.and_then(|field| field.get("type")).and_then(Value::as_str);
    is.is_some_and(|is| types.contains(&is))
}
