//! The openings of the catalogue, by the clocks of Italy.

use jiff::{SignedDuration, Timestamp};
use sportello_catalogue::Catalogue;
use sportello_domain::{Channel, ChannelPosition};
use sportello_scaling::{
    Calendar, CalendarPolicy, Inputs, Load, Observed, Occasion, Reason, State, Target, decide,
};
use tempfile::TempDir;

use crate::simulation::{policy, rate};

const POLICY: CalendarPolicy = CalendarPolicy {
    opening_day: 8,
    window: 2,
    before: SignedDuration::from_mins(30),
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A catalogue of one invented benefit.
fn catalogue(opens: &str, closes: &str, windows: &str) -> Catalogue {
    let benefit = format!(
        r#"
id = "book-bonus"
one_per = ["applicant"]
incompatible_with = []
required_of_applicant = ["iban"]

[title]
it = "Bonus libri"
en = "Book bonus"
de = "Bücherbonus"

[help]
it = "Per i libri."
en = "For books."
de = "Für Bücher."

[law]
act = "Invented act no. 1 of 2 January 2026"
articles = ["1"]
url = "https://example.org/book-bonus"

[opening]
opens = {opens}
closes = {closes}

{windows}

[amount]
fixed = 100

[retention]
days = 3650
then = "pseudonymise"

[form]
required = ["books"]

[form.properties.books]
type = "integer"
minimum = 1
maximum = 9
label = {{ it = "Libri", en = "Books", de = "Bücher" }}

[example]
applicant = {{ tax_code = "RSSMRA80A01H501U", given_name = "Mario", family_name = "Rossi", iban = "IT60X0542811101000000123456" }}
answers = {{ books = 2 }}
"#
    );
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("book-bonus.toml"), benefit).unwrap();
    Catalogue::load(folder.path()).unwrap()
}

fn seen(catalogue: &Catalogue, now: &str) -> Calendar {
    Calendar::at(catalogue, |_, _| ChannelPosition::Scheduled, &POLICY, at(now))
}

fn fewest(catalogue: &Catalogue, now: &str) -> u16 {
    seen(catalogue, now).raise.map_or(0, |raise| raise.workers)
}

#[test]
fn the_fewest_workers_rise_before_the_opening_day() {
    let catalogue = catalogue(
        "2026-04-01T08:00:00+02:00",
        "2026-06-01T00:00:00+02:00",
        "[windows]\ncitizen = [\"08:00-16:00\"]\nintermediary = [\"16:00-20:00\"]",
    );
    for (now, expected) in [
        ("2026-03-31T12:00:00+02:00", 0),
        ("2026-04-01T07:29:59+02:00", 0),
        ("2026-04-01T07:30:00+02:00", 8),
        ("2026-04-01T08:00:00+02:00", 8),
        ("2026-04-01T19:59:59+02:00", 8),
        ("2026-04-01T20:00:00+02:00", 0),
        ("2026-04-02T07:29:59+02:00", 0),
        ("2026-04-02T07:30:00+02:00", 2),
        ("2026-04-02T19:59:59+02:00", 2),
        ("2026-05-31T20:00:00+02:00", 0),
        ("2027-01-01T00:00:00+01:00", 0),
    ] {
        assert_eq!(fewest(&catalogue, now), expected, "{now}");
    }
    let next = seen(&catalogue, "2026-03-31T12:00:00+02:00").next.unwrap();
    assert_eq!(next.from, Some(at("2026-04-01T07:30:00+02:00")));
    assert_eq!(next.occasion, Occasion::OpeningDay);
    assert_eq!(next.channel, Channel::Citizen);
}

#[test]
fn a_raise_comes_before_the_first_application_does() {
    let catalogue = catalogue(
        "2026-04-01T08:00:00+02:00",
        "2026-06-01T00:00:00+02:00",
        "[windows]\ncitizen = [\"08:00-16:00\"]\nintermediary = [\"08:00-16:00\"]",
    );
    let policy = policy(1, 20);
    let quiet = Load {
        backlog: 0,
        messages: None,
        arrivals: rate(0.0),
        arrivals_end: None,
        drain: None,
        saturation: None,
    };
    let mut state = State::new(1);
    let mut wanted = Vec::new();
    for minute in 0..1_440 {
        let now = at("2026-03-31T09:00:00+02:00") + SignedDuration::from_mins(minute);
        let calendar = Calendar::at(&catalogue, |_, _| ChannelPosition::Scheduled, &POLICY, now);
        let observed = Observed::count(1);
        let inputs = Inputs {
            policy: &policy,
            target: Target::NeverBehind { seconds: 300 },
            manual: None,
            raise: calendar.raise.as_ref(),
            load: Some(&quiet),
            observed: Some(&observed),
        };
        let (decision, next) = decide(&inputs, &state, now);
        state = next;
        if wanted.last().is_none_or(|(_, before)| *before != decision.wanted) {
            wanted.push((now, decision.wanted));
            assert!(matches!(
                decision.why[0],
                Reason::Floor { .. } | Reason::Calendar(_)
            ));
        }
    }
    assert_eq!(wanted.len(), 2, "{wanted:?}");
    assert_eq!(wanted[1], (at("2026-04-01T07:30:00+02:00"), 8));
}

#[test]
fn on_days_when_the_clocks_change_half_an_hour_stays_one() {
    // 29 March 2026: after 01:59:59+01:00 comes 03:00:00+02:00
    let spring = catalogue(
        "2026-03-01T00:00:00+01:00",
        "2026-06-01T00:00:00+02:00",
        "[windows]\ncitizen = [\"03:10-16:00\"]\nintermediary = [\"03:10-16:00\"]",
    );
    assert_eq!(fewest(&spring, "2026-03-29T01:39:59+01:00"), 0);
    assert_eq!(fewest(&spring, "2026-03-29T01:40:00+01:00"), 2);
    assert_eq!(fewest(&spring, "2026-03-28T02:39:59+01:00"), 0);
    assert_eq!(fewest(&spring, "2026-03-28T02:40:00+01:00"), 2);
    // 25 October 2026: after 02:59:59+02:00 comes 02:00:00+01:00
    let autumn = catalogue(
        "2026-09-01T00:00:00+02:00",
        "2026-12-01T00:00:00+01:00",
        "[windows]\ncitizen = [\"03:10-16:00\"]\nintermediary = [\"03:10-16:00\"]",
    );
    assert_eq!(
        fewest(&autumn, "2026-10-25T02:40:00+02:00"),
        0,
        "an hour too early"
    );
    assert_eq!(fewest(&autumn, "2026-10-25T02:39:59+01:00"), 0);
    assert_eq!(fewest(&autumn, "2026-10-25T02:40:00+01:00"), 2);
    let until = |now| seen(&autumn, now).arrivals_end.unwrap();
    assert_eq!(
        until("2026-10-25T15:00:00+01:00"),
        at("2026-10-25T16:00:00+01:00")
    );
    assert_eq!(
        until("2026-10-24T15:00:00+02:00"),
        at("2026-10-24T16:00:00+02:00")
    );
}

#[test]
fn a_first_day_of_25_hours_ends_at_its_midnight() {
    let catalogue = catalogue("2026-10-25T00:00:00+02:00", "2026-12-01T00:00:00+01:00", "");
    assert_eq!(fewest(&catalogue, "2026-10-24T23:30:00+02:00"), 8);
    assert_eq!(fewest(&catalogue, "2026-10-25T23:59:59+01:00"), 8);
    assert_eq!(fewest(&catalogue, "2026-10-26T00:00:00+01:00"), 2);
}

#[test]
fn arrivals_end_when_the_last_channel_closes() {
    let catalogue = catalogue(
        "2026-04-01T00:00:00+02:00",
        "2026-04-03T12:00:00+02:00",
        "[windows]\ncitizen = [\"08:00-16:00\"]\nintermediary = [\"15:00-20:00\"]",
    );
    let ends = |now| seen(&catalogue, now).arrivals_end;
    assert_eq!(
        ends("2026-04-01T09:00:00+02:00"),
        Some(at("2026-04-01T20:00:00+02:00"))
    );
    assert_eq!(ends("2026-04-01T21:00:00+02:00"), None, "nothing is open");
    assert_eq!(
        ends("2026-04-03T09:00:00+02:00"),
        Some(at("2026-04-03T12:00:00+02:00"))
    );
}

#[test]
fn a_closed_sign_takes_no_workers_away_and_an_open_one_adds() {
    let catalogue = catalogue(
        "2026-04-01T08:00:00+02:00",
        "2026-06-01T00:00:00+02:00",
        "[windows]\ncitizen = [\"08:00-16:00\"]\nintermediary = [\"08:00-16:00\"]",
    );
    let seen = |position, now| Calendar::at(&catalogue, |_, _| position, &POLICY, at(now));
    let closed = seen(ChannelPosition::Closed, "2026-04-02T09:00:00+02:00");
    assert_eq!(closed.raise.unwrap().workers, 2);
    let open = seen(ChannelPosition::Open, "2026-04-02T22:00:00+02:00");
    assert_eq!(open.raise.unwrap().opens, None);
    assert_eq!(open.arrivals_end, None);
}
