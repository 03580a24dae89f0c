//! A field of an application: its JSON pointer, and its place in the form and in the content.

use std::borrow::Cow;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use sportello_domain::JsonPointer;

/// A field, by its JSON pointer (RFC 6901) into the application.
pub(super) struct Field {
    pointer: JsonPointer,
    tokens: Vec<Token>,
}

/// One step of a pointer.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Token {
    name: String,
    /// Its value, if it can be the index of an element.
    index: Option<usize>,
}

/// The fields of an application outside its answers, as a form.
static HEAD: LazyLock<Value> = LazyLock::new(|| {
    let text = || json!({ "type": "string" });
    json!({
        "order": ["benefit", "category", "mandate", "applicant"],
        "properties": {
            "benefit": text(),
            "category": text(),
            "mandate": text(),
            "applicant": {
                "order": [
                    "tax_code", "given_name", "family_name", "single_name", "birth_date", "email", "phone", "iban",
                ],
                "properties": {
                    "tax_code": text(),
                    "given_name": text(),
                    "family_name": text(),
                    "single_name": { "type": "boolean" },
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
    /// Parses a column's name; returns nothing if it is not a pointer.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let pointer = JsonPointer::parse(name).ok()?;
        let tokens: Vec<Token> = pointer.tokens().map(Token::of).collect();
        (!tokens.is_empty()).then_some(Self { pointer, tokens })
    }

    /// Returns the pointer.
    pub(super) fn pointer(&self) -> &JsonPointer {
        &self.pointer
    }

    /// Returns whether the field is at the end of these names.
    pub(super) fn is_at<const N: usize>(&self, names: [&str; N]) -> bool {
        self.tokens.iter().map(|token| &*token.name).eq(names)
    }

    /// Returns the schema of the field, from the form or from the part common to all applications,
    /// or nothing if there is no such field.
    pub(super) fn schema<'a>(&self, form: &'a Value) -> Option<&'a Value> {
        match self.of_answers() {
            Some(tokens) => tokens.iter().try_fold(form, step),
            None => self.tokens.iter().try_fold(&*HEAD, step),
        }
    }

    /// Puts the field's value into an application.
    ///
    /// # Errors
    /// [`NoPlace`] if an application with this form has no such field.
    pub(super) fn put(&self, application: &mut Value, form: &Value, value: Value) -> Result<(), NoPlace> {
        match self.of_answers() {
            Some(tokens) => put(&mut application["answers"], form, tokens, value),
            None => put(application, &HEAD, &self.tokens, value),
        }
    }

    fn of_answers(&self) -> Option<&[Token]> {
        let (first, rest) = self.tokens.split_first()?;
        (first.name == "answers").then_some(rest)
    }

    /// Returns each list element on the pointer's path: the way to its list, and its index.
    pub(super) fn elements(&self) -> impl Iterator<Item = (&[Token], usize)> {
        let indexes = self.tokens.iter().enumerate();
        indexes.filter_map(|(depth, token)| Some((self.tokens.get(..depth)?, token.index?)))
    }
}

impl Token {
    fn of(name: Cow<'_, str>) -> Self {
        let is_index = name.len() <= 4
            && name.bytes().all(|b| b.is_ascii_digit())
            && (name == "0" || !name.starts_with('0'));
        Self {
            index: if is_index { name.parse().ok() } else { None },
            name: name.into_owned(),
        }
    }
}

/// Returns an empty application. It holds the required lists and groups, so that the form reports
/// their missing fields, which have columns, and not the lists themselves.
pub(super) fn blank(form: &Value) -> Value {
    json!({ "applicant": {}, "answers": empty(form) })
}

/// Returns the pointers of all possible fields, with `elements` of each list.
pub(super) fn pointers(form: &Value, elements: usize) -> Vec<JsonPointer> {
    let mut found = Vec::new();
    walk(JsonPointer::ROOT, &HEAD, elements, &mut found);
    walk(["answers"].into(), form, elements, &mut found);
    found
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

/// The application has no place for a field.
pub(super) struct NoPlace;

fn put(place: &mut Value, schema: &Value, tokens: &[Token], value: Value) -> Result<(), NoPlace> {
    let Some((token, rest)) = tokens.split_first() else {
        *place = value;
        return Ok(());
    };
    match (place, schema.get("items"), token.index) {
        (Value::Array(elements), Some(items), Some(index)) => {
            if elements.len() <= index {
                elements.resize(index + 1, Value::Null);
            }
            let element = elements.get_mut(index).ok_or(NoPlace)?;
            if element.is_null() {
                *element = empty(items);
            }
            put(element, items, rest, value)
        }
        (Value::Object(fields), None, _) => {
            let schema = &schema["properties"][&token.name];
            let place = fields.entry(&token.name).or_insert_with(|| empty(schema));
            put(place, schema, rest, value)
        }
        _ => Err(NoPlace),
    }
}

/// Returns the empty value of a field with this schema.
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

fn walk(pointer: JsonPointer, schema: &Value, elements: usize, found: &mut Vec<JsonPointer>) {
    if let Some(items) = schema.get("items") {
        for index in 0..elements.min(most_elements(schema)) {
            walk(pointer.element(index), items, elements, found);
        }
    } else if let Some(properties) = schema.get("properties") {
        for name in in_order(schema) {
            if let Some(field) = properties.get(name) {
                walk(pointer.member(name), field, elements, found);
            }
        }
    } else {
        found.push(pointer);
    }
}

/// Returns the names of the fields in the order of the form; fields that `order` lacks come last.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_goes_to_its_place_or_is_refused_for_having_none() {
        let form = json!({ "properties": { "children": {
            "maxItems": 2, "items": { "properties": { "name": { "type": "string" } } }
        } } });
        let put = |name: &str| {
            let mut application = blank(&form);
            let field = Field::parse(name).unwrap();
            let put = field.put(&mut application, &form, json!("x"));
            put.is_ok().then_some(application)
        };
        let there = put("/answers/children/1/name").unwrap();
        assert_eq!(there["answers"]["children"], json!([null, { "name": "x" }]));
        assert_eq!(put("/applicant/email").unwrap()["applicant"]["email"], "x");
        for nowhere in ["/answers/children/name", "/answers/children/name/1"] {
            assert_eq!(put(nowhere), None, "{nowhere}");
        }
    }
}
