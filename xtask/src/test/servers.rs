//! The servers that the tests share, kept by the program `stack`.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use anyhow::{Context, Result, ensure};

use crate::stack;

/// They run until this is stopped, or this process ends in any way.
pub struct Servers {
    keeper: Child,
    addresses: Vec<(String, String)>,
}

impl Servers {
    /// Starts both, and returns when they are ready. The tests are built, and the program with
    /// them.
    ///
    /// # Errors
    ///
    /// One does not start.
    pub fn start() -> Result<Self> {
        let mut keeper = stack::program("servers")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot run the program `stack`")?;
        let output = keeper.stdout.take().context("it has no output")?;
        let mut addresses = Vec::new();
        for line in BufReader::new(output).lines() {
            let line = line?;
            let Some((name, value)) = line.split_once('=') else {
                return Ok(Self { keeper, addresses });
            };
            addresses.push((name.to_owned(), value.to_owned()));
        }
        keeper.wait()?;
        anyhow::bail!("the servers for the tests did not start")
    }

    /// Environment variables that name them.
    pub fn addresses(&self) -> &[(String, String)] {
        &self.addresses
    }

    /// Ends both, and removes their data.
    ///
    /// # Errors
    ///
    /// One does not end.
    pub fn stop(mut self) -> Result<()> {
        drop(self.keeper.stdin.take());
        let status = self.keeper.wait()?;
        ensure!(
            status.success(),
            "the servers for the tests did not end ({status})"
        );
        Ok(())
    }
}
