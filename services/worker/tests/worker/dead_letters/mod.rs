//! Dead letters in the table: taken in once, mended, sent again, forgotten.

mod bulk;
mod ingesting;
mod mending;
mod people;
mod requeueing;

use std::sync::LazyLock;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, types::AMQPValue};
use serde_json::Value;
use sportello_dead_letters::{Mender, Requeuer};
use sportello_domain::{AccessReason, CatalogueVersion, Channel, Content, RequeueJobId};
use sportello_queue::topology::Topology;
use sportello_queue::{BrokerUri, Cover, LetterBox, Requeues, encode};
use sportello_store::{
    Asked, DeadLetter, LetterFilter, LetterState, Operator, PageSize, RequeueJob, RequeueRate,
    RequeueRequest, Selection, Store, StoreOptions,
};
use sportello_testkit::Account;
use worker::{Ingester, Lane};

use crate::support::{Office, Sent, open, settle};

/// An office with an operator's console.
pub(crate) struct Desk {
    pub(crate) office: Office,
    /// As the console has it.
    pub(crate) store: Store,
    pub(crate) mender: Mender,
    pub(crate) requeuer: Requeuer,
    pub(crate) ingester: Ingester,
}

pub(crate) static ANNA: LazyLock<Operator> = LazyLock::new(|| operator("anna"));
pub(crate) static BRUNO: LazyLock<Operator> = LazyLock::new(|| operator("bruno"));
pub(crate) static WHY: LazyLock<AccessReason> =
    LazyLock::new(|| AccessReason::parse("a test of dead letters").unwrap());

fn operator(name: &str) -> Operator {
    Operator {
        issuer: "https://identity.example".into(),
        subject: name.into(),
    }
}

pub(crate) async fn desk() -> Desk {
    let office = open().await;
    let url = Account::Console.address(&office.database_url);
    let store = Store::connect(&url, &StoreOptions::default()).unwrap();
    let letter_box = LetterBox::new(office.worker_uri(), "test");
    Desk {
        mender: Mender::new(store.clone(), office.catalogue.clone()),
        requeuer: Requeuer::new(store.clone(), requeues(&office)),
        ingester: Ingester::new(office.worker_store.clone(), letter_box),
        store,
        office,
    }
}

pub(crate) fn requeues(office: &Office) -> Requeues {
    let uri: BrokerUri = office.sandbox.amqp_url_of(Account::Console).parse().unwrap();
    Requeues::new(uri.with_topology(Topology::Expect), "test")
}

/// A message with this application, its content changed, as intake would have accepted it.
pub(crate) fn message_of(sent: &Sent, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut content = content_of(sent);
    change(&mut content);
    let (submitter, version) = (sent.submitter(), CatalogueVersion::of(b""));
    let cover = Cover::new(sent.id(), &submitter, sent.received_at, &version);
    let content = content.to_string();
    let content = Content::parse(content.as_bytes()).unwrap();
    let (submission, _) = sportello_queue::Submission::new(&cover, content).unwrap();
    encode([submission].iter())
}

/// The content of an application, which is good.
pub(crate) fn content_of(sent: &Sent) -> Value {
    let envelope: Value = serde_json::from_slice(&encode([sent.submission()].iter())).unwrap();
    envelope["applications"][0]["content"].clone()
}

/// Gives a content an account that can't be read.
pub(crate) fn with_a_wrong_account(content: &mut Value) {
    content["applicant"]["iban"] = "IT00".into();
}

impl Desk {
    /// All letters that are kept, the oldest first.
    pub(crate) async fn letters(&self) -> Vec<DeadLetter> {
        let all = (LetterFilter::default(), "100".parse().unwrap());
        let mut page = self.store.dead_letters(&all.0, all.1, None).await.unwrap().items;
        page.reverse();
        page
    }

    /// The one letter that is kept.
    pub(crate) async fn letter(&self) -> DeadLetter {
        let mut letters = self.letters().await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        letters.remove(0)
    }

    /// Has a lane dead-letter these messages, and takes them in.
    pub(crate) async fn dead_letter(&self, lane: &mut Lane, messages: &[Vec<u8>]) {
        for message in messages {
            self.office.publish_bytes(Channel::Citizen, message).await;
        }
        let done = settle(lane, messages.len()).await;
        assert_eq!(done.dead_lettered, messages.len());
        self.ingest(messages.len()).await;
    }

    /// Takes in this many new letters.
    pub(crate) async fn ingest(&self, wanted: usize) {
        let mut new = 0;
        while new < wanted {
            new += self.ingester.step().await.unwrap().new;
        }
        assert_eq!(new, wanted);
    }

    /// Asks to send letters again.
    pub(crate) async fn ask(&self, letters: Selection) -> RequeueJob {
        let request = RequeueRequest {
            id: RequeueJobId::from(uuid()),
            letters,
            rate: RequeueRate::default(),
        };
        match self.store.ask_requeue(&request, &ANNA, &WHY).await.unwrap() {
            Asked::Job(job) => job,
            refused @ (Asked::CountDiffers(_) | Asked::OutOfRange(_)) => panic!("{refused:?}"),
        }
    }

    /// Asks to send this letter again.
    pub(crate) async fn ask_one(&self, letter: &DeadLetter) -> RequeueJob {
        self.ask(Selection::Letters(vec![(letter.id, letter.version)]))
            .await
    }

    /// The job as it is now.
    pub(crate) async fn job(&self, job: &RequeueJob) -> RequeueJob {
        self.store.requeue_job(job.id).await.unwrap().unwrap()
    }

    /// States of all letters, the oldest first.
    pub(crate) async fn states(&self) -> Vec<LetterState> {
        self.letters().await.iter().map(|letter| letter.state).collect()
    }

    /// Publishes a message to a queue in which it waits, with properties.
    pub(crate) async fn put(&self, exchange: &str, body: &[u8], properties: BasicProperties) {
        let (connection, amqp) = self.office.operator().await;
        amqp.confirm_select(ConfirmSelectOptions::default())
            .await
            .unwrap();
        let options = BasicPublishOptions::default();
        let publish = amqp.basic_publish(exchange.into(), "citizen".into(), options, body, properties);
        publish.await.unwrap().await.unwrap();
        connection.close(200, "done".into()).await.unwrap();
    }
}

pub(crate) fn uuid() -> sqlx::types::Uuid {
    sqlx::types::Uuid::new_v4()
}

pub(crate) fn page() -> PageSize {
    "100".parse().unwrap()
}

pub(crate) fn with_header(name: &str, value: &str) -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert(name.into(), AMQPValue::LongString(value.into()));
    BasicProperties::default().with_headers(headers)
}
