//! The keywords of a form.

/// The required value of a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number of characters or elements.
    Count,
    /// A number.
    Number,
    /// A text for programs.
    Word,
    /// `true` or `false`.
    Flag,
    /// A list of different names.
    Names,
    /// A list of names for each name.
    NamesByName,
    /// A text in the three languages.
    Text,
    /// A text in the three languages for each name.
    TextByName,
    /// A schema.
    Schema,
    /// A schema for each name.
    Schemas,
    /// Anything.
    Any,
}

/// A keyword, its kind of value, and the types that it is for (empty means all).
pub(super) struct Keyword {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) types: &'static [&'static str],
}

const fn keyword(name: &'static str, kind: Kind, types: &'static [&'static str]) -> Keyword {
    Keyword { name, kind, types }
}

const STRING: &[&str] = &["string"];
const NUMBERS: &[&str] = &["number", "integer"];
const ARRAY: &[&str] = &["array"];
const OBJECT: &[&str] = &["object"];

/// Every keyword.
pub(super) const KEYWORDS: [Keyword; 24] = [
    keyword("type", Kind::Word, &[]),
    keyword("label", Kind::Text, &[]),
    keyword("help", Kind::Text, &[]),
    keyword("const", Kind::Any, &[]),
    keyword("enum", Kind::Names, STRING),
    keyword("enum_labels", Kind::TextByName, STRING),
    keyword("minLength", Kind::Count, STRING),
    keyword("maxLength", Kind::Count, STRING),
    keyword("pattern", Kind::Word, STRING),
    keyword("format", Kind::Word, STRING),
    keyword("minimum", Kind::Number, NUMBERS),
    keyword("maximum", Kind::Number, NUMBERS),
    keyword("multipleOf", Kind::Number, NUMBERS),
    keyword("items", Kind::Schema, ARRAY),
    keyword("minItems", Kind::Count, ARRAY),
    keyword("maxItems", Kind::Count, ARRAY),
    keyword("uniqueItems", Kind::Flag, ARRAY),
    keyword("properties", Kind::Schemas, OBJECT),
    keyword("order", Kind::Names, OBJECT),
    keyword("required", Kind::Names, OBJECT),
    keyword("dependentRequired", Kind::NamesByName, OBJECT),
    keyword("if", Kind::Schema, OBJECT),
    keyword("then", Kind::Schema, OBJECT),
    keyword("else", Kind::Schema, OBJECT),
];

/// Every type.
pub(super) const TYPES: [&str; 6] = ["object", "array", "string", "number", "integer", "boolean"];

/// Returns the keyword with this name.
pub(super) fn find(name: &str) -> Option<&'static Keyword> {
    KEYWORDS.iter().find(|keyword| keyword.name == name)
}

impl Kind {
    /// Describes a value of this kind, for messages.
    pub(super) fn looks_like(self) -> &'static str {
        match self {
            Self::Count => "a whole number from 0",
            Self::Number => "a number",
            Self::Word => "a text",
            Self::Flag => "true or false",
            Self::Names => "a list of different texts",
            Self::NamesByName => "a list of names for each name",
            Self::Text => "{ it = \"…\", en = \"…\", de = \"…\" }",
            Self::TextByName => "a text in the three languages for each value",
            Self::Schema => "a table that describes a field",
            Self::Schemas => "a table with a field for each name",
            Self::Any => "a value",
        }
    }
}
