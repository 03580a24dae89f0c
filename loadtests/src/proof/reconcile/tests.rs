use sportello_people::Mint;

use super::*;

const RECEIVED: i64 = 1_585_699_200_000;

struct Case {
    applications: Applications,
    lines: Vec<Line>,
    rows: Vec<Row>,
    _folder: tempfile::TempDir,
}

/// Three applications: all attempted, 0 and 1 accepted and registered, 2 without an answer.
fn case() -> Case {
    let folder = tempfile::tempdir().unwrap();
    let applications = Applications::new(1, Mint::open(folder.path()).unwrap());
    let mut lines: Vec<Line> = (0..3).map(|number| sent(&applications, number)).collect();
    lines.extend([accepted(0, 0), accepted(1, 1)]);
    let rows = (0..2)
        .map(|number| row(&applications, number, u128::from(number)))
        .collect();
    Case {
        applications,
        lines,
        rows,
        _folder: folder,
    }
}

fn sent(applications: &Applications, number: u64) -> Line {
    let attempt = Attempt {
        application: number,
        attempt: 1,
    };
    Line::Sent {
        attempt,
        due_us: 0,
        key: applications.key(number),
    }
}

fn accepted(application: u64, id: u128) -> Line {
    let received_at = Timestamp::from_millisecond(RECEIVED).unwrap();
    let answer = Answer::Accepted {
        id: Uuid::from_u128(id),
        received_at,
    };
    Line::Answered {
        attempt: Attempt {
            application,
            attempt: 1,
        },
        due_us: 0,
        latency_us: 1,
        answer,
        receipt: String::new(),
    }
}

fn row(applications: &Applications, number: u64, id: u128) -> Row {
    Row {
        id: Uuid::from_u128(id),
        protocol_year: 2020,
        protocol_number: i64::try_from(id).unwrap() + 1,
        tax_code: applications.person(number).tax_code.as_str().to_owned(),
        reference: Some(applications.key(number)),
        received_ms: RECEIVED,
        registrations: 1,
    }
}

fn findings(case: &Case) -> Vec<Finding> {
    reconcile(&case.lines, &case.rows, &case.applications).findings
}

#[test]
fn what_is_well_is_counted() {
    let mut case = case();
    let result = reconcile(&case.lines, &case.rows, &case.applications);
    assert_eq!((result.accepted(&(0..3)), result.registered(&(0..3))), (2, 2));
    assert_eq!((result.accepted(&(1..3)), result.findings), (1, vec![]));

    // an attempt without an answer may have been registered
    case.rows.push(row(&case.applications, 2, 9));
    assert_eq!(findings(&case), []);
}

#[test]
fn a_loss_is_found() {
    let mut case = case();
    case.rows.remove(1);
    assert_eq!(findings(&case), [Finding::Lost { application: 1 }]);
}

#[test]
fn a_second_registration_is_found() {
    let mut case = case();
    case.rows[0].registrations = 2;
    assert_eq!(findings(&case), [Finding::Twice { application: 0 }]);

    case.rows[0].registrations = 1;
    case.rows.push(row(&case.applications, 0, 5));
    let twice = [
        Finding::Twice { application: 0 },
        Finding::NotAsAccepted { application: 0 },
    ];
    assert_eq!(findings(&case), twice);
}

#[test]
fn another_id_for_the_same_key_is_found() {
    let mut case = case();
    case.lines.push(accepted(0, 5));
    let expected = [
        Finding::Lost { application: 0 },
        Finding::OtherId { application: 0 },
    ];
    assert_eq!(findings(&case), expected);
}

#[test]
fn a_row_that_differs_from_its_receipt_is_found() {
    let expected = [Finding::NotAsAccepted { application: 1 }];
    let mut other_person = case();
    other_person.rows[1].tax_code = other_person.applications.person(0).tax_code.as_str().to_owned();
    assert_eq!(findings(&other_person), expected);
    let mut later = case();
    later.rows[1].received_ms += 1;
    assert_eq!(findings(&later), expected);
}

#[test]
fn a_row_that_nobody_sent_and_a_shared_number_are_found() {
    let mut case = case();
    case.rows.push(Row {
        reference: None,
        ..row(&case.applications, 2, 0)
    });
    let id = Uuid::from_u128(0);
    assert_eq!(
        findings(&case),
        [Finding::NeverAttempted { id }, Finding::SameProtocolNumber { id }]
    );
}

#[test]
fn what_is_wrong_on_purpose_is_found_where_it_was_accepted_or_registered() {
    let mix = crate::people::mix::Mix {
        invalid: 1,
        ..Default::default()
    };
    let mut case = case();
    case.applications = case.applications.mixed(mix);
    assert!(matches!(case.applications.kind(0), Kind::Invalid(_)));
    assert_eq!(findings(&case), [Finding::Invalid { application: 0 }]);
    case.lines.remove(3);
    assert_eq!(findings(&case), [Finding::Invalid { application: 0 }]);
    case.rows.remove(0);
    assert_eq!(findings(&case), []);
}

#[test]
fn a_duplicate_belongs_to_the_person_who_applied_before() {
    let mix = crate::people::mix::Mix {
        duplicates: 100 - 63,
        ..Default::default()
    };
    let mut case = case();
    case.applications = case.applications.mixed(mix);
    let (number, of) = (0..100)
        .find_map(|number| match case.applications.kind(number) {
            Kind::Duplicate { of } => Some((number, of)),
            Kind::Citizen | Kind::Intermediary | Kind::Invalid(_) => None,
        })
        .unwrap();
    case.lines = [of, number]
        .iter()
        .flat_map(|n| [sent(&case.applications, *n), accepted(*n, u128::from(*n))])
        .collect();
    case.rows = vec![
        row(&case.applications, of, u128::from(of)),
        row(&case.applications, number, u128::from(number)),
    ];
    assert_eq!(case.rows[0].tax_code, case.rows[1].tax_code);
    assert_eq!(findings(&case), []);
}

#[test]
fn numbers_far_from_any_other_are_distinguished_too() {
    let mut numbers = Numbers::default();
    for number in [1, 2, 64, FAR, i64::MAX, -1] {
        assert!(numbers.insert(2020, number) && !numbers.insert(2020, number));
    }
    assert!(numbers.insert(2021, 1));
}
