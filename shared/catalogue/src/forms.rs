//! Merges the common form with each category's.

use serde_json::{Map, Value};
use sportello_domain::{CategoryId, JsonPointer};

use crate::mistake::Source;
use crate::node::{Node, locate};
use crate::reader::{Field, Reader};

/// Where a whole form was written: the common part, and a category's.
#[derive(Clone)]
pub(crate) struct FormParts<'s, 'f> {
    pub category: Option<CategoryId>,
    source: &'s Source<'f>,
    common: Option<Field<'s, 'f>>,
    own: Option<Field<'s, 'f>>,
    /// Position at which a missing form is reported.
    place: usize,
}

/// The whole form of one category, and its places in the file.
pub(crate) struct WholeForm<'s, 'f> {
    pub schema: Value,
    pub parts: FormParts<'s, 'f>,
}

/// Returns the whole forms: one for each category, or a single one.
pub(crate) fn forms<'s, 'f>(
    root: &Reader<'s, 'f>,
    common: Option<&Field<'s, 'f>>,
    own: Vec<(Option<CategoryId>, Option<Field<'s, 'f>>)>,
) -> Vec<WholeForm<'s, 'f>> {
    let place = root.node.entry("category").and_then(|(key, _)| key.span());
    let parts = |(category, own)| FormParts {
        category,
        source: root.source,
        common: common.cloned(),
        own,
        place: place.clone().map_or(0, |span| span.start),
    };
    own.into_iter().map(parts).filter_map(FormParts::whole).collect()
}

impl<'s, 'f> FormParts<'s, 'f> {
    fn whole(self) -> Option<WholeForm<'s, 'f>> {
        let mut schema = Map::new();
        for part in [&self.common, &self.own].into_iter().flatten() {
            let Value::Object(mut keywords) = part.node.json(self.source) else {
                return part.unfit("a table");
            };
            put_order(part.node, &mut keywords);
            for (keyword, value) in keywords {
                self.add(part, &mut schema, &keyword, value);
            }
        }
        if schema.is_empty() {
            let advice = "write [form] and its properties";
            self.source.report(
                self.place,
                "`form` is missing: the benefit asks no questions",
                advice,
            );
            return None;
        }
        Some(WholeForm {
            schema: Value::Object(schema),
            parts: self,
        })
    }

    fn add(&self, part: &Field<'_, '_>, schema: &mut Map<String, Value>, keyword: &str, value: Value) {
        match (schema.get_mut(keyword), value) {
            (None, value) => {
                schema.insert(keyword.to_owned(), value);
            }
            (Some(Value::Array(common)), Value::Array(own)) if matches!(keyword, "required" | "order") => {
                common.extend(own);
            }
            (Some(Value::Object(common)), Value::Object(own))
                if matches!(keyword, "properties" | "dependentRequired") =>
            {
                for (name, value) in own {
                    if common.contains_key(&name) {
                        let pointer = JsonPointer::from([keyword, &name]);
                        let (place, _) = locate(part.node, part.place, &pointer);
                        let message = format!("`{name}` is in the common form already");
                        self.source
                            .report(place, message, "give it another name, or remove one");
                    }
                    common.insert(name, value);
                }
            }
            (Some(_), _) => {
                let (place, _) = locate(part.node, part.place, &[keyword].into());
                let message = format!("`{keyword}` is in the common form already");
                self.source.report(place, message, "write it in one of the two");
            }
        }
    }

    /// Returns the byte in the file of a place in the whole form.
    pub(crate) fn locate(&self, pointer: &JsonPointer) -> usize {
        let in_part = |part: &Option<Field<'_, '_>>, pointer: &JsonPointer| {
            let part = part.as_ref()?;
            Some(locate(part.node, part.place, pointer))
        };
        let common = in_part(&self.common, pointer);
        let own = in_part(&self.own, &self.own_pointer(pointer));
        match (common, own) {
            (Some((place, depth)), Some((own_place, own_depth))) => {
                if own_depth > depth {
                    own_place
                } else {
                    place
                }
            }
            (Some((place, _)), None) | (None, Some((place, _))) => place,
            (None, None) => self.place,
        }
    }

    /// Maps a pointer to the category's part: its `required` follow those of the common form.
    fn own_pointer(&self, pointer: &JsonPointer) -> JsonPointer {
        let common = self
            .common
            .as_ref()
            .and_then(|common| common.node.entry("required"));
        let common = common
            .and_then(|(_, node)| node.elements())
            .map_or(0, |elements| elements.len());
        let required = JsonPointer::from(["required"]);
        match pointer.split_last() {
            Some((around, index)) if around == required => match index.parse::<usize>() {
                Ok(index) => required.element(index.wrapping_sub(common)),
                Err(_) => pointer.clone(),
            },
            _ => pointer.clone(),
        }
    }
}

/// Adds the order of the fields in the file: a JSON object has no order (RFC 8259, section 4).
fn put_order(node: Node<'_>, schema: &mut Map<String, Value>) {
    if let Some(fields) = node.entry("properties").and_then(|(_, node)| node.entries()) {
        let names: Vec<&str> = fields.iter().map(|(key, _)| key.get()).collect();
        schema.entry("order").or_insert_with(|| names.into());
        for (key, field) in fields {
            let named = schema
                .get_mut("properties")
                .and_then(|all| all.get_mut(key.get()));
            if let Some(Value::Object(named)) = named {
                put_order(field, named);
            }
        }
    }
    if let (Some((_, items)), Some(Value::Object(schema))) = (node.entry("items"), schema.get_mut("items")) {
        put_order(items, schema);
    }
}
