use insta::assert_snapshot;

use super::*;

const AS_IT_IS: Compression = Compression {
    speed: 1.0,
    scale: 1.0,
};

fn legs(phases: &str, by: Compression) -> anyhow::Result<Vec<Leg>> {
    Scenario::parse(&format!("description = \"d\"\n{phases}"))?.legs(by)
}

#[test]
fn every_scenario_that_ships_is_right() {
    let names: Vec<_> = std::fs::read_dir(shipped()).unwrap().flatten().collect();
    assert!(names.len() >= 9);
    for entry in names {
        Scenario::load(entry.path().to_str().unwrap()).unwrap();
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let wrong = [
        "",
        "phases = []",
        "[[phases]]\nlasts_s = 1",
        "[[phases]]\nper_second = 1",
        "[[phases]]\nlasts_s = 1\nper_second = -1",
        "[[phases]]\nlasts_s = 1\ntimes_capacity = 3",
        "[[phases]]\nper_minute = 1",
        "[[phases]]\nin_flight = 5",
        "[[phases]]\nlasts_s = 1\nper_second = 1\n[mix]\ninvalid = 101",
        "[[phases]]\nlasts_s = 1\nper_second = 1\n[[events]]\nat = 3\ndo = \"stop\"\npart = \"moon\"",
    ];
    let told = wrong.map(|phases| format!("{phases}\n=> {:#}", legs(phases, AS_IT_IS).unwrap_err()));
    assert_snapshot!(told.join("\n\n"));
    let error = format!("{:#}", Scenario::load("no-such").unwrap_err());
    assert!(error.contains("smoke"), "{error}");
}

#[test]
fn speed_takes_time_away_and_scale_arrivals() {
    let phases = "[[phases]]\nlasts_s = 100\nper_second = 10\n[[phases]]\nlasts_s = 50\napplications = 500";
    let by = Compression {
        speed: 10.0,
        scale: 2.0,
    };
    let stretch = |seconds, per_second| Stretch {
        lasts: Duration::from_secs(seconds),
        per_second,
    };
    let expected = vec![stretch(10, 200.0), stretch(5, 200.0)];
    assert_eq!(legs(phases, by).unwrap(), [Leg::Scheduled(expected)]);
}

#[test]
fn peaks_are_at_the_end_of_each_interval() {
    let phases =
        "[[phases]]\nlasts_s = 25\nper_second = 1\npeaks = { per_second = 3, every_s = 10, last_s = 2 }";
    let Leg::Scheduled(stretches) = legs(phases, AS_IT_IS).unwrap().remove(0) else {
        panic!("another leg")
    };
    let seen: Vec<_> = stretches
        .iter()
        .map(|s| (s.lasts.as_secs(), s.per_second))
        .collect();
    assert_eq!(seen, [(8, 1.0), (2, 3.0), (8, 1.0), (2, 3.0), (5, 1.0)]);
}
