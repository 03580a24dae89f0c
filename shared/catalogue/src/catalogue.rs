//! All files of a folder, checked against each other.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use sportello_domain::{
    Answered, Application, BenefitId, BudgetRule, CatalogueVersion, Incompatibilities, Retention, Text,
    Violation,
};

use crate::benefit::Benefit;
use crate::document::Benefits;
use crate::mistake::{Mistake, Place};
use crate::nearest;
use crate::parse::{LARGEST_FILE, too_large};

/// The benefits of a folder: one file each, named after its id.
pub struct Catalogue {
    benefits: BTreeMap<BenefitId, Arc<Benefit>>,
    version: CatalogueVersion,
    incompatibilities: Incompatibilities,
}

/// Why a folder can't be used as a catalogue.
#[derive(Debug, thiserror::Error)]
pub enum BrokenCatalogue {
    /// The folder can't be read.
    #[error("the catalogue {folder} can't be read: {source}", folder = folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
    /// The folder holds no benefit.
    #[error("the catalogue {folder} has no .toml file: add one for each benefit", folder = .0.display())]
    Empty(PathBuf),
    /// Every mistake in every file.
    #[error("the catalogue has mistakes:\n{}", lines(.0))]
    Files(Vec<MistakeInFile>),
}

/// A mistake and its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MistakeInFile {
    /// The file.
    pub file: PathBuf,
    /// The mistake to correct.
    pub mistake: Mistake,
}

impl fmt::Display for MistakeInFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.mistake)
    }
}

fn lines(mistakes: &[MistakeInFile]) -> String {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// A file that was read, with its benefit or its mistakes.
pub(crate) type ReadFile = (PathBuf, Result<Arc<Benefit>, Vec<Mistake>>);

impl Catalogue {
    /// Reads all files `*.toml` of a folder; skips others and names that begin with a dot.
    ///
    /// # Errors
    /// [`BrokenCatalogue`] with every mistake of every file.
    pub fn load(folder: &Path) -> Result<Self, BrokenCatalogue> {
        let files = files_of(folder).map_err(|source| BrokenCatalogue::Folder {
            folder: folder.to_owned(),
            source,
        })?;
        let read = |file: PathBuf| {
            let benefit = Benefit::load(&file).map(Arc::new);
            (file, benefit)
        };
        Self::of_files(folder, files.into_iter().map(read).collect())
    }

    /// Builds the catalogue from the files of a folder.
    pub(crate) fn of_files(folder: &Path, files: Vec<ReadFile>) -> Result<Self, BrokenCatalogue> {
        if files.is_empty() {
            return Err(BrokenCatalogue::Empty(folder.to_owned()));
        }
        let mut mistakes = Vec::new();
        let mut good = Vec::new();
        // the id of a file with mistakes counts as known
        let names: Vec<String> = files.iter().map(|(file, _)| stem(file)).collect();
        for (file, benefit) in files {
            match benefit {
                Ok(benefit) => {
                    mistakes.extend(unknown_ids(&file, &benefit, &names));
                    good.push(benefit);
                }
                Err(found) => mistakes.extend(found.into_iter().map(|mistake| in_file(&file, mistake))),
            }
        }
        for benefit in &good {
            mistakes.extend(forgotten_too_early(folder, benefit, &good));
        }
        if mistakes.is_empty() {
            Ok(Self::of_benefits(good))
        } else {
            Err(BrokenCatalogue::Files(mistakes))
        }
    }

    fn of_benefits(benefits: Vec<Arc<Benefit>>) -> Self {
        let mut incompatibilities = Incompatibilities::default();
        for benefit in &benefits {
            for (other, _) in &benefit.declared.incompatible_with {
                incompatibilities.insert(benefit.id().clone(), other.clone());
            }
        }
        let benefits: BTreeMap<_, _> = (benefits.into_iter())
            .map(|benefit| (benefit.id().clone(), benefit))
            .collect();
        let versions: Vec<String> = (benefits.values())
            .map(|benefit| format!("{} {}\n", benefit.id(), benefit.version()))
            .collect();
        Self {
            version: CatalogueVersion::of(versions.concat().as_bytes()),
            benefits,
            incompatibilities,
        }
    }

    /// Returns the benefit with this id.
    #[must_use]
    pub fn get(&self, id: &BenefitId) -> Option<&Arc<Benefit>> {
        self.benefits.get(id)
    }

    /// Returns the benefit with this id, or the violation `benefit_unknown`.
    pub(crate) fn known(&self, id: &BenefitId) -> Result<&Arc<Benefit>, Violation> {
        self.get(id).ok_or_else(unknown_benefit)
    }

    /// Returns all benefits, in the order of their ids.
    pub fn benefits(&self) -> impl Iterator<Item = &Arc<Benefit>> {
        self.benefits.values()
    }

    /// Returns the benefits in short, for the API.
    #[must_use]
    pub fn summaries(&self) -> Benefits {
        Benefits {
            items: self.benefits().map(|benefit| benefit.summary()).collect(),
        }
    }

    /// Returns the version of all files together.
    #[must_use]
    pub fn version(&self) -> &CatalogueVersion {
        &self.version
    }

    /// Checks an application received at an instant, and returns its benefit.
    ///
    /// # Errors
    /// All violations, at least one; `benefit_unknown` if the catalogue has no such benefit.
    pub fn validate(
        &self,
        application: &Application,
        received_at: Timestamp,
    ) -> Result<Arc<Benefit>, Vec<Violation>> {
        let benefit = self
            .known(&application.benefit)
            .map_err(|violation| vec![violation])?;
        let violations = benefit.validate(application, received_at);
        if violations.is_empty() {
            Ok(Arc::clone(benefit))
        } else {
            Err(violations)
        }
    }

    /// Returns the violations of the answers of an application that has other mistakes, so that the
    /// caller gets all of them at once. Does not run the rules.
    #[must_use]
    pub fn judge_answers(&self, answered: &Answered) -> Vec<Violation> {
        match self.known(&answered.benefit) {
            Ok(benefit) => benefit.judge_answers(answered.category.as_ref(), &answered.answers),
            Err(violation) => vec![violation],
        }
    }

    /// Returns which benefits exclude each other.
    #[must_use]
    pub fn incompatibilities(&self) -> &Incompatibilities {
        &self.incompatibilities
    }

    /// Returns the budgets of all benefits.
    #[must_use]
    pub fn budget_rules(&self) -> Vec<BudgetRule> {
        self.benefits()
            .flat_map(|benefit| benefit.budget_rules())
            .collect()
    }

    /// Returns how long the applications of each benefit are kept.
    #[must_use]
    pub fn retentions(&self) -> Vec<Retention> {
        self.benefits().map(|benefit| benefit.retention()).collect()
    }
}

fn unknown_benefit() -> Violation {
    const UNKNOWN: Text = Text::fixed(
        "non c'è una prestazione con questo identificativo",
        "there is no benefit with this id",
        "es gibt keine Leistung mit dieser Kennung",
    );
    Violation::new(["benefit"], "benefit_unknown", UNKNOWN)
}

impl Benefit {
    /// Reads a benefit's file; its name must be the benefit's id and `.toml`.
    ///
    /// # Errors
    /// Every mistake at once; an unreadable file is one too.
    pub fn load(file: &Path) -> Result<Self, Vec<Mistake>> {
        let bytes = read(file).map_err(|error| {
            vec![Place::START.mistake(
                format!("the file can't be read: {error}"),
                "check its name and its permissions",
            )]
        })?;
        Self::of_bytes(file, &bytes)
    }

    /// As [`Benefit::load`], for bytes that were already read.
    pub(crate) fn of_bytes(file: &Path, bytes: &[u8]) -> Result<Self, Vec<Mistake>> {
        if bytes.len() > LARGEST_FILE {
            return Err(vec![too_large()]);
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let place = Place::of(bytes, error.valid_up_to());
            vec![place.mistake("this is not UTF-8", "save the file with the encoding UTF-8")]
        })?;
        let benefit = Self::parse(text)?;
        let name = stem(file);
        if benefit.id().as_str() != name {
            let message = format!(
                "the file is named {name}.toml, but the benefit's id is {}",
                benefit.id()
            );
            let advice = format!("name the file {}.toml, or correct `id`", benefit.id());
            return Err(vec![benefit.declared.id_place.mistake(message, advice)]);
        }
        Ok(benefit)
    }
}

/// Reads a file; of one that is too large, only enough to show it.
pub(crate) fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = LARGEST_FILE as u64 + 1;
    std::fs::File::open(file)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the benefits' files of a folder, sorted.
pub(crate) fn files_of(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        let path = entry.path();
        if !is_hidden && path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn stem(file: &Path) -> String {
    file.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn in_file(file: &Path, mistake: Mistake) -> MistakeInFile {
    MistakeInFile {
        file: file.to_owned(),
        mistake,
    }
}

/// Finds pairs of benefits that exclude each other, of which one is forgotten while the other is
/// still open: the register could no longer tell who received it.
fn forgotten_too_early(folder: &Path, benefit: &Benefit, all: &[Arc<Benefit>]) -> Vec<MistakeInFile> {
    let file = folder.join(format!("{}.toml", benefit.id()));
    let named = benefit.declared.incompatible_with.iter();
    let pairs = named.filter_map(|(id, place)| {
        let other = all.iter().find(|other| other.id() == id)?;
        let forgets =
            |one: &Benefit, other: &Benefit| one.declared.retention.ends < other.declared.opening.closes;
        let (forgotten, open) = if forgets(other, benefit) {
            (other.id(), benefit.id())
        } else if forgets(benefit, other) {
            (benefit.id(), other.id())
        } else {
            return None;
        };
        let message = format!("the applications for `{forgotten}` are not kept until `{open}` closes");
        let advice = format!("increase `days` under [retention] of {forgotten}.toml");
        Some(in_file(&file, place.mistake(message, advice)))
    });
    pairs.collect()
}

/// Finds incompatible benefits that the catalogue lacks.
fn unknown_ids(file: &Path, benefit: &Benefit, names: &[String]) -> Vec<MistakeInFile> {
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let named = benefit.declared.incompatible_with.iter();
    named
        .filter(|(id, _)| !known.contains(&id.as_str()))
        .map(|(id, place)| {
            let message = format!("the catalogue has no benefit `{id}`");
            in_file(file, place.mistake(message, nearest::advice(id.as_str(), &known)))
        })
        .collect()
}
