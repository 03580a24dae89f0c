//! Examples of each standing, and properties of any set of claims.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

/// An application as these tests write it down; subjects and benefits are numbers.
#[derive(Debug, Clone)]
struct Sent {
    number: u32,
    second: i64,
    benefit: BenefitId,
    applicant: Subject,
    one_per: Vec<Subject>,
    closed: Option<Reason>,
}

fn benefit(number: usize) -> BenefitId {
    BenefitId::parse(&format!("benefit-{number}")).unwrap()
}

fn subject(number: usize) -> Subject {
    Subject::of(&format!("subject {number}"))
}

fn id(number: u32) -> ApplicationId {
    ApplicationId::from(Uuid::from_u128(number.into()))
}

fn sent(number: u32, second: i64, asked: usize, applicant: usize, one_per: &[usize]) -> Sent {
    Sent {
        number,
        second,
        benefit: benefit(asked),
        applicant: subject(applicant),
        one_per: one_per.iter().copied().map(subject).collect(),
        closed: None,
    }
}

fn incompatible(pairs: &[(usize, usize)]) -> Incompatibilities {
    let mut incompatibilities = Incompatibilities::default();
    for (one, other) in pairs {
        incompatibilities.insert(benefit(*one), benefit(*other));
    }
    incompatibilities
}

fn decided(sent: &[Sent], incompatibilities: &Incompatibilities) -> Vec<Standing> {
    let claims: Vec<Claim<'_>> = sent
        .iter()
        .map(|sent| Claim {
            id: id(sent.number),
            received_at: Timestamp::from_second(sent.second).unwrap(),
            benefit: &sent.benefit,
            applicant: sent.applicant.clone(),
            one_per: &sent.one_per,
            closed: sent.closed,
        })
        .collect();
    decide(&claims, incompatibilities)
}

#[test]
fn the_earliest_of_a_person_stands_and_of_one_instant_the_lower_id() {
    let sent = [
        sent(3, 20, 0, 0, &[0]),
        sent(2, 10, 0, 0, &[0]),
        sent(1, 10, 0, 0, &[0]),
        sent(4, 30, 0, 1, &[1]),
        sent(5, 30, 1, 0, &[0]),
    ];
    let duplicate = Standing::Duplicate(Reason::SamePerson, id(1));
    assert_eq!(
        decided(&sent, &incompatible(&[])),
        [
            duplicate,
            duplicate,
            Standing::Stands,
            Standing::Stands,
            Standing::Stands
        ]
    );
}

#[test]
fn a_closed_one_is_refused_and_stands_in_nobodys_way() {
    let early = Sent {
        closed: Some(Reason::BeforeOpening),
        ..sent(1, 10, 0, 0, &[0])
    };
    assert_eq!(
        decided(&[early, sent(2, 20, 0, 0, &[0])], &incompatible(&[])),
        [Standing::Refused(Reason::BeforeOpening), Standing::Stands]
    );
}

#[test]
fn a_child_is_asked_for_once_whichever_parent_asks() {
    let (mother, father, child, another) = (0, 1, 2, 3);
    let sent = [
        sent(1, 10, 0, mother, &[mother, child]),
        sent(2, 20, 0, father, &[father, child]),
        sent(3, 30, 0, father, &[father, another]),
    ];
    assert_eq!(
        decided(&sent, &incompatible(&[])),
        [
            Standing::Stands,
            Standing::Duplicate(Reason::SameSubject, id(1)),
            // the father's first application does not stand, so it does not exclude his second
            Standing::Stands,
        ]
    );
}

#[test]
fn a_person_named_by_another_is_no_duplicate_of_the_same_person() {
    let sent = [sent(1, 10, 0, 0, &[0, 1]), sent(2, 20, 0, 1, &[1])];
    let standings = decided(&sent, &incompatible(&[]));
    assert_eq!(standings[1], Standing::Duplicate(Reason::SameSubject, id(1)));
}

#[test]
fn without_one_per_nothing_is_a_duplicate() {
    let sent = [sent(1, 10, 0, 0, &[]), sent(2, 20, 0, 0, &[])];
    assert_eq!(decided(&sent, &incompatible(&[])), [Standing::Stands; 2]);
}

#[test]
fn incompatible_benefits_exclude_each_other_in_both_directions() {
    let (mother, father, child) = (0, 1, 2);
    for (first, second) in [(0, 1), (1, 0)] {
        let sent = [
            sent(1, 10, first, mother, &[child]),
            // of the same applicant, of the same child, and of neither
            sent(2, 20, second, mother, &[]),
            sent(3, 30, second, father, &[child]),
            sent(4, 40, second, father, &[father]),
        ];
        let excluded = Standing::Incompatible(id(1));
        assert_eq!(
            decided(&sent, &incompatible(&[(0, 1)])),
            [Standing::Stands, excluded, excluded, Standing::Stands]
        );
    }
}

#[test]
fn a_duplicate_is_reported_before_an_incompatibility() {
    let sent = [
        sent(1, 10, 0, 0, &[0]),
        sent(2, 20, 1, 1, &[2]),
        sent(3, 30, 0, 0, &[0, 2]),
    ];
    assert_eq!(
        decided(&sent, &incompatible(&[(0, 1)]))[2],
        Standing::Duplicate(Reason::SamePerson, id(1))
    );
}

const SUBJECTS: usize = 5;

fn any_sent() -> impl Strategy<Value = Vec<Sent>> {
    let closed = prop_oneof![4 => Just(None), 1 => Just(Some(Reason::OutsideWindow))];
    let one = (
        0_i64..4,
        0_usize..3,
        0..SUBJECTS,
        proptest::collection::btree_set(0..SUBJECTS, 0..3),
        any::<bool>(),
        closed,
    )
        .prop_map(
            |(second, asked, applicant, mut one_per, with_applicant, closed)| {
                if with_applicant {
                    one_per.insert(applicant);
                }
                let one_per: Vec<usize> = one_per.into_iter().collect();
                Sent {
                    closed,
                    ..sent(0, second, asked, applicant, &one_per)
                }
            },
        );
    proptest::collection::vec(one, 0..12).prop_map(|mut all| {
        for (number, sent) in (0_u32..).zip(&mut all) {
            // ids are in another order than the claims
            sent.number = number * 7 % 13;
        }
        all
    })
}

fn any_pairs() -> impl Strategy<Value = Incompatibilities> {
    proptest::sample::subsequence(vec![(0, 1), (0, 2), (1, 2)], 0..=3).prop_map(|pairs| incompatible(&pairs))
}

fn subjects_of(sent: &Sent) -> BTreeSet<Subject> {
    sent.one_per.iter().chain([&sent.applicant]).cloned().collect()
}

fn are_duplicates(one: &Sent, other: &Sent) -> bool {
    one.benefit == other.benefit && one.one_per.iter().any(|subject| other.one_per.contains(subject))
}

fn exclude_each_other(one: &Sent, other: &Sent, incompatibilities: &Incompatibilities) -> bool {
    incompatibilities.exclude(&one.benefit, &other.benefit)
        && !subjects_of(one).is_disjoint(&subjects_of(other))
}

/// The claims that are connected with the first one.
fn connected_with_first(all: &[Sent]) -> Vec<Sent> {
    let mut known = all.first().map(subjects_of).unwrap_or_default();
    loop {
        let connected: Vec<Sent> = all
            .iter()
            .filter(|sent| !subjects_of(sent).is_disjoint(&known))
            .cloned()
            .collect();
        let widened: BTreeSet<Subject> = connected.iter().flat_map(subjects_of).collect();
        if widened == known {
            return connected;
        }
        known = widened;
    }
}

fn by_number(all: &[Sent], standings: Vec<Standing>) -> BTreeMap<u32, Standing> {
    all.iter().map(|sent| sent.number).zip(standings).collect()
}

proptest! {
    #[test]
    fn the_order_of_the_claims_is_nothing(
        (all, shuffled) in any_sent().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        pairs in any_pairs(),
    ) {
        let standings = by_number(&all, decided(&all, &pairs));
        prop_assert_eq!(standings, by_number(&shuffled, decided(&shuffled, &pairs)));
    }

    #[test]
    fn only_connected_claims_matter(all in any_sent(), pairs in any_pairs()) {
        let connected = connected_with_first(&all);
        let whole = by_number(&all, decided(&all, &pairs));
        for (number, standing) in by_number(&connected, decided(&connected, &pairs)) {
            prop_assert_eq!(standing, whole[&number]);
        }
    }

    #[test]
    fn of_a_person_exactly_the_earliest_open_one_stands(mut all in any_sent()) {
        for sent in &mut all {
            sent.one_per = vec![sent.applicant.clone()];
        }
        for (index, standing) in decided(&all, &incompatible(&[])).into_iter().enumerate() {
            let this = &all[index];
            let earliest = all
                .iter()
                .filter(|other| other.closed.is_none() && are_duplicates(this, other))
                .min_by_key(|other| (other.second, other.number));
            let expected = match (this.closed, earliest) {
                (Some(reason), _) => Standing::Refused(reason),
                (None, Some(first)) if first.number != this.number => {
                    Standing::Duplicate(Reason::SamePerson, id(first.number))
                }
                (None, _) => Standing::Stands,
            };
            prop_assert_eq!(standing, expected);
        }
    }

    #[test]
    fn no_two_that_stand_clash_and_who_does_not_stand_clashes_with_one_named(
        all in any_sent(),
        pairs in any_pairs(),
    ) {
        let standings = decided(&all, &pairs);
        let standing: Vec<&Sent> = all
            .iter()
            .zip(&standings)
            .filter_map(|(sent, standing)| (*standing == Standing::Stands).then_some(sent))
            .collect();
        for (index, one) in standing.iter().enumerate() {
            for other in &standing[index + 1..] {
                prop_assert!(!are_duplicates(one, other) && !exclude_each_other(one, other, &pairs));
            }
        }
        let named = |number: ApplicationId| standing.iter().find(|sent| id(sent.number) == number).unwrap();
        let earlier = |one: &Sent, other: &Sent| (one.second, one.number) < (other.second, other.number);
        for (sent, standing) in all.iter().zip(&standings) {
            match *standing {
                Standing::Stands => prop_assert_eq!(sent.closed, None),
                Standing::Refused(reason) => prop_assert_eq!(sent.closed, Some(reason)),
                Standing::Duplicate(_, other) => {
                    let other = named(other);
                    prop_assert!(earlier(other, sent) && are_duplicates(other, sent));
                }
                Standing::Incompatible(other) => {
                    let other = named(other);
                    prop_assert!(earlier(other, sent) && exclude_each_other(other, sent, &pairs));
                }
            }
        }
    }
}
