//! `cargo xtask token`.

use std::io::{BufWriter, Write};

use anyhow::{Context, Result, bail};
use clap::Args;
use sportello_people::Person;
use sportello_people::login;
use sportello_people::mint::{Mint, TokenLine};
use sportello_stack::{Part, System};

use super::places;

/// The holder of the token.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Options {
    /// A citizen of the local identity provider, by tax code
    #[arg(long, value_name = "TAX_CODE")]
    citizen: Option<String>,
    /// The employee of the local intermediary
    #[arg(long)]
    intermediary: bool,
    /// The local operator
    #[arg(long)]
    operator: bool,
    /// This many invented citizens, one JSON object a line
    #[arg(long, value_name = "N")]
    generate: Option<u64>,
}

/// Prints the token or tokens.
pub async fn run(options: &Options) -> Result<()> {
    let system = places::system()?;
    let account = match options {
        Options {
            generate: Some(count),
            ..
        } => return generate(&system, *count),
        Options {
            citizen: Some(tax_code),
            ..
        } => tax_code,
        Options {
            intermediary: true, ..
        } => login::INTERMEDIARY_EMPLOYEE,
        Options { .. } => login::OPERATOR,
    };
    if !system.process(Part::IdentityProvider).is_running() {
        bail!("the identity provider does not run: start it with `cargo xtask up`");
    }
    let issuer = system
        .url(Part::IdentityProvider)
        .context("the identity provider was never started")?;
    println!("{}", login::login(&issuer, account).await?);
    Ok(())
}

/// Prints tokens of different people at each call, so that two load tests use different applicants.
fn generate(system: &System, count: u64) -> Result<()> {
    let mint = Mint::open(&system.identity_folder())?;
    let seed = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)?
        .as_secs();
    let mut output = BufWriter::new(std::io::stdout().lock());
    for index in 0..count {
        let person = Person::invent(seed, index);
        let token = mint.token(&person)?;
        serde_json::to_writer(&mut output, &TokenLine::new(&person, &token))?;
        output.write_all(b"\n")?;
    }
    output.flush()?;
    Ok(())
}
