//! A field of an application: its JSON pointer, and its place in the form and in the content.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// A field, by its JSON pointer (RFC 6901) into the application.
pub(super) struct Field {
    name: String,
    tokens: Vec<Token>,
}

/// One step of a pointer.
pub(super) struct Token {
    name: String,
    /// Where it can be the index of an element.
    index: Option<usize>,
}

/// What an application has besides its answers, as a form would say it.
static HEAD: LazyLock<Value> = LazyLock::new(|| {
    let text = || json!({ "type": "string" });
    json!({
        "order": ["benefit", "category", "mandate", "applicant"],
        "properties": {
            "benefit": text(),
            "category": text(),
            "mandate": text(),
            "applicant": {
                "order": ["tax_code", "given_name", "family_name", "birth_date", "email", "phone", "iban"],
                "properties": {
                    "tax_code": text(),
                    "given_name": text(),
                    "family_name": text(),
                    "birth_date": { "type": "string", "format": "date" },
                    "email": text(),
                    "phone": text(),
                    "iban": text(),
                },
            },
        },
    })
});

impl Field {
    /// Reads a column's name; nothing where it is no pointer.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let tokens = name.strip_prefix('/')?.split('/').map(Token::of).collect();
        let name = name.to_owned();
        Some(Self { name, tokens })
    }

    /// The pointer.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What a form, or what is the same for all applications, says of the field; nothing where it has no such field.
    pub(super) fn schema<'a>(&self, form: &'a Value) -> Option<&'a Value> {
        match self.of_answers() {
            Some(tokens) => tokens.iter().try_fold(form, step),
            None => self.tokens.iter().try_fold(&*HEAD, step),
        }
    }

    /// Puts the field's value into an application for which the form has this field.
    pub(super) fn put(&self, application: &mut Value, form: &Value, value: Value) {
        match self.of_answers() {
            Some(tokens) => put(&mut application["answers"], form, tokens, value),
            None => put(application, &HEAD, &self.tokens, value),
        }
    }

    fn of_answers(&self) -> Option<&[Token]> {
        let (first, rest) = self.tokens.split_first()?;
        (first.name == "answers").then_some(rest)
    }

    /// Each element that the pointer leads through: the pointer of its list, and its index.
    pub(super) fn elements(&self) -> impl Iterator<Item = (String, usize)> {
        let indexes = self.tokens.iter().enumerate();
        indexes.filter_map(|(depth, token)| {
            let list = self.tokens.iter().take(depth).map(|token| token.name.as_str());
            let list: Vec<&str> = list.collect();
            Some((list.join("/"), token.index?))
        })
    }
}

impl Token {
    fn of(written: &str) -> Self {
        let is_index = written.len() <= 4
            && written.bytes().all(|b| b.is_ascii_digit())
            && (written == "0" || !written.starts_with('0'));
        Self {
            name: written.replace("~1", "/").replace("~0", "~"),
            index: if is_index { written.parse().ok() } else { None },
        }
    }
}

/// An application in which nothing is filled in. Lists and groups that must be there are, so that their fields are missed
/// and not they, which have no column.
pub(super) fn blank(form: &Value) -> Value {
    json!({ "applicant": {}, "answers": empty(form) })
}

/// The pointers of the fields that an application can have, with `elements` of each list.
pub(super) fn names(form: &Value, elements: usize) -> Vec<String> {
    let mut names = Vec::new();
    walk("", &HEAD, elements, &mut names);
    walk("/answers", form, elements, &mut names);
    names
}

fn step<'a>(schema: &'a Value, token: &Token) -> Option<&'a Value> {
    match schema.get("items") {
        Some(items) => (token.index? < most_elements(schema)).then_some(items),
        None => schema.get("properties")?.get(&token.name),
    }
}

fn most_elements(list: &Value) -> usize {
    let most = list.get("maxItems").and_then(Value::as_u64);
    most.and_then(|most| usize::try_from(most).ok()).unwrap_or(0)
}

fn put(place: &mut Value, schema: &Value, tokens: &[Token], value: Value) {
    let Some((token, rest)) = tokens.split_first() else {
        *place = value;
        return;
    };
    match (place, schema.get("items"), token.index) {
        (Value::Array(elements), Some(items), Some(index)) => {
            if elements.len() <= index {
                elements.resize(index + 1, Value::Null);
            }
            if let Some(element) = elements.get_mut(index) {
                if element.is_null() {
                    *element = empty(items);
                }
                put(element, items, rest, value);
            }
        }
        (Value::Object(fields), None, _) => {
            let schema = &schema["properties"][&token.name];
            let place = fields.entry(&token.name).or_insert_with(|| empty(schema));
            put(place, schema, rest, value);
        }
        _ => {}
    }
}

/// What a field of this schema begins with.
fn empty(schema: &Value) -> Value {
    if schema.get("items").is_some() {
        return Value::Array(Vec::new());
    }
    let Some(properties) = schema.get("properties") else {
        return Value::Null;
    };
    let required = schema.get("required").and_then(Value::as_array);
    let required = required.into_iter().flatten().filter_map(Value::as_str);
    let parts = required.filter_map(|name| {
        let value = empty(properties.get(name)?);
        (!value.is_null()).then(|| (name.to_owned(), value))
    });
    Value::Object(parts.collect::<Map<_, _>>())
}

fn walk(pointer: &str, schema: &Value, elements: usize, names: &mut Vec<String>) {
    if let Some(items) = schema.get("items") {
        for index in 0..elements.min(most_elements(schema)) {
            walk(&format!("{pointer}/{index}"), items, elements, names);
        }
    } else if let Some(properties) = schema.get("properties") {
        for name in in_order(schema) {
            if let Some(field) = properties.get(name) {
                walk(&format!("{pointer}/{name}"), field, elements, names);
            }
        }
    } else {
        names.push(pointer.to_owned());
    }
}

/// The names of the fields in the order of the form; those that it does not name come last.
pub(super) fn in_order(schema: &Value) -> Vec<&str> {
    let order = schema.get("order").and_then(Value::as_array);
    let order = order.into_iter().flatten().filter_map(Value::as_str);
    let properties = schema.get("properties").and_then(Value::as_object);
    let all = properties.into_iter().flatten().map(|(name, _)| name.as_str());
    let mut names = Vec::new();
    for name in order.chain(all) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
