//! Prometheus' text format (version 0.0.4), as the services and the broker write it.

use std::collections::HashMap;

/// The samples of one process at one instant, by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Samples(HashMap<String, Vec<Sample>>);

/// A value with its labels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sample {
    labels: Vec<(String, String)>,
    pub(crate) value: f64,
}

/// The text has a line that is no sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is no sample")]
pub(crate) struct ParseError {
    line: usize,
}

impl Samples {
    /// Parses a page of metrics. Comments and instants are left out.
    ///
    /// # Errors
    /// [`ParseError`]: a line is malformed, so the page may be cut.
    pub(crate) fn parse(text: &str) -> Result<Self, ParseError> {
        let mut samples = Self::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, sample) = sample(line).ok_or(ParseError { line: index + 1 })?;
            samples.0.entry(name.to_owned()).or_default().push(sample);
        }
        Ok(samples)
    }

    /// Returns the samples of a name.
    pub(crate) fn of(&self, name: &str) -> &[Sample] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the sum of a name's samples with all these labels; `None` without any sample.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let with = |sample: &&Sample| sample.has(labels);
        self.of(name)
            .iter()
            .filter(with)
            .map(|sample| sample.value)
            .reduce(|one, other| one + other)
    }
}

impl Sample {
    /// Returns the value of a label.
    pub(crate) fn label(&self, name: &str) -> Option<&str> {
        let found = self.labels.iter().find(|(label, _)| label == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether it has the same labels, in any order.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.labels.len() == other.labels.len()
            && self
                .labels
                .iter()
                .all(|(name, value)| other.label(name) == Some(value))
    }

    /// Whether it has all these labels.
    pub(crate) fn has(&self, labels: &[(&str, &str)]) -> bool {
        labels
            .iter()
            .all(|(name, value)| self.label(name) == Some(*value))
    }
}

fn sample(line: &str) -> Option<(&str, Sample)> {
    let end = line.find(|c: char| c == '{' || c.is_whitespace())?;
    let (name, rest) = line.split_at(end);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Vec::new(), rest),
    };
    // after the value there may be an instant
    let value = rest.split_whitespace().next()?;
    let value = value.parse().ok()?;
    (!name.is_empty()).then_some((name, Sample { labels, value }))
}

/// Parses `name="value",…}` and returns what follows.
fn labels(mut rest: &str) -> Option<(Vec<(String, String)>, &str)> {
    let mut labels = Vec::new();
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if let Some(rest) = rest.strip_prefix('}') {
            return Some((labels, rest));
        }
        let (name, after) = rest.split_once("=\"")?;
        let (value, after) = quoted(after)?;
        labels.push((name.trim().to_owned(), value));
        rest = after;
    }
}

/// Parses up to the closing quotation mark and returns what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return text.get(index + 1..).map(|rest| (value, rest)),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"# HELP sportello_queue_publishes_total applications
# TYPE sportello_queue_publishes_total counter
sportello_queue_publishes_total{channel="citizen",result="confirmed"} 12
sportello_queue_publishes_total{channel="citizen",result="refused"} 3
sportello_queue_publishes_total{channel="intermediary",result="confirmed"} 40 1585699200000
lonely 2.5e3
odd{text="a \"quoted\" \\ text,\nwith = and }",} 1
duration_bucket{le="+Inf"} +Inf
"#;

    #[test]
    fn a_page_is_read_by_name_and_labels() {
        let samples = Samples::parse(PAGE).unwrap();
        let publishes = |labels: &[(&str, &str)]| samples.sum("sportello_queue_publishes_total", labels);
        assert_eq!(publishes(&[]), Some(55.0));
        assert_eq!(publishes(&[("channel", "citizen")]), Some(15.0));
        assert_eq!(
            publishes(&[("result", "confirmed"), ("channel", "citizen")]),
            Some(12.0)
        );
        assert_eq!(publishes(&[("channel", "nobody")]), None);
        assert_eq!(samples.sum("lonely", &[]), Some(2500.0));
        assert_eq!(samples.sum("absent", &[]), None);
        let odd = &samples.of("odd")[0];
        assert_eq!(odd.label("text"), Some("a \"quoted\" \\ text,\nwith = and }"));
        assert_eq!(samples.of("duration_bucket")[0].value, f64::INFINITY);
    }

    #[test]
    fn a_page_that_is_cut_is_refused() {
        for (cut, line) in [
            ("one 1\ntwo", 2),
            ("one{a=\"b\"", 1),
            ("one{a=\"b", 1),
            ("one{a=\"b\"} x", 1),
            ("{a=\"b\"} 1", 1),
        ] {
            assert_eq!(Samples::parse(cut), Err(ParseError { line }), "{cut}");
        }
    }
}
