//! Plain keys, title, help and law.

use std::num::NonZeroU32;

use sportello_domain::{BenefitId, Text};

use super::report_repeated;
use crate::declared::{ApplicantField, Article, Law, OnePer};
use crate::mistake::Place;
use crate::pointer::AnswersPointer;
use crate::reader::{Field, Reader};

/// Applications that an organisation may send for one applicant in a day. Below 5 the counting is
/// too coarse: applications for other applicants would be refused too.
const PER_APPLICANT: std::ops::RangeInclusive<i32> = 5..=1_000_000;
const DEFAULT_PER_APPLICANT: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);

const LONGEST_LINE: usize = 300;
pub(super) const TEXTS: &str = r#"{ it = "…", en = "…", de = "…" }"#;

pub(super) struct Head {
    pub id: BenefitId,
    pub id_place: Place,
    pub one_per: Vec<OnePer>,
    pub per_applicant: NonZeroU32,
    pub incompatible_with: Vec<(BenefitId, Place)>,
    pub required_of_applicant: Vec<ApplicantField>,
    pub title: Text,
    pub help: Text,
    pub law: Law,
}

pub(super) fn head(root: &mut Reader<'_, '_>) -> Option<Head> {
    let id = root
        .needed("id", r#"id = "bicycle-bonus-2026""#)
        .and_then(|field| {
            let id = field.parsed(BenefitId::parse)?;
            Some((id, field.line_and_column()))
        });
    let one_per = one_per(root);
    let per_applicant = per_applicant(root);
    let incompatible_with = incompatible_with(root, id.as_ref().map(|(id, _)| id));
    let required_of_applicant = required_of_applicant(root);
    let title = root.needed("title", TEXTS).and_then(|field| field.texts());
    let help = root.needed("help", TEXTS).and_then(|field| field.texts());
    let law = law(root);
    let (id, id_place) = id?;
    Some(Head {
        id,
        id_place,
        one_per: one_per?,
        per_applicant: per_applicant?,
        incompatible_with: incompatible_with?,
        required_of_applicant: required_of_applicant?,
        title: title?,
        help: help?,
        law: law?,
    })
}

fn one_per(root: &mut Reader<'_, '_>) -> Option<Vec<OnePer>> {
    let hint = r#"one_per = ["applicant", "/answers/children/*/tax_code"]"#;
    let Some(field) = root.optional("one_per", hint) else {
        return Some(vec![OnePer::Applicant]);
    };
    let read = |field: Field<'_, '_>| match field.text()? {
        "applicant" => Some(OnePer::Applicant),
        _ => field.parsed(AnswersPointer::parse).map(OnePer::Answer),
    };
    distinct(&field, "pointer", read)
}

fn per_applicant(root: &mut Reader<'_, '_>) -> Option<NonZeroU32> {
    let Some(field) = root.optional("per_applicant", "per_applicant = 20") else {
        return Some(DEFAULT_PER_APPLICANT);
    };
    let number = field.whole_number(PER_APPLICANT)?;
    u32::try_from(number).ok().and_then(NonZeroU32::new)
}

fn incompatible_with(root: &mut Reader<'_, '_>, own: Option<&BenefitId>) -> Option<Vec<(BenefitId, Place)>> {
    let Some(field) = root.optional("incompatible_with", r#"incompatible_with = ["car-bonus-2026"]"#) else {
        return Some(Vec::new());
    };
    let listed = field.each(|field| Some((field.parsed(BenefitId::parse)?, field)))?;
    report_repeated(&listed, "benefit");
    for (id, field) in &listed {
        if Some(id) == own {
            field.report(
                "a benefit can't exclude itself",
                "remove it; `one_per` limits how often the benefit is given",
            );
        }
    }
    let placed = |(id, field): (BenefitId, Field<'_, '_>)| (id, field.line_and_column());
    Some(listed.into_iter().map(placed).collect())
}

fn required_of_applicant(root: &mut Reader<'_, '_>) -> Option<Vec<ApplicantField>> {
    let hint = r#"required_of_applicant = ["iban", "email"]"#;
    let Some(field) = root.optional("required_of_applicant", hint) else {
        return Some(Vec::new());
    };
    distinct(&field, "field", |field| field.word(&ApplicantField::WORDS))
}

/// Reads a list without repeated elements.
fn distinct<'s, 'f, T: PartialEq>(
    list: &Field<'s, 'f>,
    what: &str,
    mut read: impl FnMut(Field<'s, 'f>) -> Option<T>,
) -> Option<Vec<T>> {
    let listed = list.each(|field| Some((read(field.clone())?, field)))?;
    report_repeated(&listed, what);
    Some(listed.into_iter().map(|(element, _)| element).collect())
}

fn law(root: &mut Reader<'_, '_>) -> Option<Law> {
    let hint = r#"[law] with act = "…", articles = ["23"] and url = "https://…""#;
    let mut table = root.needed("law", hint)?.table()?;
    let act = table
        .needed("act", r#"act = "Decree-law no. 18 of 17 March 2020""#)
        .and_then(|field| field.line(LONGEST_LINE));
    let articles = table
        .needed("articles", ARTICLES)
        .and_then(|field| articles(&field));
    let url = table.needed("url", r#"url = "https://…""#).and_then(|field| {
        let url = field.line(LONGEST_LINE)?;
        let is_address = url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
        if is_address && !url.contains(char::is_whitespace) {
            Some(url)
        } else {
            field.unfit("an address that begins with https://")
        }
    });
    table.finish();
    Some(Law {
        act: act?,
        articles: articles?,
        url: url?,
    })
}

pub(super) const ARTICLES: &str = r#"articles = ["23", "25"]"#;

/// Reads the articles of the law, at least one.
pub(super) fn articles(field: &Field<'_, '_>) -> Option<Vec<Article>> {
    let articles = field.each(|field| field.line(LONGEST_LINE).map(Article))?;
    if articles.is_empty() {
        return field.unfit("a list with at least one article");
    }
    Some(articles)
}
