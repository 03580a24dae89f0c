//! Citizens who apply while the machine is stopped and updated: each sends the same again until it
//! is accepted, as the portal's pages do.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use sportello_people::{Mint, Person};

use crate::machine::Machine;
use crate::shell::until;

/// People who send at the same time.
const AT_ONCE: usize = 4;
const SEED: u64 = 27;
/// After an answer that asks for it, or none.
const AGAIN_AFTER: Duration = Duration::from_millis(250);
/// Longest time of an answer: then it counts as none.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Longest time in which everybody is registered.
const REGISTERED_WITHIN: Duration = Duration::from_secs(120);

/// The issuer of the load's tokens, in place of the trial's.
const ISSUER: &str = "
cat > /etc/sportello/identity.toml <<END
[[issuers]]
issuer = \"urn:sportello:local:generated\"
audience = \"sportello\"
jwks_file = \"load/generated.jwks.json\"
algorithms = [\"EdDSA\"]
END
chmod --recursive a+rX /etc/sportello/load
systemctl restart sportello-intake sportello-status
";

/// A load that goes on.
pub struct Load {
    ends: Arc<AtomicBool>,
    work: JoinHandle<BTreeSet<String>>,
}

impl Load {
    /// Starts it, with an issuer of its own.
    pub fn start(machine: &Machine<'_>) -> Self {
        let keys = tempfile::tempdir().unwrap();
        let mint = Mint::open(keys.path()).unwrap();
        let public = tempfile::tempdir().unwrap();
        let name = "generated.jwks.json";
        fs::copy(Mint::jwks_file(keys.path()), public.path().join(name)).unwrap();
        machine.put(public.path(), "/etc/sportello/load");
        machine.run(ISSUER);
        let url = format!("http://{}/v1/applications", machine.address());
        let ends = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ends);
        let work = thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(citizens(Arc::new(mint), url, end))
        });
        Self { ends, work }
    }

    /// Ends it, and returns the ids of what was accepted.
    pub fn stop(self) -> BTreeSet<String> {
        self.ends.store(true, Ordering::Relaxed);
        self.work.join().unwrap()
    }
}

async fn citizens(mint: Arc<Mint>, url: String, ends: Arc<AtomicBool>) -> BTreeSet<String> {
    let next = Arc::new(AtomicU64::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..AT_ONCE {
        let (mint, url, ends, next) = (mint.clone(), url.clone(), ends.clone(), next.clone());
        tasks.spawn(async move {
            let client = reqwest::Client::builder().no_proxy().timeout(ANSWER_WITHIN);
            let client = client.build().unwrap();
            let mut accepted = Vec::new();
            while !ends.load(Ordering::Relaxed) {
                let person = Person::invent(SEED, next.fetch_add(1, Ordering::Relaxed));
                accepted.push(applied(&client, &url, &mint, &person).await);
            }
            accepted
        });
    }
    tasks.join_all().await.concat().into_iter().collect()
}

/// Sends until it is accepted, and returns the application's id.
async fn applied(client: &reqwest::Client, url: &str, mint: &Mint, person: &Person) -> String {
    let token = mint.token(person).unwrap();
    let body = json!({
        "benefit": "indemnity-march-2020",
        "category": "professionals",
        "applicant": {
            "tax_code": person.tax_code.as_str(),
            "given_name": person.given_name,
            "family_name": person.family_name,
            "iban": "IT60X0542811101000000123456",
        },
        "answers": { "no_pension": true, "no_citizenship_income": true, "activity": "collaborator" },
    });
    loop {
        let request = client
            .post(url)
            .bearer_auth(&token)
            .header("Idempotency-Key", "once");
        // no answer: the gateway or intake is being started again
        if let Ok(answer) = request.json(&body).send().await {
            let (status, text) = (answer.status(), answer.text().await.unwrap_or_default());
            if status == StatusCode::ACCEPTED {
                let accepted: Value = serde_json::from_str(&text).unwrap();
                return accepted["id"].as_str().unwrap().to_owned();
            }
            assert!(
                status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error(),
                "{status}: {text}"
            );
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

/// Waits until each of these is on the register. The primary key has each once.
pub fn all_are_registered(machine: &Machine<'_>, accepted: &BTreeSet<String>) {
    assert!(!accepted.is_empty(), "nothing was accepted");
    let query = "runuser -u postgres -- psql --tuples-only --no-align --dbname sportello \
                 --command 'select id from applications'";
    until("everybody is registered", REGISTERED_WITHIN, || {
        let registered = machine.run(query);
        let registered: BTreeSet<&str> = registered.lines().collect();
        accepted
            .iter()
            .all(|id| registered.contains(id.as_str()))
            .then_some(())
    });
}
