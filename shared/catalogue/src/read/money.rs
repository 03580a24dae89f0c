//! Amounts and budgets.

use sportello_domain::PastCap;

use crate::declared::{Amount, Budget, Category};
use crate::pointer::AnswersPointer;
use crate::reader::{Field, Reader};

const PAST_CAP: [(&str, PastCap); 2] = [("reserve", PastCap::Reserve), ("refuse", PastCap::Refuse)];

pub(super) fn amount(table: &mut Reader<'_, '_>) -> Option<Amount> {
    let hint = r#"{ fixed = 600 } or { requested = "/answers/amount", at_most = 1000 }"#;
    let field = table.optional("amount", hint)?;
    let mut table = field.table()?;
    let fixed = table.optional("fixed", "fixed = 600 or fixed = 600.50");
    let requested = table.optional("requested", r#"requested = "/answers/amount""#);
    let at_most = table.optional("at_most", "at_most = 1000 or at_most = 1000.50");
    table.finish();
    match (fixed, requested, at_most) {
        (Some(fixed), None, None) => fixed.cents().map(Amount::Fixed),
        (None, Some(requested), Some(at_most)) => {
            let pointer = requested.parsed(AnswersPointer::parse);
            let at_most = at_most.cents();
            Some(Amount::Requested {
                pointer: pointer?,
                at_most: at_most?,
            })
        }
        _ => field.unfit("either fixed, or requested with at_most"),
    }
}

pub(super) fn budget<'s, 'f>(table: &mut Reader<'s, 'f>) -> (Option<Budget>, Option<Field<'s, 'f>>) {
    let field = table.optional("budget", r#"{ cap = 1_000_000, past_cap = "reserve" }"#);
    (field.as_ref().and_then(of_field), field)
}

fn of_field(field: &Field<'_, '_>) -> Option<Budget> {
    let mut table = field.table()?;
    let cap = table
        .needed("cap", "cap = 1_261_100_000")
        .and_then(|field| field.cents());
    let past_cap = table
        .needed("past_cap", r#"past_cap = "reserve" or "refuse""#)
        .and_then(|field| field.word(&PAST_CAP));
    table.finish();
    Some(Budget {
        cap_cents: cap?,
        past_cap: past_cap?,
    })
}

/// Checks that a budget has amounts: the benefit's budget counts those of all categories without
/// their own budget.
pub(super) fn budget_has_amounts(budget: &Field<'_, '_>, own_amount: bool, categories: &[Category]) {
    let counted = categories.iter().filter(|category| category.budget.is_none());
    let all_have = !categories.is_empty() && counted.clone().all(|category| category.amount.is_some());
    if !own_amount && !all_have {
        without_amount(budget);
    }
}

pub(super) fn without_amount(budget: &Field<'_, '_>) {
    budget.report(
        "a budget without an amount: nothing would ever be counted against it",
        "add an amount, or remove the budget",
    );
}
