//! `intake keys …`: makes and changes the keys that sign receipts.

use std::path::PathBuf;

use sportello_receipt::{KeyFile, KeyFileError};

/// Configuration of `intake keys`.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    name = "intake keys",
    about = "Makes the keys that receipts are signed with, and changes them",
    after_help = "To change the key: `intake keys new`, start every intake again, wait ten minutes until every \
                  checker of receipts has the new key, `intake keys use ID`, and start every intake again."
)]
pub struct KeysConfig {
    /// File with the receipt keys, which all intake processes share.
    #[arg(long, env = "RECEIPT_KEYS")]
    pub receipt_keys: PathBuf,

    /// The command.
    #[command(subcommand)]
    pub command: KeysCommand,
}

/// Changes of the keys.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum KeysCommand {
    /// Makes a key. The first signs; a later one is published and signs after `intake keys use`
    New {
        /// Do nothing where there are keys already
        #[arg(long)]
        if_missing: bool,
    },
    /// Makes a published key sign from the next start of intake on. The key before it stays
    /// published
    Use {
        /// The key's id, as `intake keys new` and `/.well-known/jwks.json` say it
        id: String,
    },
}

/// Runs the command and returns the text for the terminal.
///
/// # Errors
/// [`KeyFileError`]; the file is as before then.
pub fn change_keys(config: &KeysConfig) -> Result<String, KeyFileError> {
    let file = KeyFile::lock(&config.receipt_keys)?;
    match &config.command {
        KeysCommand::New { if_missing: true } if file.exists() => Ok("there are keys already".to_owned()),
        KeysCommand::New { .. } => {
            let key = file.add_key()?;
            let next = if key.signs {
                "signs receipts"
            } else {
                "is published from the next start of intake on, and signs after `intake keys use`"
            };
            Ok(format!("{} {next}", key.id))
        }
        KeysCommand::Use { id } => {
            file.sign_with(id)?;
            Ok(format!("{id} signs receipts from the next start of intake on"))
        }
    }
}
