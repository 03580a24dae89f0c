//! Answers as values for expressions: texts are borrowed, not copied.

use std::collections::HashMap;

use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString};
use cel::common::value::Val;
use serde_json::{Number, Value};

/// Largest whole number that a JSON number of any program holds exactly (RFC 8259, section 6):
/// 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Converts a JSON value for an expression. A number without fraction is an `int`, however it was
/// written.
pub(super) fn of(json: &Value) -> Box<dyn Val + '_> {
    match json {
        Value::Null => Box::new(CelNull),
        Value::Bool(value) => Box::new(CelBool::from(*value)),
        Value::Number(value) => number(value),
        Value::String(value) => Box::new(CelString::from(value.as_str())),
        Value::Array(items) => {
            let items: Vec<Box<dyn Val + '_>> = items.iter().map(of).collect();
            Box::new(CelList::from(items))
        }
        Value::Object(fields) => {
            let fields: HashMap<CelMapKey<'_>, Box<dyn Val + '_>> = fields
                .iter()
                .map(|(name, value)| (CelMapKey::from(name.as_str()), of(value)))
                .collect();
            Box::new(CelMap::from(fields))
        }
    }
}

fn number<'a>(number: &Number) -> Box<dyn Val + 'a> {
    let real = number.as_f64().unwrap_or_default();
    match number.as_i64() {
        Some(whole) => Box::new(CelInt::from(whole)),
        None if real.fract() == 0.0 && real.abs() <= EXACT => {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            let whole = real as i64;
            Box::new(CelInt::from(whole))
        }
        None => Box::new(CelDouble::from(real)),
    }
}
