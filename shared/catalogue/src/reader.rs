//! Reads a table key by key and notes every mistake instead of stopping at the first.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use sportello_domain::Text;
use toml_edit::{Key, Value};

use crate::mistake::{Place, Source};
use crate::money;
use crate::nearest;
use crate::node::Node;

/// Keys of the whole benefit: they must come before the first heading.
const OF_THE_WHOLE: [&str; 5] = [
    "id",
    "one_per",
    "per_applicant",
    "incompatible_with",
    "required_of_applicant",
];

/// Most characters of a text.
const LONGEST_TEXT: usize = 2_000;

/// A table of the file. Keys that no caller reads are unknown: [`Reader::finish`] reports them.
pub(crate) struct Reader<'s, 'f> {
    pub source: &'s Source<'f>,
    pub node: Node<'s>,
    place: usize,
    /// Name of the table in messages.
    name: String,
    known: Vec<&'static str>,
}

/// The value of a table under a key, or of a list at an index.
#[derive(Clone)]
pub(crate) struct Field<'s, 'f> {
    pub source: &'s Source<'f>,
    pub node: Node<'s>,
    /// Byte at which mistakes of this field are reported: its key's, or the list element's.
    pub place: usize,
    name: String,
    /// Correct form of the field, for the advice.
    hint: &'static str,
}

impl<'s, 'f> Reader<'s, 'f> {
    pub(crate) fn root(source: &'s Source<'f>, table: &'s toml_edit::Table) -> Self {
        Self {
            source,
            node: Node::Table(table),
            place: 0,
            name: "the file".to_owned(),
            known: Vec::new(),
        }
    }

    /// Returns the value of a key that may be missing.
    pub(crate) fn optional(&mut self, key: &'static str, hint: &'static str) -> Option<Field<'s, 'f>> {
        self.known.push(key);
        let (at, node) = self.node.entry(key)?;
        Some(Field {
            source: self.source,
            node,
            place: start_of(at).unwrap_or(self.place),
            name: key.to_owned(),
            hint,
        })
    }

    /// Returns whether a key is present, with any value.
    pub(crate) fn holds(&self, key: &str) -> bool {
        self.node.entry(key).is_some()
    }

    /// Returns the value of a required key; adds a mistake if it is missing.
    pub(crate) fn needed(&mut self, key: &'static str, hint: &'static str) -> Option<Field<'s, 'f>> {
        let field = self.optional(key, hint);
        if field.is_none() {
            self.report(&format!("`{key}` is missing in {}", self.name), hint);
        }
        field
    }

    /// Adds a mistake of the whole table; `hint` is its correct form.
    pub(crate) fn report(&self, message: &str, hint: &str) {
        self.source.report(self.place, message, written(hint));
    }

    /// Adds a mistake for every unknown key.
    pub(crate) fn finish(self) {
        for (key, _) in self.node.entries().unwrap_or_default() {
            if !self.known.contains(&key.get()) {
                let message = format!("unknown key `{}` in {}", brief(key.get()), self.name);
                let place = start_of(key).unwrap_or(self.place);
                // a very long key resembles no known one, and comparing it costs time
                let advice = if OF_THE_WHOLE.contains(&key.get()) {
                    "a key below a heading belongs to that heading: move this line above the first [heading]"
                        .into()
                } else {
                    nearest::advice(&brief(key.get()), &self.known)
                };
                self.source.report(place, message, advice);
            }
        }
    }
}

impl<'s, 'f> Field<'s, 'f> {
    pub(crate) fn report(&self, message: impl Into<String>, advice: impl Into<String>) {
        self.source.report(self.place, message, advice);
    }

    /// Adds a mistake: the field is not as expected.
    pub(crate) fn unfit<T>(&self, expected: &str) -> Option<T> {
        self.report(format!("`{}` is not {expected}", self.name), written(self.hint));
        None
    }

    pub(crate) fn line_and_column(&self) -> Place {
        self.source.place(self.place)
    }

    fn value(&self) -> Option<&'s Value> {
        match self.node {
            Node::Value(value) => Some(value),
            Node::Table(_) | Node::Tables(_) => None,
        }
    }

    /// Reads a text as written.
    pub(crate) fn text(&self) -> Option<&'s str> {
        let text = self.value().and_then(Value::as_str);
        text.or_else(|| self.unfit("a text between quotation marks"))
    }

    /// Reads a text of one line that is not blank and has at most `longest` characters.
    pub(crate) fn line(&self, longest: usize) -> Option<String> {
        let text = self.text()?;
        if text.trim().is_empty() {
            return self.unfit("filled in");
        }
        if text.chars().count() > longest {
            return self.unfit(&format!("a text of at most {longest} characters"));
        }
        if text.chars().any(char::is_control) {
            return self.unfit("a text of one line");
        }
        Some(text.to_owned())
    }

    /// Reads a text that a type of the domain parses.
    pub(crate) fn parsed<T, E: std::fmt::Display>(
        &self,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(self.text()?) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                self.report(format!("`{}`: {error}", self.name), written(self.hint));
                None
            }
        }
    }

    /// Reads one of a few words.
    pub(crate) fn word<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("`{}` is not known for `{}`", brief(text), self.name);
            self.report(message, nearest::advice(&brief(text), &known));
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// Reads a date and time with an offset.
    pub(crate) fn instant(&self) -> Option<Timestamp> {
        let written = self.value().and_then(Value::as_datetime);
        let instant = written
            .filter(|written| written.offset.is_some())
            .and_then(|written| written.to_string().parse().ok());
        instant.or_else(|| self.unfit("a date and time with the offset from UTC"))
    }

    /// Reads a whole number within bounds.
    pub(crate) fn whole_number(&self, bounds: RangeInclusive<i32>) -> Option<i32> {
        let written = self.value().and_then(Value::as_integer);
        let number = written.and_then(|number| i32::try_from(number).ok());
        number.filter(|number| bounds.contains(number)).or_else(|| {
            self.unfit(&format!(
                "a whole number from {} to {}",
                bounds.start(),
                bounds.end()
            ))
        })
    }

    /// Reads an amount in euro; returns cents.
    pub(crate) fn cents(&self) -> Option<i64> {
        let cents = self
            .value()
            .filter(|value| value.is_integer() || value.is_float())
            .and_then(Value::span)
            .and_then(|span| money::cents_of(&self.source.raw(span).replace('_', "")));
        cents
            .filter(|cents| (1..=money::MOST_CENTS).contains(cents))
            .or_else(|| self.unfit("an amount in euro, more than 0, with no or two decimals"))
    }

    /// Returns the elements of a list.
    pub(crate) fn list(&self) -> Option<Vec<Self>> {
        let Some(elements) = self.node.elements() else {
            return self.unfit("a list");
        };
        let field = |node: Node<'s>| Self {
            node,
            place: node.span().map_or(self.place, |span| span.start),
            ..self.clone()
        };
        Some(elements.into_iter().map(field).collect())
    }

    /// Reads each element of a list with `read`; returns nothing if one fails.
    pub(crate) fn each<T>(&self, read: impl FnMut(Self) -> Option<T>) -> Option<Vec<T>> {
        // reads all elements, so that all mistakes are reported
        let read: Vec<Option<T>> = self.list()?.into_iter().map(read).collect();
        read.into_iter().collect()
    }

    /// Reads a table.
    pub(crate) fn table(&self) -> Option<Reader<'s, 'f>> {
        if self.node.entries().is_none() {
            return self.unfit("a table");
        }
        Some(Reader {
            source: self.source,
            node: self.node,
            place: self.place,
            name: format!("`{}`", self.name),
            known: Vec::new(),
        })
    }

    /// Reads a text in every language.
    pub(crate) fn texts(&self) -> Option<Text> {
        let mut table = self.table()?;
        let hint = self.hint;
        let mut language = |key| table.needed(key, hint).and_then(|field| field.prose());
        let (it, en, de) = (language("it"), language("en"), language("de"));
        table.finish();
        Some(Text::of(it?, en?, de?))
    }

    fn prose(&self) -> Option<String> {
        let text = self.text()?;
        if text.trim().is_empty() {
            return self.unfit("filled in");
        }
        if text.chars().count() > LONGEST_TEXT {
            return self.unfit(&format!("a text of at most {LONGEST_TEXT} characters"));
        }
        Some(text.to_owned())
    }
}

fn start_of(key: &Key) -> Option<usize> {
    key.span().map(|span| span.start)
}

fn written(hint: &str) -> String {
    format!("write {hint}")
}

/// Returns the beginning of a text, short enough for a message.
pub(crate) fn brief(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
