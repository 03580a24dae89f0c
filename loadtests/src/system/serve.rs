//! A private system for another program: prints its addresses and tokens.

use std::io;

use anyhow::Context as _;
use jiff::civil::date;
use serde::Serialize;
use sportello_domain::{OrganisationId, TaxCode};
use sportello_people::person::{Person, Sex};
use sportello_stack::Part;

use crate::system::private_system::PrivateSystem;

const ORGANISATION: &str = "patronato-esempio";
const OPERATOR: &str = "sportello-esempio";

/// Addresses and tokens of a private system, as JSON.
#[derive(Debug, Serialize)]
pub struct Doors {
    intake: String,
    status: String,
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

/// Waits until every writer of this program's standard input has closed it.
///
/// # Errors
/// The input can't be read.
pub async fn until_input_ends() -> anyhow::Result<()> {
    let read = || io::copy(&mut io::stdin().lock(), &mut io::sink());
    tokio::task::spawn_blocking(read).await??;
    Ok(())
}
