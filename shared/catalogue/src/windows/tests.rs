use super::*;

fn opening() -> Opening {
    Opening {
        opens: at("2020-03-01T00:00:00+01:00"),
        closes: at("2020-12-01T00:00:00+01:00"),
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn hours(text: &str) -> Vec<Window> {
    vec![Window::parse(text).unwrap()]
}

fn open(windows: &[Window], instant: &str) -> bool {
    closed(&opening(), windows, at(instant)).is_none()
}

fn next(windows: &[Window], instant: &str) -> String {
    let next = next_opening(&opening(), windows, at(instant)).unwrap();
    in_rome(next).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[test]
fn hours_are_written_as_two_times() {
    for good in ["16:00-08:00", "00:00-23:59", "08:00-24:00"] {
        assert!(Window::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "08:00",
        "8:00-16:00",
        "08:00-08:00",
        "25:00-26:00",
        "08:60-09:00",
        "08:00 - 16:00",
        "+8:00-16:00",
        "24:00-08:00",
        "é8:0-16:00",
    ] {
        assert_eq!(Window::parse(bad), Err(WindowError), "{bad}");
    }
}

#[test]
fn the_opening_is_from_inclusive_to_exclusive() {
    let closed = |instant| closed(&opening(), &[], at(instant));
    assert_eq!(
        closed("2020-02-29T23:59:59.999+01:00"),
        Some(Reason::BeforeOpening)
    );
    assert_eq!(closed("2020-03-01T00:00:00+01:00"), None);
    assert_eq!(closed("2020-11-30T23:59:59.999+01:00"), None);
    assert_eq!(closed("2020-12-01T00:00:00+01:00"), Some(Reason::AfterClosing));
}

#[test]
fn windows_may_pass_midnight() {
    let windows = hours("16:00-08:00");
    assert!(!open(&windows, "2020-04-01T15:59:59+02:00"));
    assert!(open(&windows, "2020-04-01T16:00:00+02:00"));
    assert!(open(&windows, "2020-04-02T00:00:00+02:00"));
    assert!(open(&windows, "2020-04-02T07:59:59+02:00"));
    assert!(!open(&windows, "2020-04-02T08:00:00+02:00"));
    assert_eq!(
        next(&windows, "2020-04-02T08:00:00+02:00"),
        "2020-04-02T16:00:00+02:00"
    );
    assert_eq!(
        next(&windows, "2020-04-02T03:00:00+02:00"),
        "2020-04-02T03:00:00+02:00"
    );
    assert!(open(&hours("08:00-24:00"), "2020-04-01T23:59:59+02:00"));
    assert!(!open(&hours("08:00-24:00"), "2020-04-02T00:00:00+02:00"));
}

#[test]
fn the_next_opening_is_within_the_opening() {
    let windows = hours("08:00-16:00");
    assert_eq!(
        next(&windows, "2019-01-01T00:00:00Z"),
        "2020-03-01T08:00:00+01:00"
    );
    assert_eq!(
        next(&windows, "2020-04-01T15:59:59+02:00"),
        "2020-04-01T15:59:59+02:00"
    );
    assert_eq!(
        next(&windows, "2020-04-01T16:00:00+02:00"),
        "2020-04-02T08:00:00+02:00"
    );
    assert_eq!(next(&[], "2019-01-01T00:00:00Z"), "2020-03-01T00:00:00+01:00");
    for late in [
        "2020-11-30T16:00:00+01:00",
        "2020-12-01T00:00:00+01:00",
        "2030-01-01T00:00:00Z",
    ] {
        assert_eq!(next_opening(&opening(), &windows, at(late)), None, "{late}");
    }
}

#[test]
fn in_the_night_in_which_the_clocks_go_forward_an_hour_is_missing() {
    // 29 March 2020: after 01:59:59+01:00 comes 03:00:00+02:00
    let night = hours("02:15-02:45");
    assert!(!open(&night, "2020-03-29T01:59:59+01:00"));
    assert!(!open(&night, "2020-03-29T03:00:00+02:00"));
    assert_eq!(
        next(&night, "2020-03-29T01:00:00+01:00"),
        "2020-03-30T02:15:00+02:00"
    );
    let morning = hours("02:30-08:00");
    assert_eq!(
        next(&morning, "2020-03-29T01:00:00+01:00"),
        "2020-03-29T03:00:00+02:00"
    );
    // a night of seven hours in place of eight
    let windows = hours("16:00-08:00");
    assert!(open(&windows, "2020-03-29T07:59:59+02:00"));
    assert!(!open(&windows, "2020-03-29T08:00:00+02:00"));
}

#[test]
fn in_the_night_in_which_the_clocks_go_back_an_hour_comes_twice() {
    // 25 October 2020: after 02:59:59+02:00 comes 02:00:00+01:00
    let windows = hours("01:00-02:30");
    assert!(open(&windows, "2020-10-25T02:29:59+02:00"));
    assert!(!open(&windows, "2020-10-25T02:30:00+02:00"));
    assert!(open(&windows, "2020-10-25T02:00:00+01:00"));
    assert!(!open(&windows, "2020-10-25T02:30:00+01:00"));
    assert_eq!(
        next(&windows, "2020-10-25T02:40:00+02:00"),
        "2020-10-25T02:00:00+01:00"
    );
    let late = hours("02:30-08:00");
    assert_eq!(
        next(&late, "2020-10-25T00:00:00+02:00"),
        "2020-10-25T02:30:00+02:00"
    );
    assert_eq!(
        next(&late, "2020-10-25T02:10:00+01:00"),
        "2020-10-25T02:30:00+01:00"
    );
    let windows = hours("16:00-08:00");
    assert!(open(&windows, "2020-10-25T07:59:59+01:00"));
    assert!(!open(&windows, "2020-10-25T08:00:00+01:00"));
}

fn closes(windows: &[Window], instant: &str) -> Option<String> {
    let closes = next_closing(&opening(), windows, at(instant))?;
    Some(in_rome(closes).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

#[test]
fn the_next_closing_ends_what_is_open() {
    let day = hours("08:00-16:00");
    for (windows, instant, expected) in [
        (
            &day,
            "2020-04-01T08:00:00+02:00",
            Some("2020-04-01T16:00:00+02:00"),
        ),
        (&day, "2020-04-01T16:00:00+02:00", None),
        (&day, "2030-01-01T12:00:00+01:00", None),
        (
            &hours("16:00-08:00"),
            "2020-04-01T20:00:00+02:00",
            Some("2020-04-02T08:00:00+02:00"),
        ),
        (
            &hours("16:00-24:00"),
            "2020-04-01T20:00:00+02:00",
            Some("2020-04-02T00:00:00+02:00"),
        ),
        // without hours it is open until the benefit closes
        (
            &Vec::new(),
            "2020-04-01T08:00:00+02:00",
            Some("2020-12-01T00:00:00+01:00"),
        ),
        // the night in which the clocks go forward cuts the window at the jump
        (
            &hours("01:00-02:30"),
            "2020-03-29T01:30:00+01:00",
            Some("2020-03-29T03:00:00+02:00"),
        ),
        // and the one in which they go back opens it twice
        (
            &hours("01:00-02:30"),
            "2020-10-25T01:30:00+02:00",
            Some("2020-10-25T02:30:00+02:00"),
        ),
        (
            &hours("01:00-02:30"),
            "2020-10-25T02:10:00+01:00",
            Some("2020-10-25T02:30:00+01:00"),
        ),
    ] {
        assert_eq!(closes(windows, instant).as_deref(), expected, "{instant}");
    }
    let both = [hours("08:00-12:00"), hours("12:00-16:00")].concat();
    let ends = closes(&both, "2020-04-01T09:00:00+02:00");
    assert_eq!(
        ends.as_deref(),
        Some("2020-04-01T16:00:00+02:00"),
        "one follows the other"
    );
}
