//! A private system, its callers, and what befalls it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use loadtests::http::aside::aside;
use loadtests::http::client::Intake;
use loadtests::http::open_loop::Schedule;
use loadtests::http::persistence::Senders;
use loadtests::people::applications::Applications;
use loadtests::proof::answer::Answer;
use loadtests::proof::ledger::{Ledger, Line};
use loadtests::proof::reconcile::reconcile;
use loadtests::proof::register;
use loadtests::system::backlog::{Backlog, drained};
use loadtests::system::private_system::PrivateSystem;
use reqwest::{Client, Url};
use sportello_domain::Channel;
use sportello_ledger::read::{self, ChannelLedger};
use sportello_stack::{Account, Part, folders};
use sportello_store::{Store, StoreOptions};
use sportello_testkit::eventually;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::restore::commands::{Commands, Receiver};

pub(crate) const SOON: Duration = Duration::from_secs(60);
pub(crate) const GRACE: Duration = Duration::from_secs(30);
const DRAINED_WITHIN: Duration = Duration::from_secs(120);
/// The ledger judges half a minute after the broker's start.
const JUDGED_WITHIN: Duration = Duration::from_secs(150);
/// The ledger compares what was confirmed ten seconds before the queues were counted.
const JUDGED_AFTER: SignedDuration = SignedDuration::from_secs(15);

/// The system, and citizens who send until they have a receipt.
pub(crate) struct Office {
    pub(crate) system: PrivateSystem,
    pub(crate) commands: Commands,
    senders: Arc<Senders>,
    intake: Intake,
    store: Store,
}

impl Office {
    pub(crate) async fn open() -> Self {
        let started = PrivateSystem::start_with(&[("SPOOL_FOLDER", "spool")]).await;
        let mut system = started.expect("a private system");
        let intake = Intake::at(&system.url(Part::Intake).expect("its address")).expect("an address");
        let applications = Applications::new(rand::random(), system.mint().expect("a mint"));
        let answers = Ledger::begin(&system.folder().join("ledger.jsonl")).expect("a ledger");
        let store = Store::connect(&system.database_url(), &StoreOptions::default());
        Self {
            senders: Senders::new(applications, intake.clone(), answers),
            commands: Commands::of(&mut system),
            store: store.expect("an address"),
            intake,
            system,
        }
    }

    /// Sends these, while the test goes on.
    pub(crate) fn load(&self, schedule: Schedule, numbers: Range<u64>) -> JoinHandle<()> {
        let senders = Arc::clone(&self.senders);
        let prepare = |number| senders.applications().prepare(number).expect("an application");
        let applications: Vec<_> = numbers.map(prepare).collect();
        tokio::spawn(async move {
            let sent = aside(move || async move {
                let arrive = move |application, due| {
                    let senders = Arc::clone(&senders);
                    async move { senders.insist(&application, due).await }
                };
                schedule.run(applications, arrive).await;
                Ok(())
            });
            sent.await.expect("a load");
        })
    }

    /// Sends each of these once, outside the load, and returns their ids.
    pub(crate) async fn sends_each_once(&self, numbers: Range<u64>) -> BTreeSet<Uuid> {
        let mut ids = BTreeSet::new();
        for number in numbers {
            let application = self
                .senders
                .applications()
                .prepare(number)
                .expect("an application");
            let answer = self.intake.submit(&application).await;
            let Answer::Accepted { id, .. } = answer else {
                panic!("{answer:?}");
            };
            ids.insert(id);
        }
        ids
    }

    fn answers(&self) -> Vec<Line> {
        self.senders.ledger().read().expect("the ledger of answers")
    }

    /// The ids on the receipts of these applications.
    pub(crate) fn ids(&self, numbers: &Range<u64>) -> BTreeSet<Uuid> {
        let id = |line: &Line| match line {
            Line::Answered {
                attempt,
                answer: Answer::Accepted { id, .. },
                ..
            } => numbers.contains(&attempt.application).then_some(*id),
            Line::Answered { .. } | Line::Sent { .. } | Line::GivenUp { .. } => None,
        };
        self.answers().iter().filter_map(id).collect()
    }

    pub(crate) async fn registered(&self) -> u64 {
        let database = register::connect(&self.system.database_url()).await;
        let count = register::count(&mut database.expect("the database")).await;
        count.expect("a count")
    }

    pub(crate) async fn has_registered(&self, wanted: u64) {
        eventually(SOON, async || self.registered().await >= wanted).await;
    }

    /// Waits until so many are on the register and nothing is in a queue.
    pub(crate) async fn drains(&self, registered: u64) {
        let drained = drained(&self.system, registered, 0, DRAINED_WITHIN).await;
        assert_eq!(drained.expect("the servers").1, Backlog::default());
    }

    /// Each request of the load had its `202`.
    pub(crate) fn no_request_failed(&self) {
        self.answers().iter().for_each(has_not_failed);
    }

    /// Each receipt is on the register once, under its id.
    pub(crate) async fn each_receipt_is_registered_once(&self, receipts: u64) {
        let lines = self.answers();
        let database = register::connect(&self.system.database_url()).await;
        let rows = register::rows(&mut database.expect("the database")).await;
        let rows = rows.expect("the register");
        let result = reconcile(&lines, &rows, self.senders.applications());
        assert_eq!(result.findings, []);
        assert_eq!(rows.len() as u64, receipts);
        assert_eq!(result.accepted(&(0..receipts)) as u64, receipts);
    }

    /// The ledger of citizens.
    pub(crate) async fn ledger(&self) -> ChannelLedger {
        let ledger = async || self.settled_ledger().await.map(|(_, citizens)| citizens);
        eventually(SOON, ledger).await
    }

    /// As [`Office::ledger`], once everything until now is judged and this holds.
    pub(crate) async fn judged(&self, holds: impl Fn(&ChannelLedger) -> bool) -> ChannelLedger {
        let from = Timestamp::now() + JUDGED_AFTER;
        eventually(JUDGED_WITHIN, async || {
            let (judged_at, citizens) = self.settled_ledger().await?;
            (judged_at.is_some_and(|at| at > from) && holds(&citizens)).then_some(citizens)
        })
        .await
    }

    /// The ledger of citizens while nothing is outstanding, and when the queues were compared. The
    /// sums may differ for a moment while a round is written.
    async fn settled_ledger(&self) -> Option<(Option<Timestamp>, ChannelLedger)> {
        let read = read::ledger(&self.store).await.ok()?;
        let judged_at = read.compared_since.and(read.audited_at);
        let citizens = read.channels[Channel::Citizen].clone();
        (citizens.outstanding == 0 && citizens.is_whole()).then_some((judged_at, citizens))
    }

    /// Has every commit wait for a receiver of the log.
    pub(crate) async fn begins_a_log(&self) -> Receiver {
        self.commands.as_postgres("1. A place for the log");
        let receiver = self.commands.receive();
        self.commands.as_postgres("3. Have commits wait for it");
        let state = "select sync_state from pg_stat_replication where application_name = 'pg_receivewal'";
        eventually(SOON, async || {
            self.look(state).await.is_some_and(|state| state == "sync")
        })
        .await;
        receiver
    }

    /// Has the restored database begin one of its own.
    pub(crate) async fn begins_a_new_log(&mut self) -> Receiver {
        let recovers = "select pg_is_in_recovery()::text";
        eventually(SOON, async || {
            self.look(recovers).await.is_some_and(|it| it == "false")
        })
        .await;
        self.commands.begin_anew(&self.system);
        self.begins_a_log().await
    }

    async fn look(&self, query: &'static str) -> Option<String> {
        let mut database = register::connect(&self.system.database_url()).await.ok()?;
        sqlx::query_scalar(query).fetch_one(&mut database).await.ok()
    }

    /// The database is destroyed, and restored by the page's commands.
    pub(crate) async fn loses_the_database(&mut self, receiver: Receiver) {
        self.system.postgres().process().kill().await.expect("it ends");
        receiver.ends();
        folders::remove(&self.system.postgres().data()).expect("its data go");
        self.commands.as_postgres("6. Restore the database");
        self.system.start_postgres().await.expect("a restored database");
    }

    pub(crate) async fn loses_the_broker(&mut self) {
        self.system.rabbitmq().kill().await.expect("it ends");
        self.system.rabbitmq().lose_disk().expect("its data go");
    }

    /// Copies the folder of a node that was stopped in order.
    pub(crate) fn copies_the_broker(&self, from: &str, to: &str) {
        let folder = self.system.folder().join("rabbitmq");
        let mut copy = Command::new("cp");
        copy.arg("--archive").arg(folder.join(from)).arg(folder.join(to));
        assert!(copy.status().expect("cp").success());
    }

    /// Takes the services' users away, which a private node has from its start: the backup has to
    /// bring them.
    pub(crate) async fn forgets_its_users(&mut self) {
        let management = self.system.rabbitmq().management_url();
        let address = Url::parse(&management).expect("an address");
        let client = Client::builder().no_proxy().build().expect("a client");
        for account in [Account::Intake, Account::Worker, Account::Monitor] {
            let user = Url::parse(&account.address(&management)).expect("an address");
            let path = format!("api/users/{}", user.username());
            let gone = client
                .delete(address.join(&path).expect("an address"))
                .send()
                .await;
            assert!(gone.expect("an answer").status().is_success());
        }
    }

    pub(crate) async fn stops_its_worker(&self) {
        let worker = self.system.process(Part::Worker(1));
        worker.terminate(GRACE).await.expect("it ends");
    }

    pub(crate) async fn starts_its_worker(&mut self) {
        self.system.start_part(Part::Worker(1)).await.expect("a worker");
    }

    /// The keys that intake publishes, for those who check a receipt.
    pub(crate) async fn receipt_keys(&self) -> String {
        let url = self.system.url(Part::Intake).expect("its address") + "/.well-known/jwks.json";
        let client = Client::builder().no_proxy().build().expect("a client");
        let page = client.get(url).send().await.expect("an answer");
        page.text().await.expect("keys")
    }
}

fn has_not_failed(line: &Line) {
    match line {
        Line::Sent { .. } => {}
        Line::Answered { answer, .. } => assert!(matches!(answer, Answer::Accepted { .. }), "{line:?}"),
        Line::GivenUp { .. } => panic!("{line:?}"),
    }
}
