//! A private system for another program: prints its addresses and tokens, and breaks and mends it
//! as that program says.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use jiff::civil::date;
use serde::Serialize;
use sportello_domain::{OrganisationId, TaxCode};
use sportello_people::person::{Person, Sex};
use sportello_stack::Part;
use sqlx::Executor as _;

use crate::proof::register;
use crate::system::private_system::PrivateSystem;

/// For a part that is stopped to end what it does.
const GRACE: Duration = Duration::from_secs(30);

/// Makes the registration of each application take 20 ms: a transaction registers 50 a second.
const SLOW: &str = "
    create function be_slow() returns trigger language plpgsql as $$ begin
        perform pg_sleep(0.02);
        return new;
    end $$;
    create trigger be_slow before insert on applications for each row execute function be_slow()";
const MEND: &str = "drop function be_slow() cascade";

const ORGANISATION: &str = "patronato-esempio";
const OPERATOR: &str = "sportello-esempio";

/// Addresses and tokens of a private system, as JSON.
#[derive(Debug, Serialize)]
pub struct Doors {
    intake: String,
    status: String,
    /// The gateway as browsers reach it, where the system has a portal.
    portal: Option<String>,
    /// The console as operators' browsers reach it, where the system has a portal.
    console: Option<String>,
    /// The identity provider as browsers reach it.
    issuer: String,
    /// The API as browsers reach it.
    api: String,
    /// The certificate of three sites.
    certificate: PathBuf,
    /// The folder of the portal's scripts, which the portal follows.
    assets: PathBuf,
    /// The folder of the benefits' files, which the services follow.
    catalogue: PathBuf,
    tokens: Tokens,
    /// Tax code of the citizen's token.
    tax_code: String,
}

/// Bearer tokens, valid for an hour.
#[derive(Debug, Serialize)]
struct Tokens {
    citizen: String,
    intermediary: String,
    operator: String,
}

impl Doors {
    /// Returns addresses of the system and a token of each kind of caller.
    ///
    /// # Errors
    /// The tokens can't be made.
    pub fn of(system: &PrivateSystem) -> anyhow::Result<Self> {
        let address = |part| system.url(part).context("a service has no address");
        let mint = system.mint()?;
        let citizen = citizen()?;
        let organisation = OrganisationId::parse(ORGANISATION)?;
        Ok(Self {
            intake: address(Part::Intake)?,
            status: address(Part::Status)?,
            portal: system
                .url(Part::Gateway)
                .map(|_| system.public_url(Part::Gateway)),
            console: system.console_url(),
            issuer: system.public_url(Part::IdentityProvider),
            api: system.public_url(Part::Intake),
            certificate: system.certificate(),
            assets: system.assets_folder(),
            catalogue: system.catalogue_folder(),
            tokens: Tokens {
                citizen: mint.token(&citizen)?,
                intermediary: mint.organisation_token(&organisation)?,
                operator: mint.operator_token(OPERATOR)?,
            },
            tax_code: citizen.tax_code.as_str().to_owned(),
        })
    }
}

/// Returns the citizen of an example in the catalogue, so that examples in the documents are
/// accepted from them.
fn citizen() -> anyhow::Result<Person> {
    Ok(Person {
        given_name: "Mario",
        family_name: "Rossi",
        born: date(1980, 1, 1),
        sex: Sex::Male,
        birth_place: "H501",
        tax_code: TaxCode::parse("RSSMRA80A01H501U").context("a tax code")?,
    })
}

/// Does what each line of the standard input says, until every writer has closed it: `start`,
/// `stop`, `kill`, `freeze` or `thaw`, and a part (`intake`, `rabbitmq`, `postgres` …); `slow
/// postgres` and `mend postgres`. `answer` gets a line for each: `done`, or what went wrong.
///
/// # Errors
/// The input can't be read.
pub async fn obey(system: &mut PrivateSystem, answer: impl Fn(&str)) -> anyhow::Result<()> {
    while let Some(line) = next_line().await? {
        match step(system, line.trim()).await {
            Ok(()) => answer("done"),
            Err(error) => answer(&format!("{error:#}")),
        }
    }
    Ok(())
}

/// Waits until every writer of this program's standard input has closed it.
///
/// # Errors
/// The input can't be read.
pub async fn until_input_ends() -> anyhow::Result<()> {
    while next_line().await?.is_some() {}
    Ok(())
}

async fn next_line() -> anyhow::Result<Option<String>> {
    let read = || {
        let mut line = String::new();
        io::stdin()
            .read_line(&mut line)
            .map(|length| (length > 0).then_some(line))
    };
    Ok(tokio::task::spawn_blocking(read).await??)
}

async fn step(system: &mut PrivateSystem, line: &str) -> anyhow::Result<()> {
    // the console may have set the workers meanwhile
    system.reread()?;
    let (action, part) = line.split_once(' ').context("an action and a part")?;
    let process = match part {
        "postgres" => system.postgres().process().clone(),
        "rabbitmq" => system.rabbitmq().process().clone(),
        other => system.process(other.parse()?),
    };
    match (action, part) {
        ("start", "postgres") => system.start_postgres().await?,
        ("start", "rabbitmq") => system.start_rabbitmq().await?,
        ("start", other) => system.start_part(other.parse()?).await?,
        ("stop", "postgres") => system.postgres().stop().await?,
        ("stop", "rabbitmq") => system.rabbitmq().stop().await?,
        ("stop", _) => process.terminate(GRACE).await?,
        ("slow", "postgres") => execute(system, SLOW).await?,
        ("mend", "postgres") => execute(system, MEND).await?,
        ("kill", "rabbitmq") => system.rabbitmq().kill().await?,
        ("kill", _) => process.kill().await?,
        ("freeze", _) => process.freeze(),
        ("thaw", _) => process.thaw(),
        (other, _) => bail!("no action is called {other}"),
    }
    Ok(())
}

async fn execute(system: &PrivateSystem, statements: &'static str) -> anyhow::Result<()> {
    let mut database = register::connect(&system.database_url()).await?;
    database.execute(statements).await?;
    Ok(())
}
