//! Rules between fields, as the file writes them; [`crate::rule`] compiles them.

use sportello_domain::{CategoryId, JsonPointer};

use super::head::TEXTS;
use super::report_repeated;
use crate::pointer::AnswersPointer;
use crate::reader::{Field, Reader};
use crate::rule::RuleSource;

/// Most rules of one benefit.
const MOST: usize = 100;
const LONGEST_CODE: usize = 64;

/// A rule, and the places of its parts in the file.
pub(crate) struct WrittenRule<'s, 'f> {
    pub source: RuleSource,
    pub each: Option<Field<'s, 'f>>,
    pub at: Field<'s, 'f>,
    pub check: Field<'s, 'f>,
}

/// Reads the rules; reports and leaves out those with mistakes. `categories` are the benefit's, if
/// they could be read.
pub(crate) fn rules<'s, 'f>(
    root: &mut Reader<'s, 'f>,
    categories: Option<&[CategoryId]>,
) -> Vec<WrittenRule<'s, 'f>> {
    let Some(field) = root.optional("rule", "[[rule]] with code, at, check and message") else {
        return Vec::new();
    };
    let elements = field.list().unwrap_or_default();
    if elements.len() > MOST {
        field.report(format!("more than {MOST} rules"), "combine some of them");
        return Vec::new();
    }
    let read = |element: Field<'s, 'f>| rule(&element, categories);
    let (rules, codes): (Vec<_>, Vec<_>) = elements.into_iter().filter_map(read).unzip();
    report_repeated(&codes, "code");
    rules
}

type Read<'s, 'f> = (WrittenRule<'s, 'f>, (String, Field<'s, 'f>));

fn rule<'s, 'f>(field: &Field<'s, 'f>, categories: Option<&[CategoryId]>) -> Option<Read<'s, 'f>> {
    let mut table = field.table()?;
    let code = table.needed("code", r#"code = "too_many_days""#);
    let each_field = table.optional("each", r#"each = "/answers/periods""#);
    let at = table.needed("at", r#"at = "/answers/periods", with `each` at = "/to""#);
    let of = table.optional("categories", r#"categories = ["professionals"]"#);
    let check = table.needed("check", r#"check = "answers.days <= 15""#);
    let message = table.needed("message", TEXTS).and_then(|field| field.texts());
    table.finish();
    let code = code.and_then(|field| Some((word(&field)?, field)));
    let each = each_field.as_ref().map(list_pointer);
    let place = at.as_ref().and_then(|at| place(at, each_field.is_some()));
    let of = of.map_or(Some(Vec::new()), |of| of.each(|of| category(&of, categories)));
    let expression = check.as_ref().and_then(|check| check.text());
    let (code, code_field) = code?;
    let source = RuleSource {
        code: code.clone(),
        each: each.map_or(Some(None), |each| each.map(Some))?,
        at: place?,
        categories: of?,
        check: expression?.to_owned(),
        message: message?,
    };
    let rule = WrittenRule {
        source,
        each: each_field,
        at: at?,
        check: check?,
    };
    Some((rule, (code, code_field)))
}

/// Reads a stable code for programs.
fn word(field: &Field<'_, '_>) -> Option<String> {
    let code = field.text()?;
    let fits = code.starts_with(|c: char| c.is_ascii_lowercase())
        && code.len() <= LONGEST_CODE
        && code
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if fits {
        Some(code.to_owned())
    } else {
        field.unfit("a word of lower-case letters, digits and _")
    }
}

fn list_pointer(field: &Field<'_, '_>) -> Option<JsonPointer> {
    let pointer = field.parsed(AnswersPointer::parse)?;
    let one_place = pointer.to_one_place().cloned();
    one_place.or_else(|| field.unfit("a pointer to one list"))
}

fn place(field: &Field<'_, '_>, each: bool) -> Option<JsonPointer> {
    let at = JsonPointer::parse(field.text()?).ok();
    let fits = at.filter(|at| {
        let top = at.tokens().next();
        match (each, top.as_deref()) {
            (true, top) => top != Some("answers"),
            (false, Some("answers" | "applicant")) => true,
            (false, _) => at.as_str() == "/category",
        }
    });
    fits.or_else(|| {
        field.unfit(if each {
            "a place in the element, which begins with /, or empty for the element itself"
        } else {
            "a place below /answers, /applicant or /category"
        })
    })
}

fn category(field: &Field<'_, '_>, known: Option<&[CategoryId]>) -> Option<CategoryId> {
    let id = field.parsed(CategoryId::parse)?;
    if let Some(known) = known
        && !known.contains(&id)
    {
        let known: Vec<&str> = known.iter().map(CategoryId::as_str).collect();
        let advice = crate::nearest::advice(id.as_str(), &known);
        field.report(format!("the benefit has no category `{id}`"), advice);
        return None;
    }
    Some(id)
}
