//! Shorter minutes and hours in alerting rules, for tests.

/// Lengths of a minute and an hour, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Seconds of a minute.
    pub minute: u64,
    /// Seconds of an hour.
    pub hour: u64,
}

impl Pace {
    /// The time of clocks.
    pub const REAL: Self = Self {
        minute: 60,
        hour: 3600,
    };
    /// Alerts fire within seconds, still later than a scrape or two each second.
    pub const SHORT: Self = Self { minute: 3, hour: 30 };

    /// Returns rules with this pace: durations (`5m`, `1h`), and seconds written as `10 * 60` or
    /// `4 * 3600`. What people read stays as it is.
    #[must_use]
    pub fn rules(self, rules: &str) -> String {
        let is_read = |line: &str| {
            ["summary:", "action:", "runbook_url:", "#"]
                .iter()
                .any(|begin| line.trim_start().starts_with(begin))
        };
        let lines = rules.lines().map(|line| {
            if is_read(line) {
                line.to_owned()
            } else {
                self.line(line)
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Returns Prometheus's configuration with looks each second instead of each five, unless the
    /// pace is that of clocks.
    #[must_use]
    pub(crate) fn looks(self, config: &str) -> String {
        if self == Self::REAL {
            return config.to_owned();
        }
        config.replace("_interval: 5s", "_interval: 1s")
    }

    /// Returns Alertmanager's configuration with groups that wait for a second.
    #[must_use]
    pub(crate) fn routes(self, config: &str) -> String {
        if self == Self::REAL {
            return config.to_owned();
        }
        config
            .replace("group_wait: 10s", "group_wait: 1s")
            .replace("group_interval: 1m", "group_interval: 1s")
    }

    fn line(self, line: &str) -> String {
        let mut paced = String::new();
        let mut rest = line;
        while let Some(begin) = rest.find(|one: char| one.is_ascii_digit()) {
            let (before, from) = rest.split_at(begin);
            paced.push_str(before);
            let end = from.find(|one: char| !one.is_ascii_digit()).unwrap_or(from.len());
            let (number, after) = from.split_at(end);
            let is_part = paced.ends_with(|one: char| one.is_alphanumeric() || "_.".contains(one));
            let found = number.parse::<u64>().ok().filter(|_| !is_part);
            let (text, left) = found
                .and_then(|number: u64| self.time(number, after))
                .unwrap_or_else(|| (number.to_owned(), after));
            paced.push_str(&text);
            rest = left;
        }
        paced + rest
    }

    /// Returns a time that begins with this number, at this pace, and what follows it.
    fn time(self, number: u64, after: &str) -> Option<(String, &str)> {
        let units = [
            ("m", self.minute, "s"),
            ("h", self.hour, "s"),
            (" * 60", self.minute, ""),
            (" * 3600", self.hour, ""),
        ];
        let is_end = |rest: &str| !rest.starts_with(|one: char| one.is_alphanumeric() || one == '_');
        units.into_iter().find_map(|(unit, length, seconds)| {
            let rest = after.strip_prefix(unit).filter(|rest| is_end(rest))?;
            Some((format!("{}{seconds}", number * length), rest))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_and_hours_are_shortened_and_nothing_else() {
        let rules = "expr: a_60m:b{c=\"5..\"}[5m] offset 10m > 4 * 3600 + 2 * 60\nfor: 1h\nsummary: after 5m, 2 * 60\n\
                     expr: histogram_quantile(0.95, d_rate5m) > 14.4 * 0.001";
        let short = "expr: a_60m:b{c=\"5..\"}[15s] offset 30s > 120 + 6\nfor: 30s\nsummary: after 5m, 2 * 60\n\
                     expr: histogram_quantile(0.95, d_rate5m) > 14.4 * 0.001";
        assert_eq!(Pace::SHORT.rules(rules), short);
    }
}
