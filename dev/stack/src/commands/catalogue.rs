//! `cargo xtask catalogue`: checks benefits' files for their authors.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use sportello_catalogue::{Benefit, BrokenCatalogue, Catalogue, Mistake};

#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints every mistake with its line, column and advice
    ///
    /// A file is checked on its own. A folder is checked as a whole, including benefits that
    /// exclude each other.
    Check {
        /// Benefits' files, or a folder of them
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Checks the files. The exit code is a failure if there are mistakes.
pub fn run(options: &Options, out: &mut impl Write) -> Result<ExitCode> {
    let Command::Check { files } = &options.command;
    let mut good = true;
    for file in files {
        good &= if file.is_dir() {
            check_folder(file, out)?
        } else {
            check_file(file, out)?
        };
    }
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn check_file(file: &Path, out: &mut impl Write) -> Result<bool> {
    match Benefit::load(file) {
        Ok(_) => {
            writeln!(out, "{}: good", file.display())?;
            Ok(true)
        }
        Err(mistakes) => {
            for mistake in mistakes {
                print(file, &mistake, out)?;
            }
            Ok(false)
        }
    }
}

fn check_folder(folder: &Path, out: &mut impl Write) -> Result<bool> {
    match Catalogue::load(folder) {
        Ok(catalogue) => {
            for benefit in catalogue.benefits() {
                let file = folder.join(format!("{}.toml", benefit.id()));
                writeln!(out, "{}: good", file.display())?;
            }
            Ok(true)
        }
        Err(BrokenCatalogue::Files(mistakes)) => {
            for found in mistakes {
                print(&found.file, &found.mistake, out)?;
            }
            Ok(false)
        }
        Err(broken @ (BrokenCatalogue::Folder { .. } | BrokenCatalogue::Empty(_))) => {
            writeln!(out, "{broken}")?;
            Ok(false)
        }
    }
}

fn print(file: &Path, mistake: &Mistake, out: &mut impl Write) -> Result<()> {
    let Mistake {
        line,
        column,
        message,
        advice,
    } = mistake;
    writeln!(out, "{}:{line}:{column}: {message}", file.display())?;
    if !advice.is_empty() {
        writeln!(out, "    {advice}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue");
    const INDEMNITY: &str = "indemnity-march-2020.toml";

    fn check(path: &Path) -> (ExitCode, String) {
        let mut out = Vec::new();
        let command = Command::Check {
            files: vec![path.to_owned()],
        };
        let code = run(&Options { command }, &mut out).unwrap();
        (code, String::from_utf8(out).unwrap())
    }

    #[test]
    fn the_shipped_benefits_are_good_one_by_one_and_together() {
        let (code, out) = check(Path::new(SHIPPED));
        assert_eq!(code, ExitCode::SUCCESS, "{out}");
        assert_eq!(out.lines().count(), 3, "{out}");
        assert!(out.lines().all(|line| line.ends_with(".toml: good")), "{out}");
        let file = Path::new(SHIPPED).join(INDEMNITY);
        let expected = format!("{}: good\n", file.display());
        assert_eq!(check(&file), (ExitCode::SUCCESS, expected));
    }

    #[test]
    fn mistakes_are_printed_with_their_place_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(INDEMNITY);
        let good = std::fs::read_to_string(Path::new(SHIPPED).join(INDEMNITY)).unwrap();
        std::fs::write(&file, good.replacen("[opening]", "[openning]", 1)).unwrap();
        let line = 1 + good.lines().position(|line| line == "[opening]").unwrap();
        for path in [file.as_path(), folder.path()] {
            let (code, out) = check(path);
            assert_eq!(code, ExitCode::FAILURE);
            let told = format!(
                "{}:{line}:2: unknown key `openning` in the file\n    did you mean `opening`?\n",
                file.display()
            );
            assert!(out.contains(&told), "{out}");
            assert!(
                out.contains(":1:1: `opening` is missing in the file\n    write [opening] with"),
                "{out}"
            );
        }
    }

    #[test]
    fn a_folder_without_benefits_is_a_mistake() {
        let folder = tempfile::tempdir().unwrap();
        let (code, out) = check(folder.path());
        assert_eq!(code, ExitCode::FAILURE);
        assert!(out.contains("has no .toml file"), "{out}");
        let (code, out) = check(&folder.path().join("none.toml"));
        assert_eq!(code, ExitCode::FAILURE);
        assert!(out.contains("none.toml:1:1: the file can't be read"), "{out}");
    }
}
