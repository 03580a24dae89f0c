//! Amounts in euro and cents, without the errors of binary fractions.

use serde_json::Value;

/// The largest amount: 1,000,000,000,000 euro.
pub(crate) const MOST_CENTS: i64 = 100_000_000_000_000;

/// Parses an amount in euro with up to two decimals, such as `600` or `600.50`, into cents.
pub(crate) fn cents_of(text: &str) -> Option<i64> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let (euro, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if euro.is_empty() || !digits(euro) || !digits(decimals) || decimals.len() > 2 {
        return None;
    }
    let euro: i64 = euro.parse().ok()?;
    let cents: i64 = format!("{decimals:0<2}").parse().ok()?;
    euro.checked_mul(100)?.checked_add(cents)
}

/// Returns the cents that an answer asks for, from 0 to `at_most`; cuts fractions of a cent.
pub(crate) fn cents_asked(answer: &Value, at_most: i64) -> Option<i64> {
    let Value::Number(number) = answer else {
        return None;
    };
    // the shortest decimal of this number: what the applicant typed
    let text = number.to_string();
    let whole_cents = match text.split_once('.') {
        Some((euro, decimals)) => format!("{euro}.{}", decimals.get(..2).unwrap_or(decimals)),
        None => text,
    };
    let cents = cents_of(&whole_cents).unwrap_or_else(|| {
        // negative, or so large or small that it is written with an exponent
        if number.as_f64().is_some_and(|euro| euro > 1.0) {
            at_most
        } else {
            0
        }
    });
    Some(cents.min(at_most))
}

/// Returns an amount as a JSON number in euro.
pub(crate) fn euro(cents: i64) -> Value {
    if cents % 100 == 0 {
        return Value::from(cents / 100);
    }
    let decimal = format!("{}.{:02}", cents / 100, cents % 100);
    decimal.parse().map_or(Value::Null, |euro: f64| Value::from(euro))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn euro_are_read_to_the_cent() {
        assert_eq!(cents_of("600"), Some(60_000));
        assert_eq!(cents_of("600.5"), Some(60_050));
        assert_eq!(cents_of("0.29"), Some(29));
        assert_eq!(cents_of("1261100000.00"), Some(126_110_000_000));
        for bad in ["", ".5", "-1", "1.005", "1e3", "inf", "99999999999999999999"] {
            assert_eq!(cents_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_answer_never_asks_for_more_than_there_is() {
        for (answer, cents) in [
            (json!(350), 35_000),
            (json!(0.29), 29),
            (json!(1.1), 110),
            (json!(599.999), 59_999),
            (json!(601), 60_000),
            (json!(1e300), 60_000),
            (json!(-5), 0),
            (json!(1e-9), 0),
        ] {
            assert_eq!(cents_asked(&answer, 60_000), Some(cents), "{answer}");
        }
        assert_eq!(cents_asked(&json!("350"), 60_000), None);
    }

    #[test]
    fn amounts_are_shown_in_euro() {
        assert_eq!(euro(60_000).to_string(), "600");
        assert_eq!(euro(60_050).to_string(), "600.5");
        assert_eq!(euro(29).to_string(), "0.29");
    }
}
