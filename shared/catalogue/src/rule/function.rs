//! The functions that rules have besides the language's own.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use cel::common::types::{CelDouble, CelInt, CelMap, CelMapKey, CelString};
use cel::common::value::Val;
use cel::{Context, ExecutionError, FunctionContext, Value};
use jiff::civil::Date;
use sportello_domain::TaxCode;

use crate::form::format::parse_date;

/// Our functions with their number of arguments.
pub(super) const OURS: [(&str, usize); 5] = [
    ("age_on", 2),
    ("days", 2),
    ("overlap", 1),
    ("sum", 1),
    ("unique", 1),
];

/// Digits behind the point to which a sum is rounded: `0.1 + 0.2` is `0.3`.
const SUM_SCALE: f64 = 1e9;

type Answer<T> = Result<T, ExecutionError>;

/// The context that every evaluation is a scope of.
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

/// What a function was called with, as `f(a, b)` or `a.f(b)`.
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

/// Whole years that the person of a tax code has on a date; a provisional code tells no birthday.
fn age_on(call: &FunctionContext<'_, '_>) -> Answer<i64> {
    let [code, on] = arguments(call)?;
    let code = TaxCode::parse(text(call, code)?).map_err(|_| call.error("takes a tax code"))?;
    let age = code.age_on(date(call, on)?).map(i64::from);
    age.ok_or_else(|| call.error("the tax code tells no birthday"))
}

/// Calendar days from one date to another, counting both; 0 where the second is earlier.
fn days(call: &FunctionContext<'_, '_>) -> Answer<i64> {
    let [from, to] = arguments(call)?;
    let (from, to) = (date(call, from)?, date(call, to)?);
    let between = (to - from).get_days();
    Ok(i64::from(between + 1).max(0))
}

/// Whether two periods share a day. A period that ends before it begins has none.
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
    // sorted by their beginnings, two that share a day have two neighbours that do
    Ok(periods.windows(2).any(|two| two[1].0 <= two[0].1))
}

/// The sum of a list of numbers: whole where all of them are.
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

/// Whether a list's texts or numbers are all different. Letter case and spaces of texts don't count: a code
/// stays the same however it is typed.
fn unique(call: &FunctionContext<'_, '_>) -> Answer<bool> {
    let [list] = arguments(call)?;
    let mut seen = BTreeSet::new();
    for element in elements(call, list)? {
        let key = if let Some(text) = element.downcast_ref::<CelString<'_>>() {
            let folded = text.inner().chars().filter(|c| !c.is_whitespace());
            folded.flat_map(char::to_uppercase).collect()
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

/// The elements of a list.
fn elements<'c, 'v>(
    call: &FunctionContext<'_, '_>,
    list: &'c (dyn Val + 'v),
) -> Answer<Vec<&'c (dyn Val + 'v)>> {
    let list = list.as_iterable().ok_or_else(|| call.error("takes a list"))?;
    let mut iterator = list.iter();
    Ok(std::iter::from_fn(|| iterator.next()).collect())
}
