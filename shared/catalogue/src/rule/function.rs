//! Functions for rules, in addition to the language's own.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use cel::common::types::{CelDouble, CelInt, CelMap, CelMapKey, CelString};
use cel::common::value::Val;
use cel::{Context, ExecutionError, FunctionContext, Value};
use jiff::civil::Date;
use sportello_domain::tax_code::whole_years;
use sportello_domain::{TaxCode, folded};

use crate::form::format::parse_date;

/// Our functions with their number of arguments.
pub(super) const OURS: [(&str, usize); 5] = [
    ("age_on", 2),
    ("days", 2),
    ("overlap", 1),
    ("sum", 1),
    ("unique", 1),
];

/// Variable for the day in Italy of the receipt: an expression can't write such a name.
pub(super) const RECEIVED_ON: &str = "@received_on";

/// Scale to which a sum is rounded (9 decimals): `0.1 + 0.2` is `0.3`.
const SUM_SCALE: f64 = 1e9;

type Answer<T> = Result<T, ExecutionError>;

/// Returns the base context of every evaluation.
pub(super) fn base() -> &'static Context<'static, 'static> {
    static BASE: LazyLock<Context<'static, 'static>> = LazyLock::new(|| {
        let mut context = Context::default();
        let added = [
            context.add_function("age_on", age_on),
            context.add_function("days", days),
            context.add_function("overlap", overlap),
            context.add_function("sum", sum),
            context.add_function("unique", unique),
        ];
        debug_assert!(added.iter().all(Result::is_ok), "a name of the language's own");
        context
    });
    &BASE
}

/// Returns the arguments of a call, written `f(a, b)` or `a.f(b)`.
fn arguments<'c, 'v, const N: usize>(call: &'c FunctionContext<'_, 'v>) -> Answer<[&'c (dyn Val + 'v); N]> {
    let given: Vec<&(dyn Val + 'v)> = call.this.iter().chain(&call.args).map(|value| &**value).collect();
    let count = given.len();
    given
        .try_into()
        .map_err(|_| ExecutionError::invalid_argument_count(N, count))
}

fn text<'a>(call: &FunctionContext<'_, '_>, value: &'a dyn Val) -> Answer<&'a str> {
    let text = value.downcast_ref::<CelString<'_>>().map(CelString::inner);
    text.ok_or_else(|| call.error("takes a text"))
}

fn date(call: &FunctionContext<'_, '_>, value: &dyn Val) -> Answer<Date> {
    parse_date(text(call, value)?).ok_or_else(|| call.error("takes a date"))
}

/// Returns a person's age on a date in whole years, by tax code or birthday; negative before the
/// birth. A provisional code holds no birthday.
fn age_on(call: &FunctionContext<'_, '_>) -> Answer<i64> {
    let [person, on] = arguments(call)?;
    let (person, on) = (text(call, person)?, date(call, on)?);
    let born = match parse_date(person) {
        Some(born) => born,
        None => birthday(call, person)?,
    };
    Ok(whole_years(born, on).into())
}

/// Returns the birthday in a tax code. The century is that of the applicant's own birthday if
/// known, otherwise the latest one before the receipt of the application.
fn birthday(call: &FunctionContext<'_, '_>, code: &str) -> Answer<Date> {
    let code = TaxCode::parse(code).map_err(|_| call.error("takes a tax code or a date"))?;
    if let Some(known) = birthday_of_applicant(call, &code) {
        return Ok(known);
    }
    let received_on = call.ptx.get_variable(RECEIVED_ON);
    let received_on = received_on.ok_or_else(|| call.error("is called for an application"))?;
    let born = code.birth_date_until(date(call, &*received_on)?);
    born.ok_or_else(|| call.error("the tax code holds no birth date"))
}

/// Returns the applicant's birthday if the code is theirs and matches it.
fn birthday_of_applicant(call: &FunctionContext<'_, '_>, code: &TaxCode) -> Option<Date> {
    let applicant = call.ptx.get_variable("applicant")?;
    let applicant = applicant.downcast_ref::<CelMap<'_>>()?;
    let is_theirs = text_in(applicant, "tax_code")? == code.as_str();
    let born = parse_date(text_in(applicant, "birth_date")?)?;
    (is_theirs && !code.contradicts_birth_date(born)).then_some(born)
}

fn text_in<'m>(fields: &'m CelMap<'_>, name: &'m str) -> Option<&'m str> {
    let text = fields.get(&CelMapKey::from(name))?;
    text.downcast_ref::<CelString<'_>>().map(CelString::inner)
}

/// Returns the calendar days from one date to another, counting both; 0 if the second is earlier.
fn days(call: &FunctionContext<'_, '_>) -> Answer<i64> {
    let [from, to] = arguments(call)?;
    let (from, to) = (date(call, from)?, date(call, to)?);
    let between = (to - from).get_days();
    Ok(i64::from(between + 1).max(0))
}

/// Returns whether two periods share a day. A period that ends before it begins has no days.
fn overlap(call: &FunctionContext<'_, '_>) -> Answer<bool> {
    let [list] = arguments(call)?;
    let (from, to) = (CelMapKey::from("from"), CelMapKey::from("to"));
    let day = |period: &CelMap<'_>, key| match period.get(key) {
        Some(day) => date(call, &**day),
        None => Err(call.error("takes periods with `from` and `to`")),
    };
    let mut periods = Vec::new();
    for period in elements(call, list)? {
        let period = period
            .downcast_ref::<CelMap<'_>>()
            .ok_or_else(|| call.error("takes a list of periods"))?;
        let (from, to) = (day(period, &from)?, day(period, &to)?);
        if from <= to {
            periods.push((from, to));
        }
    }
    periods.sort_unstable();
    // sorted by their start: if any two share a day, two neighbours do
    Ok(periods.windows(2).any(|two| two[1].0 <= two[0].1))
}

/// Returns the sum of a list of numbers: whole if all of them are.
fn sum(call: &FunctionContext<'_, '_>) -> Answer<Value> {
    let [list] = arguments(call)?;
    let (mut whole, mut real) = (Some(0_i64), 0.0_f64);
    for number in elements(call, list)? {
        if let Some(number) = number.downcast_ref::<CelInt>() {
            whole = whole.and_then(|whole| whole.checked_add(*number.inner()));
            #[expect(clippy::cast_precision_loss, reason = "a JSON number holds no more")]
            let number = *number.inner() as f64;
            real += number;
        } else if let Some(number) = number.downcast_ref::<CelDouble>() {
            whole = None;
            real += *number.inner();
        } else {
            return Err(call.error("takes a list of numbers"));
        }
    }
    Ok(match whole {
        Some(whole) => Value::Int(whole),
        None => Value::Float((real * SUM_SCALE).round() / SUM_SCALE),
    })
}

/// Returns whether a list's texts or numbers are all different. Ignores letter case, spaces and
/// invisible marks: a code stays the same however it is typed.
fn unique(call: &FunctionContext<'_, '_>) -> Answer<bool> {
    let [list] = arguments(call)?;
    let mut seen = BTreeSet::new();
    for element in elements(call, list)? {
        let key = if let Some(text) = element.downcast_ref::<CelString<'_>>() {
            folded(text.inner())
        } else if let Some(number) = element.downcast_ref::<CelInt>() {
            number.inner().to_string()
        } else if let Some(number) = element.downcast_ref::<CelDouble>() {
            number.inner().to_string()
        } else {
            return Err(call.error("takes a list of texts or numbers"));
        };
        if !seen.insert(key) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns the elements of a list.
fn elements<'c, 'v>(
    call: &FunctionContext<'_, '_>,
    list: &'c (dyn Val + 'v),
) -> Answer<Vec<&'c (dyn Val + 'v)>> {
    let list = list.as_iterable().ok_or_else(|| call.error("takes a list"))?;
    let mut iterator = list.iter();
    Ok(std::iter::from_fn(|| iterator.next()).collect())
}
