//! Holders take applications back.

use jiff::Timestamp;
use sportello_domain::{
    ApplicationId, Incompatibilities, OrganisationId, Outcome, Reason, Submitter, Withdrawal,
};
use sportello_store::WithdrawalArrival;

use crate::fixtures::{Database, application, at, id, migrated, person, register};

fn aurora() -> Submitter {
    Submitter::Intermediary(OrganisationId::parse("patronato-aurora").unwrap())
}

fn citizen(number: u32) -> Submitter {
    Submitter::Citizen(person(number))
}

async fn withdraw(database: &Database, application_id: ApplicationId, by: Submitter) -> WithdrawalArrival {
    let withdrawal = Withdrawal {
        application_id,
        by,
        requested_at: at("2020-04-02T12:00:00Z"),
    };
    let none = Incompatibilities::default();
    database.store.withdraw(&[withdrawal], &none).await.unwrap()[0]
}

async fn outcome(database: &Database, application_id: ApplicationId) -> (Outcome, Reason) {
    let found = database.find(application_id).await.unwrap();
    (found.outcome, found.reason)
}

#[tokio::test]
async fn a_holder_withdraws_once_and_history_says_which_holder() {
    let database = migrated().await;
    let mut sent = [application(1), application(2)];
    sent[1].submitter = aurora();
    register(&database.store, &sent).await.unwrap();
    for (id, by, reason) in [
        (id(1), citizen(1), Reason::WithdrawnByApplicant),
        (id(2), aurora(), Reason::WithdrawnBySubmitter),
    ] {
        assert_eq!(withdraw(&database, id, by.clone()).await, WithdrawalArrival::New);
        let found = database.find(id).await.unwrap();
        assert_eq!((found.outcome, found.reason), (Outcome::Withdrawn, reason));
        let last = found.history.last().unwrap();
        assert_eq!(
            (last.outcome, last.reason),
            (Some(Outcome::Withdrawn), Some(reason))
        );
        assert_eq!(withdraw(&database, id, by).await, WithdrawalArrival::Again);
        assert_eq!(database.find(id).await.unwrap().history, found.history);
    }
}

#[tokio::test]
async fn an_applicant_withdraws_what_an_intermediary_sent() {
    let database = migrated().await;
    let mut sent = application(1);
    sent.submitter = aurora();
    register(&database.store, &[sent]).await.unwrap();
    assert_eq!(
        withdraw(&database, id(1), citizen(1)).await,
        WithdrawalArrival::New
    );
    assert_eq!(
        outcome(&database, id(1)).await,
        (Outcome::Withdrawn, Reason::WithdrawnByApplicant)
    );
}

#[tokio::test]
async fn a_stranger_withdraws_nothing() {
    let database = migrated().await;
    register(&database.store, &[application(1)]).await.unwrap();
    let before = database.find(id(1)).await;
    for stranger in [citizen(2), aurora()] {
        assert_eq!(
            withdraw(&database, id(1), stranger).await,
            WithdrawalArrival::NotHeld
        );
    }
    assert_eq!(database.find(id(1)).await, before);
}

#[tokio::test]
async fn the_next_earliest_stands_then_and_the_person_may_apply_again() {
    let database = migrated().await;
    let minute = |number: u32| {
        let mut sent = crate::fixtures::received(application(1), &format!("2020-04-01T12:0{number}:00Z"));
        sent.id = id(number);
        sent
    };
    register(&database.store, &[minute(1), minute(2), minute(3)])
        .await
        .unwrap();
    let standing = (Outcome::Registered, Reason::Regular);
    withdraw(&database, id(1), citizen(1)).await;
    assert_eq!(outcome(&database, id(2)).await, standing);
    assert_eq!(
        outcome(&database, id(3)).await,
        (Outcome::Duplicate, Reason::SamePerson)
    );
    withdraw(&database, id(2), citizen(1)).await;
    withdraw(&database, id(3), citizen(1)).await;
    register(&database.store, &[minute(4)]).await.unwrap();
    assert_eq!(outcome(&database, id(4)).await, standing);
    // delivered again, what is withdrawn stays withdrawn
    register(&database.store, &[minute(1)]).await.unwrap();
    assert_eq!(outcome(&database, id(1)).await.0, Outcome::Withdrawn);
}

async fn rows(database: &Database, table: &str) -> i64 {
    let count = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
    sqlx::query_scalar(count)
        .fetch_one(&mut database.connection().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_withdrawal_that_comes_first_waits_for_its_application() {
    let database = migrated().await;
    let mut of_aurora = application(2);
    of_aurora.submitter = aurora();
    for (id, by) in [
        (id(1), citizen(1)),
        (id(2), aurora()),
        (id(3), citizen(9)),
        (id(3), aurora()),
    ] {
        assert_eq!(withdraw(&database, id, by).await, WithdrawalArrival::Waiting);
    }
    let sent = [application(1), of_aurora, application(3)];
    let registered = register(&database.store, &sent).await.unwrap();
    let outcomes: Vec<_> = registered.iter().map(|one| (one.outcome, one.reason)).collect();
    assert_eq!(
        outcomes,
        [
            (Outcome::Withdrawn, Reason::WithdrawnByApplicant),
            (Outcome::Withdrawn, Reason::WithdrawnBySubmitter),
            // of strangers
            (Outcome::Registered, Reason::Regular),
        ]
    );
    // what has no effect waits for its term, so that strangers learn nothing
    assert_eq!(rows(&database, "pending_withdrawals").await, 2);
    assert_eq!(
        withdraw(&database, id(1), citizen(1)).await,
        WithdrawalArrival::Again
    );
}

#[tokio::test]
async fn a_withdrawal_for_what_never_comes_goes_after_30_days() {
    let database = migrated().await;
    withdraw(&database, id(1), citizen(1)).await;
    withdraw(&database, id(2), aurora()).await;
    let purge = async || {
        database.store.purge(&[], Timestamp::now(), 10).await.unwrap();
        (
            rows(&database, "pending_withdrawals").await,
            rows(&database, "subjects").await,
        )
    };
    assert_eq!(purge().await, (2, 1));
    sqlx::query("update pending_withdrawals set recorded_at = now() - interval '31 days'")
        .execute(&mut database.connection().await)
        .await
        .unwrap();
    assert_eq!(purge().await, (0, 0));
}

#[tokio::test]
async fn a_stranger_who_withdraws_leaves_nothing() {
    let database = migrated().await;
    register(&database.store, &[application(1)]).await.unwrap();
    withdraw(&database, id(1), citizen(2)).await;
    assert_eq!(rows(&database, "subjects").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_withdrawal_at_the_moment_of_registering_is_not_lost() {
    let database = migrated().await;
    for number in 0..60 {
        let mut sent = application(number);
        let by = if number % 2 == 0 {
            citizen(number)
        } else {
            aurora()
        };
        if number % 2 == 1 {
            sent.submitter = aurora();
        }
        let batch = [sent];
        let (registered, _) = tokio::join!(
            register(&database.store, &batch),
            withdraw(&database, id(number), by)
        );
        registered.unwrap();
        assert_eq!(outcome(&database, id(number)).await.0, Outcome::Withdrawn);
    }
}

#[tokio::test]
async fn a_withdrawal_gives_its_claim_on_the_budget_back() {
    let database = migrated().await;
    let mut paid = crate::fixtures::sent(1, 1, "bonus", at("2020-04-01T12:00:00Z"));
    paid.ruling.amount_cents = Some(60_000);
    paid.ruling.budget = Some(sportello_domain::BudgetKey {
        benefit: crate::fixtures::benefit("bonus"),
        category: None,
    });
    let none = Incompatibilities::default();
    let batch = [paid.registrable()];
    database.store.register(&batch, &none).await.unwrap();
    let claimed = async || database.store.budgets().await.unwrap()[0].claimed_cents;
    assert_eq!(claimed().await, 60_000);
    withdraw(&database, id(1), citizen(1)).await;
    assert_eq!(claimed().await, 0);
}
