//! Numbers for readers: rounded, with their unit.

/// A narrow no-break space, between thousands and before a unit (ISO 80000-1, 7.3.1).
pub(crate) const THIN: char = '\u{202f}';

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3_600.0;

/// Writes a count as `5 350 000`.
#[must_use]
pub fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// Writes a figure with significant decimals: `5 944`, `82.1`, `0.54`.
#[must_use]
pub fn figure(number: f64) -> String {
    let decimals = match number.abs() {
        large if large >= 99.95 => 0,
        middle if middle >= 9.995 => 1,
        _ => 2,
    };
    let text = format!("{number:.decimals$}");
    let text = if decimals > 0 {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    match text.strip_prefix('-') {
        Some("0") => "0".to_owned(),
        Some(digits) => format!("−{}", grouped(digits)),
        None => grouped(text),
    }
}

/// Writes milliseconds, or seconds above one second: `0.8 ms`, `137 ms`, `1.3 s`.
#[must_use]
pub fn milliseconds(ms: f64) -> String {
    if ms < 999.5 {
        format!("{}{THIN}ms", figure(ms))
    } else {
        duration(ms / 1_000.0)
    }
}

/// Writes a duration in its two largest units: `0.8 s`, `14 min 52 s`, `2 h 5 min`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    let whole = seconds.round();
    let [hours, minutes, rest] = [
        whole.div_euclid(HOUR),
        whole.rem_euclid(HOUR).div_euclid(MINUTE),
        whole.rem_euclid(MINUTE),
    ];
    if whole < MINUTE {
        format!("{}{THIN}s", figure(seconds))
    } else if whole < HOUR {
        format!("{minutes}{THIN}min {rest}{THIN}s")
    } else {
        format!("{hours}{THIN}h {minutes}{THIN}min")
    }
}

/// Writes an instant of the run as a stop-watch does: `5:12`, `1:05:12`.
#[must_use]
pub fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0).floor();
    let [hours, minutes, rest] = [
        whole.div_euclid(HOUR),
        whole.rem_euclid(HOUR).div_euclid(MINUTE),
        whole.rem_euclid(MINUTE),
    ];
    if hours > 0.0 {
        format!("{hours}:{minutes:02}:{rest:02}")
    } else {
        format!("{minutes}:{rest:02}")
    }
}

/// Writes bytes as `61 MB` or `1.2 GB`, in powers of 1,000.
#[must_use]
pub fn bytes(bytes: f64) -> String {
    if bytes < 999.5e6 {
        format!("{}{THIN}MB", figure(bytes / 1e6))
    } else {
        format!("{}{THIN}GB", figure(bytes / 1e9))
    }
}

/// Writes `1 promise` or `2 promises`.
#[must_use]
pub fn plural(number: usize, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    format!("{} {word}", count(number as u64))
}

fn grouped(digits: &str) -> String {
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut text = String::with_capacity(digits.len() + 6);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(THIN);
        }
        text.push(digit);
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        text.replace(THIN, "_")
    }

    #[test]
    fn numbers_are_rounded_to_what_matters_and_grouped() {
        let figures = [
            0.0,
            -0.001,
            0.544,
            4.0,
            9.999,
            82.14,
            99.97,
            1_234.5,
            -5_350_000.2,
        ];
        let figures = figures.map(|number| plain(&figure(number)));
        assert_eq!(
            figures,
            ["0", "0", "0.54", "4", "10", "82.1", "100", "1_234", "−5_350_000"]
        );
        assert_eq!(plain(&count(999)), "999");
        assert_eq!(plain(&count(5_350_000)), "5_350_000");
    }

    #[test]
    fn times_and_sizes_have_the_unit_that_fits() {
        let times = [0.834, 12.34, 999.7, 59_400.0, 892_000.0, 7_512_000.0];
        let times = times.map(|ms| plain(&milliseconds(ms)));
        assert_eq!(
            times,
            ["0.83_ms", "12.3_ms", "1_s", "59.4_s", "14_min 52_s", "2_h 5_min"]
        );
        assert_eq!([clock(312.9), clock(3_912.0)], ["5:12", "1:05:12"]);
        assert_eq!(
            [plain(&bytes(61.2e6)), plain(&bytes(16.3e9))],
            ["61.2_MB", "16.3_GB"]
        );
    }
}
