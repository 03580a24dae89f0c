//! A system of two intakes and two status services behind nginx, of either revision, under load.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
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
use loadtests::system::nginx::Nginx;
use loadtests::system::private_system::PrivateSystem;
use reqwest::{Client, Url};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sportello_domain::Channel;
use sportello_ledger::read;
use sportello_people::Person;
use sportello_stack::Part;
use sportello_store::{Store, StoreOptions};
use sportello_testkit::eventually;
use sqlx::{Connection as _, PgConnection};
use tokio::task::JoinHandle;

use crate::previous::Previous;

pub(crate) const SOON: Duration = Duration::from_secs(60);
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// Applications that a state of the update takes, at least.
pub(crate) const SOME: u64 = 300;
const GRACE: Duration = Duration::from_secs(30);
/// Few enough for a machine on which all servers share two cores. Longer than the whole update.
const LOAD: Schedule = Schedule {
    rate: 300,
    duration: Duration::from_secs(300),
};
const DRAINED_WITHIN: Duration = Duration::from_secs(120);
/// Who reads their list, and applies in no load.
const READER: u64 = 20_200_404;
/// The services whose programs change.
const PARTS: [Part; 5] = [
    Part::Intake,
    Part::SecondIntake,
    Part::Worker(1),
    Part::Status,
    Part::SecondStatus,
];

pub(crate) struct Office {
    pub(crate) system: PrivateSystem,
    previous: Previous,
    senders: Arc<Senders>,
    /// The present topology, as the broker has it.
    topology: Value,
    nginx: Nginx,
    end: Arc<AtomicBool>,
}

impl Office {
    /// Starts everything of the earlier revision, with its own schema and topology.
    pub(crate) async fn open() -> Self {
        let started = PrivateSystem::start_with(&[("APPLICATION_ID_SECRET", SECRET)]).await;
        let mut system = started.expect("a private system");
        // they get their addresses
        for part in [Part::SecondIntake, Part::SecondStatus] {
            system.start_part(part).await.expect("it starts");
        }
        let topology = definitions(&mut system).await;
        for part in PARTS {
            system.process(part).terminate(GRACE).await.expect("it ends");
        }
        empty_the_servers(&mut system).await;
        let previous = Previous::of(&system);
        previous.migrate(&system);
        for part in PARTS {
            previous.start(&system, part).await;
        }
        let nginx = Nginx::balance(&system).await.expect("nginx");
        let applications = Applications::new(rand::random(), system.mint().expect("a mint"));
        let answers = Ledger::begin(&system.folder().join("ledger.jsonl")).expect("a ledger");
        let intake = Intake::at(nginx.url()).expect("an address");
        Self {
            previous,
            senders: Senders::new(applications, intake, answers),
            topology,
            nginx,
            end: Arc::default(),
            system,
        }
    }

    /// Citizens apply until [`Office::ends`].
    pub(crate) fn begin_load(&self) -> JoinHandle<()> {
        let (senders, end) = (Arc::clone(&self.senders), Arc::clone(&self.end));
        tokio::spawn(async move {
            let sent = aside(move || async move {
                let of_load = Arc::clone(&senders);
                let prepare = |number| of_load.applications().prepare(number).expect("an application");
                let goes_on = |_: &u64| !end.load(Ordering::Relaxed);
                let applications = LOAD.numbers(0).take_while(goes_on).map(prepare);
                let arrive = |application, due| {
                    let senders = Arc::clone(&senders);
                    async move { senders.insist(&application, due).await }
                };
                LOAD.run(applications, arrive).await;
                Ok(())
            });
            sent.await.expect("a load");
        })
    }

    pub(crate) async fn newest_migration(&self) -> i64 {
        let newest = sqlx::query_scalar("select max(version) from _sqlx_migrations");
        newest
            .fetch_one(&mut self.database().await)
            .await
            .expect("a migration")
    }

    async fn database(&self) -> PgConnection {
        register::connect(&self.system.database_url())
            .await
            .expect("the database")
    }

    /// Waits until so many more are on the register.
    pub(crate) async fn registers(&self, more: u64) {
        let mut database = self.database().await;
        let before = register::count(&mut database).await.expect("a count");
        eventually(SOON, async || {
            register::count(&mut database)
                .await
                .is_ok_and(|count| count >= before + more)
        })
        .await;
    }

    /// Waits until so many more have a receipt.
    pub(crate) async fn accepts(&self, more: u64) {
        let before = self.accepted().len() as u64;
        eventually(SOON, async || self.accepted().len() as u64 >= before + more).await;
    }

    fn accepted(&self) -> BTreeSet<u64> {
        let number = |line: Line| match line {
            Line::Answered {
                attempt,
                answer: Answer::Accepted { .. },
                ..
            } => Some(attempt.application),
            Line::Answered { .. } | Line::Sent { .. } | Line::GivenUp { .. } => None,
        };
        self.answers().into_iter().filter_map(number).collect()
    }

    fn answers(&self) -> Vec<Line> {
        self.senders.ledger().read().expect("the ledger of answers")
    }

    pub(crate) async fn stops(&self, part: Part) {
        self.system.process(part).terminate(GRACE).await.expect("it ends");
    }

    /// Replaces a part by the present program.
    pub(crate) async fn updates(&mut self, part: Part) {
        self.stops(part).await;
        self.system.start_part(part).await.expect("the present program");
    }

    /// Replaces a part by the earlier program.
    pub(crate) async fn goes_back(&self, part: Part) {
        self.stops(part).await;
        self.previous.start(&self.system, part).await;
    }

    /// Adds what the present programs expect at the broker. What is there stays as it is: before
    /// the first release queues had other arguments, which only a new queue can have.
    pub(crate) async fn completes_the_topology(&mut self, expands: bool) {
        if expands {
            self.system.declare_topology().expect("the topology");
            return;
        }
        let present = definitions(&mut self.system).await;
        let names = |kind: &str, of: &Value| -> BTreeSet<String> {
            let all = of[kind].as_array().expect("a list");
            all.iter()
                .filter_map(|one| Some(one["name"].as_str()?.to_owned()))
                .collect()
        };
        let missing = |kind: &str| {
            let there = names(kind, &present);
            let all = self.topology[kind].as_array().expect("a list").iter();
            let missing = all.filter(|one| one["name"].as_str().is_some_and(|name| !there.contains(name)));
            missing.cloned().collect::<Vec<_>>()
        };
        let definitions = json!({
            "exchanges": missing("exchanges"),
            "queues": missing("queues"),
            "bindings": self.topology["bindings"],
        });
        let url = definitions_url(&mut self.system);
        let added = client()
            .post(url)
            .json(&definitions)
            .send()
            .await
            .expect("an answer");
        assert!(added.status().is_success(), "{}", added.status());
    }

    /// A citizen reads their list, at either status service.
    pub(crate) async fn reads(&self) {
        let token = self
            .system
            .mint()
            .expect("a mint")
            .token(&Person::invent(READER, 0));
        let token = token.expect("a token");
        let hash = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&token));
        let url = format!("{}/v1/tokens/{hash}/applications", self.nginx.url());
        for _ in 0..4 {
            let read = client()
                .get(&url)
                .bearer_auth(&token)
                .send()
                .await
                .expect("an answer");
            assert!(read.status().is_success(), "{}", read.status());
        }
    }

    /// Ends the load, and holds every receipt against the register, and both against the ledger.
    #[expect(clippy::print_stdout, reason = "how many it was under")]
    pub(crate) async fn ends(self, load: JoinHandle<()>) {
        self.end.store(true, Ordering::Relaxed);
        self.senders.close();
        load.await.expect("the load");
        let accepted = self.accepted().len() as u64;
        let (_, left) = drained(&self.system, accepted, 0, DRAINED_WITHIN)
            .await
            .expect("the servers");
        assert_eq!(left, Backlog::default());
        let lines = self.answers();
        lines.iter().for_each(has_not_failed);
        let mut database = self.database().await;
        let rows = register::rows(&mut database).await.expect("the register");
        let result = reconcile(&lines, &rows, self.senders.applications());
        assert_eq!(result.findings, []);
        assert_eq!(rows.len() as u64, accepted);
        assert_eq!(
            register::dead_letters(&mut database).await.expect("the letters"),
            []
        );
        let store = Store::connect(&self.system.database_url(), &StoreOptions::default());
        let store = store.expect("an address");
        let citizens = eventually(SOON, async || {
            let read = read::ledger(&store).await.ok()?;
            let citizens = read.channels[Channel::Citizen].clone();
            (citizens.outstanding == 0 && citizens.is_whole()).then_some(citizens)
        })
        .await;
        assert_eq!(citizens.suspects, [], "{citizens:#?}");
        assert_eq!(
            (citizens.lost, citizens.lost_unnamed_messages),
            (0, 0),
            "{citizens:#?}"
        );
        println!(
            "{accepted} applications, no request failed; {} of an earlier intake",
            citizens.unnumbered
        );
    }
}

/// The newest migration of the present programs.
pub(crate) async fn newest_known() -> i64 {
    let folder = sportello_stack::folders::workspace().join("shared/store/migrations");
    let names = std::fs::read_dir(folder).expect("the migrations").flatten();
    let number = |name: &str| name.split('_').next()?.parse().ok();
    let numbers = names.filter_map(|entry| number(entry.file_name().to_str()?));
    numbers.max().expect("a migration")
}

fn has_not_failed(line: &Line) {
    match line {
        Line::Sent { .. } => {}
        Line::Answered { answer, .. } => assert!(matches!(answer, Answer::Accepted { .. }), "{line:?}"),
        Line::GivenUp { .. } => panic!("{line:?}"),
    }
}

fn client() -> Client {
    Client::builder().no_proxy().build().expect("a client")
}

fn definitions_url(system: &mut PrivateSystem) -> Url {
    let management = Url::parse(&system.rabbitmq().management_url()).expect("an address");
    management.join("api/definitions/%2f").expect("an address")
}

async fn definitions(system: &mut PrivateSystem) -> Value {
    let answer = client()
        .get(definitions_url(system))
        .send()
        .await
        .expect("an answer");
    answer.json().await.expect("definitions")
}

/// A database without a schema, and a broker without a queue.
async fn empty_the_servers(system: &mut PrivateSystem) {
    let url = system.database_url();
    let (server, name) = url.rsplit_once('/').expect("a name");
    let mut postgres = PgConnection::connect(&format!("{server}/postgres"))
        .await
        .expect("the server");
    for statement in ["drop database {} with (force)", "create database {}"] {
        let statement = sqlx::AssertSqlSafe(statement.replace("{}", name));
        sqlx::query(statement)
            .execute(&mut postgres)
            .await
            .expect("an empty database");
    }
    system.rabbitmq().kill().await.expect("it ends");
    system.rabbitmq().lose_disk().expect("its data go");
    system.start_rabbitmq().await.expect("an empty broker");
}
