//! A service's settings, with secrets from files.

use std::error::Error as _;
use std::ffi::OsString;
use std::fs;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, Error, Parser};

/// A setting whose value must not be shown: its argument hides the variable's value.
struct Secret {
    option: String,
    variable: String,
}

/// Reads the settings from these arguments, the first of which is the program, and the environment.
/// Exits the process with a message where a setting is invalid.
///
/// Each secret can come from a file instead of the variable `NAME`: `NAME_FILE` names the file, and
/// line ends at its end are ignored. No message shows a secret.
pub fn settings<S: Parser>(arguments: impl Iterator<Item = OsString>) -> S {
    read(arguments.collect(), |name| {
        std::env::var_os(name).filter(|value| !value.is_empty())
    })
    .unwrap_or_else(|error| error.exit())
}

fn read<S: Parser>(
    mut arguments: Vec<OsString>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<S, Error> {
    let secrets = secrets(&S::command());
    for secret in &secrets {
        let name = format!("{}_FILE", secret.variable);
        let Some(file) = variable(&name) else {
            continue;
        };
        let refuse = |text: String| Err(S::command().error(ErrorKind::ValueValidation, text));
        if variable(&secret.variable).is_some() {
            return refuse(format!("both {} and {name} are set", secret.variable));
        }
        match fs::read_to_string(&file) {
            Ok(text) => {
                let text = text.trim_end_matches(['\n', '\r']);
                arguments.push(format!("--{}={text}", secret.option).into());
            }
            Err(error) => return refuse(format!("{name}: {} can't be read: {error}", file.display())),
        }
    }
    S::try_parse_from(arguments).map_err(|error| without_value::<S>(error, &secrets))
}

fn secrets(command: &Command) -> Vec<Secret> {
    let hidden = command.get_arguments().filter(|arg| arg.is_hide_env_values_set());
    let named = hidden.filter_map(|arg| {
        Some(Secret {
            option: arg.get_long()?.to_owned(),
            variable: arg.get_env()?.to_str()?.to_owned(),
        })
    });
    named.collect()
}

/// Removes an invalid value from a message of clap, where the value is a secret.
fn without_value<S: CommandFactory>(error: Error, secrets: &[Secret]) -> Error {
    if error.kind() != ErrorKind::ValueValidation && error.kind() != ErrorKind::InvalidValue {
        return error;
    }
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let option = argument.split([' ', '=']).next().unwrap_or_default();
    let secret = secrets
        .iter()
        .find(|secret| option.strip_prefix("--") == Some(&secret.option));
    let Some(secret) = secret else {
        return error;
    };
    let reason = error
        .source()
        .map_or_else(|| "the value can't be used".to_owned(), ToString::to_string);
    S::command().error(
        ErrorKind::ValueValidation,
        format!("{}: {reason}", secret.variable),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Settings {
        #[arg(long, env = "TEST_URL", hide_env_values = true, value_parser = url)]
        test_url: String,
        #[arg(long, default_value_t = 1)]
        number: u8,
    }

    fn url(text: &str) -> Result<String, &'static str> {
        if text.starts_with("amqp://") {
            Ok(text.to_owned())
        } else {
            Err("no URL")
        }
    }

    fn read_with(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Settings, String> {
        let arguments = ["program"].iter().chain(arguments).map(OsString::from).collect();
        let variable = |name: &str| {
            let found = variables.iter().find(|(its, _)| *its == name);
            found.map(|(_, value)| OsString::from(value))
        };
        read(arguments, variable).map_err(|error| error.to_string())
    }

    #[test]
    fn a_secret_is_read_from_a_file_without_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        fs::write(&file, "amqp://user:secret@host\n").unwrap();
        let file = file.to_str().unwrap();
        let read = read_with(&["--number=2"], &[("TEST_URL_FILE", file)]).unwrap();
        assert_eq!(
            (read.test_url.as_str(), read.number),
            ("amqp://user:secret@host", 2)
        );
        let both = read_with(&[], &[("TEST_URL_FILE", file), ("TEST_URL", "amqp://x")]);
        assert!(both.unwrap_err().contains("both TEST_URL and TEST_URL_FILE"));
        let missing = read_with(&[], &[("TEST_URL_FILE", "/nowhere/url")]);
        assert!(
            missing
                .unwrap_err()
                .contains("TEST_URL_FILE: /nowhere/url can't be read")
        );
    }

    #[test]
    fn a_message_names_the_setting_and_shows_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        fs::write(&file, "http://user:secret@host").unwrap();
        let of_file = read_with(&[], &[("TEST_URL_FILE", file.to_str().unwrap())]).unwrap_err();
        let of_option = read_with(&["--test-url", "http://user:secret@host"], &[]).unwrap_err();
        for error in [of_file, of_option] {
            assert!(error.contains("TEST_URL: no URL"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
        // values of other settings are still shown
        let number = read_with(&["--test-url=amqp://x", "--number=300"], &[]);
        assert!(number.unwrap_err().contains("300"));
    }
}
