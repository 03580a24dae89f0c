//! Parses a file into a benefit, and reports every mistake at once.

mod pointers;

use jiff::Timestamp;
use sportello_domain::{Application, CatalogueVersion, CategoryId};
use toml_edit::{Document, TomlError};

use crate::benefit::Benefit;
use crate::declared::CategoryForm;
use crate::example::{self, Example};
use crate::form::Form;
use crate::forms::{self, WholeForm};
use crate::mistake::{Mistake, Place, Source};
use crate::node::offset_in_literal;
use crate::read::{self, WrittenRule};
use crate::reader::{Field, Reader};
use crate::rule::Rule;

/// Most bytes of a file.
pub(crate) const LARGEST_FILE: usize = 256 * 1024;

impl Benefit {
    /// Parses a benefit's file (at most 256 KiB) and checks its example.
    ///
    /// # Errors
    /// Every mistake at once, in the order of the file; only the first if it is not TOML.
    pub fn parse(file: &str) -> Result<Self, Vec<Mistake>> {
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
        "see https://toml.io for the syntax",
    )
}

fn of_document(document: &Document<&str>, source: &Source<'_>) -> Option<Benefit> {
    let mut root = Reader::root(source, document.as_table());
    let declared = read::declared(&mut root);
    let categories = declared.as_ref().map(|declared| declared.category_ids());
    let rules = read::rules(&mut root, categories.as_deref());
    let whole = whole_forms(&mut root);
    let example = example::read(&mut root, declared.as_ref().map(|declared| &declared.id));
    let node = root.node;
    root.finish();
    if let Some(declared) = &declared {
        pointers::are_in_forms(declared, &whole, node, source);
    }
    pointers::of_rules_are_in_forms(&rules, &whole, source);
    let compiled: Vec<Option<Rule>> = rules
        .iter()
        .map(|rule| compiled_rule(rule, &whole, source))
        .collect();
    pointers::rules_cost_little(&rules, &compiled, &whole, source);
    let forms = whole
        .into_iter()
        .map(|form| compiled_form(form, source))
        .collect();
    let example = example?;
    let application = example.application();
    let benefit = Benefit {
        version: CatalogueVersion::of(document.raw().as_bytes()),
        declared: declared?,
        forms: all(forms)?,
        rules: all(compiled)?,
        written_rules: rules.iter().map(|rule| rule.source.clone()).collect(),
        example: example.json.clone(),
    };
    try_example(&benefit, &application?, &example, &rules);
    Some(benefit)
}

fn all<T>(read: Vec<Option<T>>) -> Option<Vec<T>> {
    read.into_iter().collect()
}

/// Returns the common form merged with each category's.
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

fn compiled_form(form: WholeForm<'_, '_>, source: &Source<'_>) -> Option<CategoryForm> {
    match Form::compile(form.schema) {
        Ok(compiled) => Some(CategoryForm {
            category: form.parts.category,
            form: compiled,
        }),
        Err(mistakes) => {
            for mistake in mistakes {
                let place = form.parts.locate(&mistake.pointer);
                source.report(place, mistake.message, mistake.advice);
            }
            None
        }
    }
}

fn compiled_rule(
    rule: &WrittenRule<'_, '_>,
    forms: &[WholeForm<'_, '_>],
    source: &Source<'_>,
) -> Option<Rule> {
    let report = |offset: usize, message: String, advice: String| {
        let span = rule.check.node.span().unwrap_or_default();
        let place = span.start + offset_in_literal(source.raw(span.clone()), offset);
        source.report(place, message, advice);
    };
    match Rule::compile(rule.source.clone()) {
        Ok(compiled) => {
            for read in compiled.reads() {
                if let Some(advice) = pointers::unread(&read.pointer, &rule.source, forms) {
                    let name = read.pointer.as_str().trim_start_matches("/answers/");
                    report(read.offset, format!("no form has the field {name}"), advice);
                }
            }
            Some(compiled)
        }
        Err(mistake) => {
            report(mistake.offset, mistake.message, mistake.advice);
            None
        }
    }
}

/// Adds all mistakes of the example, sent today or when the benefit opens, and every rule that
/// can't be evaluated on it.
fn try_example(
    benefit: &Benefit,
    application: &Application,
    example: &Example<'_, '_>,
    rules: &[WrittenRule<'_, '_>],
) {
    let sent_at = benefit.declared.opening.opens.max(Timestamp::now());
    let (violations, failures) = benefit.judge(application, sent_at);
    for violation in violations {
        example.report(&violation.pointer, &violation.message.en);
    }
    for failure in failures {
        let rule = rules.iter().find(|rule| rule.source.code == failure.code);
        if let Some(rule) = rule {
            rule.check.report(
                format!("the rule `{}` can't be evaluated on the example", failure.code),
                "check has(answers.field) before using an optional field, and compare values of one type",
            );
        }
    }
}
