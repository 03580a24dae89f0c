//! A file of many applications whose upload goes wrong: sent again with the same keys, each of its
//! rows is registered exactly once, and what had a receipt keeps it.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use loadtests::bulk::batches::{Batch, Upload, Uploader};
use loadtests::http::client::Intake;
use loadtests::http::persistence::Senders;
use loadtests::people::applications::Applications;
use loadtests::proof::ledger::Ledger;
use loadtests::proof::reconcile::reconcile;
use loadtests::proof::register;
use loadtests::system::backlog::{Backlog, drained};
use loadtests::system::private_system::PrivateSystem;
use sportello_domain::OrganisationId;
use sportello_stack::Part;
use tokio::sync::watch;
use tokio::task::JoinHandle;

const ROWS: u32 = 3_000;
/// Rows answered when something happens.
const MIDDLE: u64 = 500;
const REGISTERED_WITHIN: Duration = Duration::from_secs(120);

/// A private system, and an organisation that sends files to it.
struct Office {
    system: PrivateSystem,
    senders: Arc<Senders>,
    uploader: Arc<Uploader>,
}

/// An upload that is going on.
struct Underway {
    answered: watch::Receiver<u64>,
    task: JoinHandle<Upload>,
}

impl Office {
    async fn open() -> Self {
        let system = PrivateSystem::start().await.expect("a private system");
        let intake = system.url(Part::Intake).expect("its address");
        let ledger = Ledger::begin(&system.folder().join("ledger.jsonl")).expect("a ledger");
        let mint = system.mint().expect("a mint");
        let organisation = OrganisationId::parse("patronato-esempio").expect("an organisation");
        let token = mint.organisation_token(&organisation).expect("a token");
        let applications = Applications::new(rand::random(), mint);
        let senders = Senders::new(applications, Intake::at(&intake).expect("an address"), ledger);
        let uploader = Uploader::new(Arc::clone(&senders), &intake, token).expect("an address");
        Self {
            system,
            senders,
            uploader,
        }
    }

    fn batch(&self, rows: Range<u32>) -> Batch {
        Batch::new(self.senders.applications(), rows)
    }

    fn begin(&self, batch: &Batch, attempt: u32) -> Underway {
        let (progress, answered) = watch::channel(0);
        let (uploader, batch) = (Arc::clone(&self.uploader), batch.clone());
        let task = tokio::spawn(async move {
            let upload = uploader.send(&batch, attempt, progress).await;
            upload.expect("a thread")
        });
        Underway { answered, task }
    }
}

impl Underway {
    /// Waits until this many rows have their answers, while others have none yet.
    async fn middle(&mut self) {
        let is_reached = |answered: &u64| *answered >= MIDDLE;
        let reached = *self.answered.wait_for(is_reached).await.expect("it goes on");
        assert!(
            reached < u64::from(ROWS),
            "it was over before anything could happen"
        );
    }

    async fn end(self) -> Upload {
        self.task.await.expect("its end")
    }

    /// Ends it as a lost connection would.
    async fn cut(self) {
        self.task.abort();
        assert!(self.task.await.is_err(), "it had ended before");
    }
}

impl Office {
    /// Every row of the file has been accepted, always under the same id, and is registered exactly
    /// once.
    async fn each_row_is_registered_once(&mut self, batch: &Batch) {
        let lines = self.senders.ledger().read().expect("the ledger");
        let applications = self.senders.applications();
        let everything = 0..u64::MAX;
        let accepted = reconcile(&lines, &[], applications).accepted(&everything);
        let (_, backlog) = drained(&self.system, accepted as u64, 0, REGISTERED_WITHIN)
            .await
            .expect("register and broker");
        let mut database = register::connect(&self.system.database_url())
            .await
            .expect("the database");
        let rows = register::rows(&mut database).await.expect("the register");
        let result = reconcile(&lines, &rows, applications);
        assert_eq!(
            (result.findings.as_slice(), backlog),
            (&[][..], Backlog::default())
        );
        let counts = (
            result.accepted(&batch.numbers()),
            result.registered(&batch.numbers()),
        );
        assert_eq!(counts, (ROWS as usize, ROWS as usize));
    }

    async fn sent_again(&self, batch: &Batch) {
        let upload = self.begin(batch, 2).end().await;
        assert!(upload.is_complete(batch), "{upload:?}");
    }

    async fn cut_in_the_middle(&mut self) {
        let batch = self.batch(0..ROWS);
        let mut first = self.begin(&batch, 1);
        first.middle().await;
        first.cut().await;
        self.sent_again(&batch).await;
        self.each_row_is_registered_once(&batch).await;
    }

    async fn intake_is_killed(&mut self) {
        let batch = self.batch(ROWS..2 * ROWS);
        let mut first = self.begin(&batch, 1);
        first.middle().await;
        self.system.process(Part::Intake).kill().await.expect("it ends");
        let first = first.end().await;
        assert!(first.end.is_none(), "no last line: to be sent again");
        self.system.start_part(Part::Intake).await.expect("it starts");
        self.sent_again(&batch).await;
        self.each_row_is_registered_once(&batch).await;
    }

    async fn the_worker_is_killed(&mut self) {
        let batch = self.batch(2 * ROWS..3 * ROWS);
        let mut only = self.begin(&batch, 1);
        only.middle().await;
        let worker = Part::Worker(1);
        self.system.process(worker).kill().await.expect("it ends");
        let only = only.end().await;
        assert!(only.is_complete(&batch), "the door needs no worker: {only:?}");
        self.system.start_part(worker).await.expect("it starts");
        self.each_row_is_registered_once(&batch).await;
    }

    async fn sent_twice_at_once(&mut self) {
        let batch = self.batch(3 * ROWS..4 * ROWS);
        let (one, other) = (self.begin(&batch, 1), self.begin(&batch, 2));
        let (one, other) = (one.end().await, other.end().await);
        assert!(
            one.is_complete(&batch) && other.is_complete(&batch),
            "{one:?} {other:?}"
        );
        assert_eq!(one.end.map(|end| end.id), other.end.map(|end| end.id));
        self.each_row_is_registered_once(&batch).await;
    }
}

/// One system for all four, since to start one takes most of the time.
#[tokio::test]
async fn every_row_of_a_file_is_registered_once_whether_its_upload_is_cut_killed_or_doubled() {
    let mut office = Office::open().await;
    office.cut_in_the_middle().await;
    office.intake_is_killed().await;
    office.the_worker_is_killed().await;
    office.sent_twice_at_once().await;
}
