//! Everything at once: citizens and files of organisations, keys that come twice, duplicates,
//! withdrawals, hours that change, poison, a worker that is killed and one of an older version. In
//! the end each content with a `202` has exactly one end, and the sums of each channel and each
//! batch add up.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]
#![allow(
    clippy::print_stdout,
    reason = "says the seed that repeats it, and what took how long"
)]

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::{Duration, Instant};

use loadtests::proof::register;
use loadtests::system::private_system::PrivateSystem;
use reqwest::{StatusCode, Url};
use sportello_stack::{Management, Part};
use sportello_testkit::eventually;
use sqlx::PgConnection;

use crate::conservation::callers::Callers;
use crate::conservation::hours::Benefits;
use crate::conservation::older::OlderWorker;
use crate::conservation::papers::REFUSED;
use crate::conservation::uploads::Sent;

mod audit;
mod callers;
mod closing;
mod hours;
mod older;
mod papers;
mod poison;
mod record;
mod uploads;

/// Citizens by their numbers: before the worker is killed, while there is none, and beside workers
/// of two versions.
const FIRST: Range<u64> = 0..2_600;
const SECOND: Range<u64> = 2_600..5_200;
const THIRD: Range<u64> = 5_200..6_000;
/// Citizens who ask whether a benefit is open, by the benefit that their number makes.
const ASKING: [u64; 3] = [700_000, 700_016, 700_019];
/// Rows of a part, of 300 kB.
const ROWS_OF_PART: usize = 500;
/// Applications registered when the worker is killed.
const MIDDLE: u64 = 500;
const SOON: Duration = Duration::from_secs(60);

/// A rule of the database that intake does not know. Applications that break it have a `202`, and
/// end in the dead letters.
const RULE: &str =
    "alter table applications add constraint applications_of_the_test check (email not like $$%-refused@%$$)";

/// A private system, and all its callers.
struct Office {
    system: PrivateSystem,
    callers: Callers,
    benefits: Benefits,
    database: PgConnection,
    poison: BTreeSet<String>,
    batches: Vec<Sent>,
    begun: Instant,
}

impl Office {
    async fn open(seed: u64) -> Self {
        let begun = Instant::now();
        let mut system = PrivateSystem::start().await.expect("a private system");
        let mut database = register::connect(&system.database_url())
            .await
            .expect("the database");
        sqlx::query(RULE).execute(&mut database).await.expect("a rule");
        assert!(RULE.contains(REFUSED));
        let management = system.rabbitmq().management_url();
        let broker = Management::new(Url::parse(&management).expect("an address"));
        let callers = Callers::of(&system, seed);
        let benefits = Benefits::of(system.catalogue_folder());
        benefits.make_poor();
        let poison = poison::put(&broker, callers.papers).await;
        let office = Self {
            callers,
            benefits,
            database,
            poison: poison.into_iter().collect(),
            batches: Vec::new(),
            begun,
            system,
        };
        office.report("open");
        office
    }

    fn report(&self, what: &str) {
        println!("{:5.1} s: {what}", self.begun.elapsed().as_secs_f32());
    }

    /// Half of everything, while the only worker is killed.
    async fn begins_and_its_worker_is_killed(&mut self) {
        let callers = &self.callers;
        let (one, other) = (callers.papers.file(), callers.papers.file_of_the_other());
        let killed = async {
            let database = &mut self.database;
            eventually(SOON, async || count(database).await >= MIDDLE).await;
            let worker = self.system.process(Part::Worker(1));
            worker.kill().await.expect("it ends");
        };
        let ((), one_sent, other_sent, ()) = tokio::join!(
            callers.citizens(FIRST),
            callers.send(&one),
            callers.send(&other),
            killed
        );
        callers.withdraw_from(&one).await;
        callers.withdraw_from(&other).await;
        self.batches.extend([one_sent, other_sent]);
        self.report("the worker was killed while applications came");
    }

    /// What comes while there is no worker stays in the queues.
    async fn goes_on_without_a_worker(&mut self) {
        let callers = &self.callers;
        let file = callers.papers.file_with_keys_of_the_first();
        let parts = callers.papers.file_of_parts(ROWS_OF_PART as u64);
        let files = async {
            let file_sent = callers.send(&file).await;
            callers.withdraw_from(&file).await;
            [file_sent, callers.send_in_parts(&parts, ROWS_OF_PART).await]
        };
        let ((), sent) = tokio::join!(callers.citizens(SECOND), files);
        callers.withdraw_from(&parts).await;
        self.batches.extend(sent);
        self.report("accepted without a worker");
    }

    /// Every benefit closes while what was accepted is queued. An older worker begins to register,
    /// a newer one joins it.
    async fn closes_and_two_versions_register(&mut self) -> OlderWorker {
        let (accepted, _) = self.callers.record().registrable();
        let queued = accepted as u64 - count(&mut self.database).await;
        assert!(queued > 5_000, "{queued} applications are queued");
        let closed = self.benefits.close();
        self.everything_is(StatusCode::FORBIDDEN).await;

        let older = OlderWorker::start(&self.system);
        eventually(SOON, async || older.kept() > 0 && older.registered() > 0).await;
        self.system.start_part(Part::Worker(1)).await.expect("a worker");
        self.report("workers of two versions register what was accepted before all closed");
        eventually(SOON, async || {
            self.benefits_decided_with(&closed.versions).await == 3
        })
        .await;
        self.benefits.open(closed);
        self.everything_is(StatusCode::ACCEPTED).await;
        self.report("open again");
        older
    }

    /// For how many benefits some applications were decided on with one of these versions of its
    /// file.
    async fn benefits_decided_with(&mut self, versions: &[String]) -> i64 {
        let count = sqlx::query_scalar(
            "select count(*) from (
                 select from applications where decided_with = any($1) group by benefit having count(*) >= 50
             ) as benefits",
        );
        let count = count.bind(versions).fetch_one(&mut self.database).await;
        count.expect("the register")
    }

    /// Waits until intake gives this answer for each benefit.
    async fn everything_is(&self, wanted: StatusCode) {
        for number in ASKING {
            let paper = self.callers.papers.own("asking", number, number, "first");
            eventually(SOON, async || {
                let answer = self.callers.apply(&paper).await;
                answer.map_or_else(|status| status, |_| 202) == wanted.as_u16()
            })
            .await;
        }
    }

    /// The rest, while both workers register.
    async fn ends_beside_two_versions(&mut self, older: OlderWorker) {
        let callers = &self.callers;
        let file = callers.papers.late_file_of_the_other();
        let (sent, (), ()) = tokio::join!(
            callers.send(&file),
            callers.citizens(THIRD),
            callers.withdraw_late(FIRST)
        );
        callers.withdraw_from(&file).await;
        self.batches.push(sent);
        self.report("all is sent");
        older.end().await;
    }

    /// The same applications and files once more, in another order.
    async fn everything_is_sent_again(&mut self) {
        let callers = &self.callers;
        let papers = callers.papers;
        let citizens = async {
            for numbers in [THIRD, SECOND, FIRST] {
                callers.citizens_again(numbers).await;
            }
        };
        let ones = async {
            let (second, first) = (papers.file_with_keys_of_the_first(), papers.file());
            let third = papers.file_of_parts(ROWS_OF_PART as u64);
            [
                callers.send(&second).await,
                callers.send(&first).await,
                callers.send_in_parts(&third, ROWS_OF_PART).await,
            ]
        };
        let others = async {
            let (second, first) = (papers.late_file_of_the_other(), papers.file_of_the_other());
            [callers.send(&second).await, callers.send(&first).await]
        };
        let ((), ones, others) = tokio::join!(citizens, ones, others);
        self.batches = ones.into_iter().chain(others).collect();
        self.report("all is sent again");
    }
}

async fn count(database: &mut PgConnection) -> u64 {
    register::count(database).await.expect("a count")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_accepted_content_has_one_end_and_all_sums_add_up() {
    let seed = rand::random();
    println!("seed {seed}");
    let mut office = Office::open(seed).await;
    office.begins_and_its_worker_is_killed().await;
    office.goes_on_without_a_worker().await;
    let older = office.closes_and_two_versions_register().await;
    office.ends_beside_two_versions(older).await;
    let held = office.is_audited().await;

    let record = office.callers.record().clone();
    office.everything_is_sent_again().await;
    assert!(*office.callers.record() == record, "the same answers");
    assert!(
        office.is_audited().await == held,
        "the same on the register and in the dead letters"
    );
    office.report("the same again");
}
