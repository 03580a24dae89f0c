//! Every read of an application is recorded before it is answered.

use sportello_domain::AcceptedApplication;
use sportello_testkit::Sandbox;
use sqlx::Executor as _;

use crate::support::{Answer, Entry, Status, intermediary, own, people};

const REASON: &str = "complaint 2020/42 of the applicant";

/// An intermediary's application for Anna, and the tokens of the callers who may read it.
struct Office {
    status: Status,
    application: AcceptedApplication,
    path: String,
    anna: String,
    aurora: String,
    olga: String,
    /// Last, so that the process ends before its database goes.
    _sandbox: Sandbox,
}

impl Office {
    async fn open() -> Self {
        let sandbox = Sandbox::database().await;
        let status = Status::start(sandbox.database_url()).await;
        let (anna, _) = people();
        let aurora = intermediary("patronato-aurora");
        let (application, _) = status.sent_by(&aurora, &anna, "k-1", "2020-04-01T07:00:00Z");
        status.register(&application).await;
        Self {
            path: format!("/v1/applications/{}", application.id),
            anna: status.issuer.token(&anna),
            aurora: status.issuer.organisation_token("patronato-aurora"),
            olga: status.issuer.operator_token("olga"),
            application,
            status,
            _sandbox: sandbox,
        }
    }

    async fn get(&self, token: &str, path: &str) -> Answer {
        self.status.ask(token, path, &[]).await
    }

    /// Everything that shows something of the application, each once, in this order.
    async fn read_all(&self) -> Vec<Answer> {
        let content = format!("{}/content", self.path);
        vec![
            self.get(&self.anna, &self.path).await,
            self.get(&self.aurora, &self.path).await,
            self.get(&self.anna, &own(&self.anna)).await,
            self.get(&self.aurora, &own(&self.aurora)).await,
            self.get(&self.anna, &content).await,
            self.get(&self.aurora, &content).await,
            self.status
                .ask(&self.olga, &content, &[("Access-Reason", REASON)])
                .await,
        ]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_read_is_recorded_with_who_read_and_why() {
    let office = Office::open().await;
    for answer in office.read_all().await {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    // neither of these shows anything of it
    assert_eq!(
        office
            .get(&office.anna, &format!("{}/status", office.path))
            .await
            .status,
        303
    );
    let accesses = format!("{}/accesses", office.path);
    assert_eq!(office.get(&office.anna, &accesses).await.status, 200);

    let tax_code = office.application.application.applicant.tax_code.as_str();
    let entry = |(role, reader, operation): (&str, &str, &str)| Entry {
        application_id: office.application.id.into(),
        role: role.to_owned(),
        reader: reader.to_owned(),
        issuer: (role == "operator").then(|| sportello_people::mint::ISSUER.to_owned()),
        operation: operation.to_owned(),
        reason: (role == "operator").then(|| REASON.to_owned()),
    };
    let expected = [
        ("applicant", tax_code, "find"),
        ("submitter", "patronato-aurora", "find"),
        ("applicant", tax_code, "list"),
        ("submitter", "patronato-aurora", "list"),
        ("applicant", tax_code, "content"),
        ("submitter", "patronato-aurora", "content"),
        ("operator", "olga", "content"),
    ];
    assert_eq!(office.status.journal().await, expected.map(entry));
    for personal in [tax_code, REASON] {
        assert!(!office.status.service.log().contains(personal));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_holders_see_the_same_journal_and_no_name_in_it() {
    let office = Office::open().await;
    office.read_all().await;
    let accesses = format!("{}/accesses", office.path);
    let shown = office.get(&office.anna, &accesses).await;
    assert_eq!(shown, office.get(&office.aurora, &accesses).await);
    let tax_code = office.application.application.applicant.tax_code.as_str();
    for name in [tax_code, "patronato-aurora", "olga"] {
        assert!(!shown.body.contains(name), "{}", shown.body);
    }
    let journal = shown.json();
    let items = journal["items"].as_array().unwrap();
    let told: Vec<_> = items
        .iter()
        .map(|item| {
            (
                item["role"].as_str().unwrap(),
                item["operation"].as_str().unwrap(),
            )
        })
        .collect();
    // newest first
    assert_eq!(
        told,
        [
            ("operator", "content"),
            ("submitter", "content"),
            ("applicant", "content"),
            ("submitter", "list"),
            ("applicant", "list"),
            ("submitter", "find"),
            ("applicant", "find"),
        ]
    );
    assert_eq!(items[0]["reason"], REASON);
    assert!(items[1].get("reason").is_none());

    let first = office
        .get(&office.anna, &format!("{accesses}?limit=4"))
        .await
        .json();
    let next = first["next"].as_str().unwrap();
    let second = office
        .get(&office.anna, &format!("{accesses}?limit=4&after={next}"))
        .await
        .json();
    assert!(second.get("next").is_none());
    let pages = [&first, &second].map(|page| page["items"].as_array().unwrap().clone());
    assert_eq!(pages.concat(), *items);
}

#[tokio::test(flavor = "multi_thread")]
async fn for_nobody_else_is_there_a_journal() {
    let office = Office::open().await;
    let (_, bruno) = people();
    let bruno = office.status.issuer.token(&bruno);
    let nobodys = "/v1/applications/018f0000-0000-8000-8000-000000000000/accesses";
    let not_there = office.get(&office.anna, nobodys).await;
    assert_eq!(not_there.status, 404);
    for token in [&bruno, &office.olga] {
        assert_eq!(
            office.get(token, &format!("{}/accesses", office.path)).await,
            not_there
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_recorded_is_not_answered() {
    let office = Office::open().await;
    let mut connection = office.status.connection().await;
    connection
        .execute(
            "create function refuse_entry() returns trigger language plpgsql as
                 $$ begin raise exception 'no room for %', new.reader; end $$;
             create trigger refuse_entry before insert on access_journal
                 for each row execute function refuse_entry()",
        )
        .await
        .unwrap();
    for answer in office.read_all().await {
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert_eq!(answer.json()["type"], "urn:sportello:problem:unavailable");
        assert!(answer.headers.contains_key("retry-after"));
    }
    // an answer without data needs no entry
    assert_eq!(
        office
            .get(&office.anna, &format!("{}/status", office.path))
            .await
            .status,
        303
    );
    assert_eq!(office.status.journal().await, []);

    connection
        .execute("drop trigger refuse_entry on access_journal")
        .await
        .unwrap();
    for answer in office.read_all().await {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}
