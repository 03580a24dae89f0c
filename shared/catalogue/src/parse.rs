//! From a file to a benefit: every mistake at once.

mod pointers;

use sportello_domain::{CatalogueVersion, CategoryId};
use toml_edit::{Document, TomlError};

use crate::benefit::Benefit;
use crate::declared::CategoryForm;
use crate::example;
use crate::forms::{self, WholeForm};
use crate::mistake::{Mistake, Place, Source};
use crate::read;
use crate::reader::{Field, Reader};

/// Most bytes of a file.
pub(crate) const LARGEST_FILE: usize = 256 * 1024;

pub(crate) fn benefit(file: &str) -> Result<Benefit, Vec<Mistake>> {
    if file.len() > LARGEST_FILE {
        return Err(vec![too_large()]);
    }
    let document = Document::parse(file).map_err(|error| vec![not_toml(file, &error)])?;
    let source = Source::new(file);
    let benefit = of_document(&document, &source);
    match benefit {
        Some(benefit) if source.is_good() => Ok(benefit),
        _ => Err(source.mistakes()),
    }
}

pub(crate) fn too_large() -> Mistake {
    Place::START.mistake(
        format!("the file is larger than {} KiB", LARGEST_FILE / 1024),
        "shorten its texts",
    )
}

fn not_toml(file: &str, error: &TomlError) -> Mistake {
    let offset = error.span().map_or(0, |span| span.start);
    Place::of(file.as_bytes(), offset).mistake(
        format!("this is not TOML: {}", error.message()),
        "see https://toml.io for how it is written",
    )
}

fn of_document(document: &Document<&str>, source: &Source<'_>) -> Option<Benefit> {
    let mut root = Reader::root(source, document.as_table());
    let declared = read::declared(&mut root);
    let forms = whole_forms(&mut root);
    let example = example::read(&mut root, declared.as_ref().map(|declared| &declared.id));
    root.optional("rule", "[[rule]]");
    let root_node = root.node;
    root.finish();
    let declared = declared?;
    pointers::are_in_forms(&declared, &forms, root_node, source);
    let example = example?;
    let application = example.application()?;
    let benefit = Benefit {
        version: CatalogueVersion::of(document.raw().as_bytes()),
        declared,
        forms: forms.into_iter().map(compiled).collect(),
        example: example.json.clone(),
    };
    for violation in benefit.validate(&application) {
        example.tell(&violation.pointer, &violation.message.en);
    }
    Some(benefit)
}

/// The common form and each category's, put together.
fn whole_forms<'s, 'f>(root: &mut Reader<'s, 'f>) -> Vec<WholeForm<'s, 'f>> {
    let common = root.optional("form", "[form] and its properties");
    let categories = root.optional("category", "[[category]]");
    let of_category = |category: Field<'s, 'f>| {
        let mut table = category.table()?;
        let id = table.optional("id", "").and_then(|id| id.text());
        let id = id.and_then(|id| CategoryId::parse(id).ok());
        Some((id, table.optional("form", "[category.form] and its properties")))
    };
    let own = match categories.and_then(|categories| categories.list()) {
        Some(categories) => categories.into_iter().filter_map(of_category).collect(),
        None => vec![(None, None)],
    };
    forms::forms(root, common.as_ref(), own)
}

fn compiled(form: WholeForm<'_, '_>) -> CategoryForm {
    CategoryForm {
        category: form.parts.category,
        schema: form.schema,
    }
}
