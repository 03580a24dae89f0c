//! Citizens who apply and withdraw, and write down what they are answered.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::iter;
use loadtests::http::client::Intake;
use loadtests::people::applications::Prepared;
use loadtests::proof::answer::Answer;
use loadtests::system::private_system::PrivateSystem;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use sportello_domain::OrganisationId;
use sportello_people::Mint;
use sportello_stack::Part;
use sportello_testkit::eventually;
use uuid::Uuid;

use crate::conservation::papers::{Paper, Papers, Step, first_key};
use crate::conservation::record::{CITIZEN, Record};

/// How long something is sent again and again.
const DEADLINE: Duration = Duration::from_secs(60);
/// Citizens at once.
const AT_ONCE: usize = 48;

/// All callers that send applications.
pub(crate) struct Callers {
    pub(crate) papers: Papers,
    mint: Mint,
    /// For applications that come alone.
    door: Intake,
    http: Client,
    intake: String,
    status: String,
    record: Mutex<Record>,
}

impl Callers {
    pub(crate) fn of(system: &PrivateSystem, seed: u64) -> Self {
        let address = |part| system.url(part).expect("its address");
        Self {
            papers: Papers::new(seed),
            mint: system.mint().expect("its mint"),
            door: Intake::at(&address(Part::Intake)).expect("an address"),
            http: Client::builder().no_proxy().build().expect("a client"),
            intake: address(Part::Intake),
            status: address(Part::Status),
            record: Mutex::default(),
        }
    }

    pub(crate) fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn token_of_person(&self, number: u64) -> String {
        let person = self.papers.person(number);
        self.mint.token(&person).expect("a token")
    }

    pub(crate) fn token_of(&self, organisation: &str) -> String {
        let organisation = OrganisationId::parse(organisation).expect("an organisation");
        self.mint.organisation_token(&organisation).expect("a token")
    }

    /// These citizens do what they do, many at once.
    pub(crate) async fn citizens(&self, numbers: Range<u64>) {
        self.follow(numbers.map(|number| self.papers.steps(number))).await;
    }

    /// Some of these citizens withdraw late.
    pub(crate) async fn withdraw_late(&self, numbers: Range<u64>) {
        self.follow(self.papers.late_steps(numbers)).await;
    }

    /// These citizens apply once more as they did, and withdraw nothing.
    pub(crate) async fn citizens_again(&self, numbers: Range<u64>) {
        let applies = |step: &Step| matches!(step, Step::Apply(_));
        let steps = |number| self.papers.steps(number).into_iter().filter(applies).collect();
        self.follow(numbers.map(steps)).await;
    }

    async fn follow(&self, courses: impl Iterator<Item = Vec<Step>>) {
        let course = async |steps: Vec<Step>| {
            for step in steps {
                self.take(step).await;
            }
        };
        iter(courses).for_each_concurrent(AT_ONCE, course).await;
    }

    async fn take(&self, step: Step) {
        match step {
            Step::Apply(paper) => match self.apply(&paper).await {
                Ok(_) => {}
                Err(status) => panic!("intake refuses an application: {status}"),
            },
            Step::Withdraw { of, by } => {
                let id = self.record().id(CITIZEN, &first_key(of), of);
                self.withdraw(id, &self.token_of_person(by), by == of).await;
            }
        }
    }

    /// Applies until the answer is `202` or no for good. Fails with the status.
    pub(crate) async fn apply(&self, paper: &Paper) -> Result<Uuid, u16> {
        let prepared = self.prepared(paper);
        let answer = eventually(DEADLINE, async || match self.door.submit(&prepared).await {
            Answer::Accepted { id, .. } => Some(Ok(id)),
            Answer::Wrong { status } => Some(Err(status)),
            Answer::Unavailable { .. } | Answer::NoConnection | Answer::Broken | Answer::TimedOut => None,
        });
        let answer = answer.await;
        if let Ok(id) = answer {
            self.record().accepted(CITIZEN, paper, id);
        }
        answer
    }

    fn prepared(&self, paper: &Paper) -> Prepared {
        let authorization = format!("Bearer {}", self.token_of_person(paper.person));
        let value = |text: &str| HeaderValue::try_from(text).expect("a header");
        Prepared {
            number: paper.person,
            key: paper.key.clone(),
            headers: HeaderMap::from_iter([
                (AUTHORIZATION, value(&authorization)),
                (CONTENT_TYPE, value("application/json")),
                (HeaderName::from_static("idempotency-key"), value(&paper.key)),
            ]),
            body: paper.content.clone().into(),
        }
    }

    /// Asks for a withdrawal until the answer is `202`, which says nothing of whether `is_holder`.
    pub(crate) async fn withdraw(&self, id: Uuid, token: &str, is_holder: bool) {
        let request = || self.to_intake(&format!("/v1/applications/{id}/withdrawal"), token);
        let answer = self.answer(request).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED, "a withdrawal");
        let mut record = self.record();
        let asked = if is_holder {
            &mut record.withdrawn
        } else {
            &mut record.strangers
        };
        asked.insert(id);
    }

    /// A request that posts to intake.
    pub(crate) fn to_intake(&self, path: &str, token: &str) -> RequestBuilder {
        self.http.post(self.intake.clone() + path).bearer_auth(token)
    }

    /// A request that reads of status.
    pub(crate) fn of_status(&self, path: &str, token: &str) -> RequestBuilder {
        self.http.get(self.status.clone() + path).bearer_auth(token)
    }

    /// Sends a request until there is an answer other than to come back later.
    pub(crate) async fn answer(&self, request: impl Fn() -> RequestBuilder) -> Response {
        eventually(DEADLINE, async || {
            let answer = request().send().await.ok()?;
            let later = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
            (!later.contains(&answer.status())).then_some(answer)
        })
        .await
    }
}
