//! The groups of people within a benefit.

use sportello_domain::CategoryId;

use super::head::{ARTICLES, TEXTS, articles};
use super::{money, report_repeated};
use crate::declared::Category;
use crate::reader::{Field, Reader};

/// Most categories of one benefit.
const MOST: usize = 50;

pub(super) fn categories(root: &mut Reader<'_, '_>, benefit_has_amount: bool) -> Option<Vec<Category>> {
    let Some(field) = root.optional("category", r#"[[category]] with id = "…" and title"#) else {
        return Some(Vec::new());
    };
    let elements = field.list()?;
    if elements.is_empty() || elements.len() > MOST {
        return field.unfit(&format!("a list of 1 to {MOST} categories"));
    }
    // reads all elements, so that all mistakes are reported
    let read: Vec<_> = (elements.into_iter())
        .map(|element| category(&element, benefit_has_amount))
        .collect();
    let mut ids = Vec::new();
    let mut categories = Vec::new();
    for category in read {
        let (category, id_field) = category?;
        ids.push((category.id.clone(), id_field));
        categories.push(category);
    }
    report_repeated(&ids, "category");
    Some(categories)
}

fn category<'s, 'f>(field: &Field<'s, 'f>, benefit_has_amount: bool) -> Option<(Category, Field<'s, 'f>)> {
    let mut table = field.table()?;
    let id = table
        .needed("id", r#"id = "professionals""#)
        .and_then(|field| Some((field.parsed(CategoryId::parse)?, field)));
    let title = table.needed("title", TEXTS).and_then(|field| field.texts());
    let help = table.optional("help", TEXTS).map(|field| field.texts());
    let articles = table.optional("articles", ARTICLES).map(|field| articles(&field));
    let has_amount = benefit_has_amount || table.holds("amount");
    let amount = money::amount(&mut table);
    let (budget, budget_field) = money::budget(&mut table);
    if let Some(field) = budget_field.filter(|_| !has_amount) {
        money::without_amount(&field);
    }
    // read with the benefit's form
    table.optional("form", "[category.form] and its properties");
    table.finish();
    let (id, id_field) = id?;
    let category = Category {
        id,
        title: title?,
        help: help.flatten(),
        articles: articles.flatten().unwrap_or_default(),
        amount,
        budget,
    };
    Some((category, id_field))
}
