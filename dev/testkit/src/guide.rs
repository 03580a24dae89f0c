//! The commands of a document: its blocks of shell, by their headings.

use std::fs;
use std::path::Path;

/// A document whose commands a test runs as they stand there.
#[derive(Debug)]
pub struct Guide {
    sections: Vec<Section>,
}

#[derive(Debug)]
struct Section {
    heading: String,
    /// The blocks that begin with "```sh", one after the other.
    script: String,
}

impl Guide {
    /// Reads a document.
    ///
    /// # Panics
    /// When it can't be read.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        Self::parse(&fs::read_to_string(path).expect("a document"))
    }

    fn parse(text: &str) -> Self {
        let mut sections: Vec<Section> = Vec::new();
        let (mut is_shell, mut is_block) = (false, false);
        for line in text.lines() {
            if let Some(kind) = line.strip_prefix("```") {
                is_block = !is_block;
                is_shell = is_block && kind == "sh";
            } else if let Some(heading) = line.strip_prefix("## ").filter(|_| !is_block) {
                sections.push(Section {
                    heading: heading.to_owned(),
                    script: String::new(),
                });
            } else if let Some(section) = sections.last_mut().filter(|_| is_shell) {
                section.script.push_str(line);
                section.script.push('\n');
            }
        }
        Self { sections }
    }

    /// Returns the blocks of all sections whose heading begins with a digit, as one script.
    #[must_use]
    pub fn steps(&self) -> String {
        let is_step = |section: &&Section| section.heading.starts_with(|first: char| first.is_ascii_digit());
        let steps = self.sections.iter().filter(is_step);
        steps.map(|section| section.script.as_str()).collect()
    }

    /// Returns the blocks of the section with this heading.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn section(&self, heading: &str) -> &str {
        let found = self.sections.iter().find(|section| section.heading == heading);
        &found.unwrap_or_else(|| panic!("no section {heading}")).script
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_shell_are_found_under_their_headings() {
        let guide = Guide::parse(
            "# Title\n## 1. One\n```sh\na\n## no heading\n```\ntext\n```toml\nb\n```\n```sh\nc\n```\n\
             ## Two\n```sh\nd\n```\n",
        );
        assert_eq!(guide.steps(), "a\n## no heading\nc\n");
        assert_eq!(guide.section("Two"), "d\n");
    }
}
