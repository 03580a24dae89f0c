//! Reads a benefit's file table by table.

mod category;
mod head;
mod money;
mod opening;
mod retention;
mod rule;

pub(crate) use rule::{WrittenRule, rules};

use crate::declared::Declared;
use crate::reader::{Field, Reader};

/// Reads everything except forms, rules and the example; returns nothing if a mistake leaves a part
/// out.
pub(crate) fn declared(root: &mut Reader<'_, '_>) -> Option<Declared> {
    let head = head::head(root);
    let opening = opening::opening(root);
    let closes = opening.as_ref().map(|opening| opening.closes);
    let windows = opening::windows(root, opening.as_ref());
    let order = opening::order(root, closes);
    let retention = retention::retention(root, closes, order.as_ref());
    let has_amount = root.holds("amount");
    let amount = money::amount(root);
    let (budget, budget_field) = money::budget(root);
    let categories = category::categories(root, has_amount);
    if let (Some(field), Some(categories)) = (&budget_field, &categories) {
        money::budget_has_amounts(field, has_amount, categories);
    }
    let (head, opening, categories) = (head?, opening?, categories?);
    Some(Declared {
        id: head.id,
        id_place: head.id_place,
        one_per: head.one_per,
        per_applicant: head.per_applicant,
        incompatible_with: head.incompatible_with,
        required_of_applicant: head.required_of_applicant,
        title: head.title,
        help: head.help,
        law: head.law,
        opening,
        windows: windows?,
        order: order?,
        retention: retention?,
        amount,
        budget,
        categories,
    })
}

/// Adds a mistake for every element that repeats an earlier one.
fn report_repeated<T: PartialEq>(elements: &[(T, Field<'_, '_>)], what: &str) {
    for (index, (element, field)) in elements.iter().enumerate() {
        if elements[..index].iter().any(|(earlier, _)| earlier == element) {
            field.report(format!("this {what} appears twice"), "remove one of them");
        }
    }
}
