//! A node of a TOML file, written inline or with headings.

use std::ops::Range;

use serde_json::{Map, Value as Json};
use sportello_domain::JsonPointer;
use toml_edit::{ArrayOfTables, Item, Key, Table, TableLike, Value};

use crate::mistake::Source;

/// A value, a table or a list.
#[derive(Clone, Copy)]
pub(crate) enum Node<'f> {
    /// `key = …`
    Value(&'f Value),
    /// `[key]`
    Table(&'f Table),
    /// `[[key]]`
    Tables(&'f ArrayOfTables),
}

impl<'f> Node<'f> {
    fn of(item: &'f Item) -> Option<Self> {
        match item {
            Item::None => None,
            Item::Value(value) => Some(Self::Value(value)),
            Item::Table(table) => Some(Self::Table(table)),
            Item::ArrayOfTables(tables) => Some(Self::Tables(tables)),
        }
    }

    pub(crate) fn span(self) -> Option<Range<usize>> {
        match self {
            Self::Value(value) => value.span(),
            Self::Table(table) => table.span(),
            Self::Tables(tables) => tables.span(),
        }
    }

    fn table(self) -> Option<&'f dyn TableLike> {
        match self {
            Self::Value(value) => value.as_inline_table().map(|table| table as &dyn TableLike),
            Self::Table(table) => Some(table),
            Self::Tables(_) => None,
        }
    }

    /// Returns the keys and values of a table, or nothing for other nodes.
    pub(crate) fn entries(self) -> Option<Vec<(&'f Key, Self)>> {
        let table = self.table()?;
        let entry = |(name, item): (&str, &'f Item)| Some((table.key(name)?, Self::of(item)?));
        Some(table.iter().filter_map(entry).collect())
    }

    /// Returns a key of a table with its value.
    pub(crate) fn entry(self, name: &str) -> Option<(&'f Key, Self)> {
        let (key, item) = self.table()?.get_key_value(name)?;
        Some((key, Self::of(item)?))
    }

    /// Returns the elements of a list, or nothing for other nodes.
    pub(crate) fn elements(self) -> Option<Vec<Self>> {
        match self {
            Self::Value(value) => Some(value.as_array()?.iter().map(Self::Value).collect()),
            Self::Tables(tables) => Some(tables.iter().map(Self::Table).collect()),
            Self::Table(_) => None,
        }
    }

    /// Converts to JSON. Adds a mistake for each value that JSON can't hold, and leaves it out.
    pub(crate) fn json(self, source: &Source<'_>) -> Json {
        if let Some(entries) = self.entries() {
            let json = |(key, node): (&Key, Self)| (key.get().to_owned(), node.json(source));
            return Json::Object(entries.into_iter().map(json).collect::<Map<_, _>>());
        }
        if let Some(elements) = self.elements() {
            return elements.into_iter().map(|node| node.json(source)).collect();
        }
        match self {
            Self::Value(value) => scalar(value, source),
            Self::Table(_) | Self::Tables(_) => Json::Null,
        }
    }
}

fn scalar(value: &Value, source: &Source<'_>) -> Json {
    match value {
        Value::String(text) => Json::from(text.value().as_str()),
        Value::Integer(number) => Json::from(*number.value()),
        Value::Float(number) if number.value().is_finite() => Json::from(*number.value()),
        Value::Boolean(truth) => Json::from(*truth.value()),
        Value::Float(_) => {
            let place = value.span().unwrap_or_default().start;
            source.report(place, "infinity and `nan` are not allowed here", "write a number");
            Json::Null
        }
        Value::Datetime(_) => {
            let place = value.span().unwrap_or_default().start;
            source.report(
                place,
                "a date is not allowed here",
                "put it between quotation marks, as text",
            );
            Json::Null
        }
        Value::Array(_) | Value::InlineTable(_) => Json::Null,
    }
}

/// Returns the byte of a pointer's target, or of its last existing ancestor, and the number of
/// tokens found.
pub(crate) fn locate(mut node: Node<'_>, start: usize, pointer: &JsonPointer) -> (usize, usize) {
    let mut place = start;
    let mut found = 0;
    for token in pointer.tokens() {
        let next = match node.entry(&token) {
            Some((key, next)) => Some((key.span(), next)),
            None => node
                .elements()
                .and_then(|elements| elements.get(token.parse::<usize>().ok()?).copied())
                .map(|next| (next.span(), next)),
        };
        let Some((span, next)) = next else {
            break;
        };
        place = span.map_or(place, |span| span.start);
        node = next;
        found += 1;
    }
    (place, found)
}

/// Returns the byte in a literal at which a character of its text stands.
///
/// `literal` is the text as in the file, with its quotation marks.
pub(crate) fn offset_in_literal(literal: &str, characters: usize) -> usize {
    let quote = &literal[..literal.len().min(1)];
    let opening = if literal.starts_with(r#"""""#) || literal.starts_with("'''") {
        3
    } else {
        1
    };
    let mut rest = literal.get(opening..).unwrap_or_default();
    if opening == 3 {
        rest = rest
            .strip_prefix("\r\n")
            .or_else(|| rest.strip_prefix('\n'))
            .unwrap_or(rest);
    }
    for _ in 0..characters {
        let width = match rest.strip_prefix('\\') {
            Some(escape) if quote == "\"" => 1 + escape_width(escape),
            _ => rest.chars().next().map_or(0, char::len_utf8),
        };
        rest = rest.get(width..).unwrap_or_default();
    }
    literal.len() - rest.len()
}

/// Returns the bytes of an escape after its backslash; a line's end includes the next character.
fn escape_width(escape: &str) -> usize {
    match escape.chars().next() {
        Some('u') => 5,
        Some('U') => 9,
        Some('x') => 3,
        Some(first) if first.is_whitespace() => {
            let text = escape.trim_start();
            escape.len() - text.len() + text.chars().next().map_or(0, char::len_utf8)
        }
        Some(first) => first.len_utf8(),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_a_literal_are_found_behind_its_escapes() {
        for (literal, characters, rest) in [
            (r#""abc""#, 1, "bc\""),
            (r#""a\"bc""#, 2, "bc\""),
            (r#""a\u00e8bc""#, 2, "bc\""),
            ("'a\\bc'", 2, "bc'"),
            ("\"\"\"\nèbc\"\"\"", 1, "bc\"\"\""),
            ("\"\"\"a \\\n  bc\"\"\"", 3, "c\"\"\""),
            ("'abc'", 99, ""),
        ] {
            assert_eq!(
                &literal[offset_in_literal(literal, characters)..],
                rest,
                "{literal}"
            );
        }
    }
}
