//! The API's document of a benefit.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sportello_domain::{Channel, PastCap};

use crate::benefit::Benefit;
use crate::declared::{Amount, Budget, Category, Law, OnePer, OrderPolicy, RetentionPolicy};
use crate::money::euro;
use crate::rule::RuleSource;
use crate::windows::{Opening, Window, Windows, in_rome};

impl Benefit {
    /// Returns the whole content of the file, in all languages, for the API. It holds no personal
    /// data; the example is invented.
    ///
    /// The same file gives the same document. Amounts are in euro; forms are JSON Schema (2020-12).
    #[must_use]
    pub fn document(&self) -> Value {
        let declared = &self.declared;
        let one_per = declared.one_per.iter().map(|one_per| match one_per {
            OnePer::Applicant => "applicant",
            OnePer::Answer(pointer) => pointer.as_str(),
        });
        let required = declared.required_of_applicant.iter().map(|field| field.as_str());
        let incompatible = declared.incompatible_with.iter().map(|(id, _)| id.as_str());
        let mut document = head(self);
        let mut put = |key: &str, value: Value| document.insert(key.to_owned(), value);
        put("help", json!(declared.help));
        put("one_per", one_per.collect());
        put("per_applicant", json!(declared.per_applicant));
        put("incompatible_with", incompatible.collect());
        put("required_of_applicant", required.collect());
        put("order", order(&declared.order));
        put("retention", retention(&declared.retention));
        if let Some(declared) = &declared.amount {
            put("amount", amount(declared));
        }
        if let Some(declared) = declared.budget {
            put("budget", budget(declared));
        }
        let schema = |index: usize| self.forms.get(index).map(|form| form.form.schema());
        if declared.categories.is_empty() {
            put("form", json!(schema(0)));
        } else {
            let categories = declared.categories.iter().enumerate();
            put(
                "categories",
                categories
                    .map(|(index, it)| category(it, schema(index)))
                    .collect(),
            );
        }
        put("rules", self.written_rules.iter().map(rule).collect());
        put("example", self.example.clone());
        Value::Object(document)
    }

    /// Returns an entry for a list of benefits: id, version, title, law, opening, windows and
    /// categories.
    #[must_use]
    pub fn summary(&self) -> Value {
        let categories = self.declared.categories.iter();
        let categories = categories.map(|category| json!({ "id": category.id, "title": category.title }));
        let mut summary = head(self);
        summary.insert("categories".to_owned(), categories.collect());
        Value::Object(summary)
    }
}

fn head(benefit: &Benefit) -> Map<String, Value> {
    let declared = &benefit.declared;
    let mut head = Map::new();
    let mut put = |key: &str, value: Value| head.insert(key.to_owned(), value);
    put("id", json!(declared.id));
    put("version", json!(benefit.version));
    put("title", json!(declared.title));
    put("law", law(&declared.law));
    put("opening", opening(&declared.opening));
    put("windows", windows(&declared.windows));
    head
}

fn law(law: &Law) -> Value {
    json!({ "act": law.act, "articles": law.articles, "url": law.url })
}

fn opening(opening: &Opening) -> Value {
    json!({ "opens": instant(opening.opens), "closes": instant(opening.closes) })
}

/// Returns the channels that have hours; the others are open all day.
fn windows(windows: &Windows) -> Value {
    let channels = Channel::ALL.into_iter().filter_map(|channel| {
        let hours = windows.of(channel);
        let written = hours.iter().map(|window: &Window| Value::from(window.written()));
        (!hours.is_empty()).then(|| (channel.as_str().to_owned(), written.collect::<Value>()))
    });
    Value::Object(channels.collect())
}

fn order(order: &OrderPolicy) -> Value {
    match order {
        OrderPolicy::Arrival {
            clock_tolerance_seconds,
        } => json!({ "policy": "arrival", "clock_tolerance_seconds": clock_tolerance_seconds }),
        OrderPolicy::None => json!({ "policy": "none" }),
        OrderPolicy::Lottery(None) => json!({ "policy": "lottery" }),
        OrderPolicy::Lottery(Some(drawing)) => json!({
            "policy": "lottery",
            "seed": drawing.seed,
            "seed_published_at": instant(drawing.published_at),
        }),
    }
}

fn retention(retention: &RetentionPolicy) -> Value {
    json!({
        "days": retention.days,
        "ends": instant(retention.ends),
        "then": retention.then.as_str(),
    })
}

fn amount(amount: &Amount) -> Value {
    match amount {
        Amount::Fixed(cents) => json!({ "fixed": euro(*cents) }),
        Amount::Requested { pointer, at_most } => {
            json!({ "requested": pointer.as_str(), "at_most": euro(*at_most) })
        }
    }
}

fn budget(budget: Budget) -> Value {
    let past_cap = match budget.past_cap {
        PastCap::Reserve => "reserve",
        PastCap::Refuse => "refuse",
    };
    json!({ "cap": euro(budget.cap_cents), "past_cap": past_cap })
}

fn category(category: &Category, form: Option<&Value>) -> Value {
    let mut document = json!({
        "id": category.id,
        "title": category.title,
        "articles": category.articles,
        "form": form,
    });
    if let Some(help) = &category.help {
        document["help"] = json!(help);
    }
    if let Some(declared) = &category.amount {
        document["amount"] = amount(declared);
    }
    if let Some(declared) = category.budget {
        document["budget"] = budget(declared);
    }
    document
}

fn rule(rule: &RuleSource) -> Value {
    let mut document = json!({
        "code": rule.code,
        "at": rule.at,
        "categories": rule.categories,
        "check": rule.check,
        "message": rule.message,
    });
    if let Some(each) = &rule.each {
        document["each"] = json!(each);
    }
    document
}

/// Returns an instant with Italy's offset from UTC.
fn instant(at: Timestamp) -> String {
    in_rome(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
