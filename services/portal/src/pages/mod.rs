//! The pages: the frame that all have, and what each says.
//!
//! All texts stand in three languages where they are used, so that the compiler finds one that is
//! missing. Markup and class names are those of Bootstrap Italia, as `web/styles/samples` shows
//! them.

mod accessibility;
mod benefit;
mod benefit_rules;
mod callback;
mod frame;
mod help;
mod home;
mod islands;
mod legal;
mod not_found;
mod parts;
mod privacy;
mod progress;

use maud::Markup;
use sportello_domain::Language;

use crate::assets::Assets;
use crate::config::SiteConfig;
use crate::facts::Facts;
use crate::place::Place;
use crate::progress::Numbers;
use crate::words::Say as _;

pub(crate) use callback::callback;
pub(crate) use not_found::not_found;

/// What a page is made of.
pub(crate) struct Frame<'a> {
    config: &'a SiteConfig,
    assets: &'a Assets,
    benefits: &'a [Facts],
    language: Language,
    place: Place<'a>,
    /// The last numbers known, for the page on progress.
    numbers: Option<&'a Numbers>,
    /// The receipt keys (JSON), for the page that checks receipts.
    keys: Option<&'a str>,
}

/// What a page says of itself, and what it says.
struct Page {
    title: String,
    /// One sentence for search engines.
    description: String,
    body: Markup,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(
        config: &'a SiteConfig,
        assets: &'a Assets,
        benefits: &'a [Facts],
        language: Language,
        place: Place<'a>,
    ) -> Self {
        Self {
            config,
            assets,
            benefits,
            language,
            place,
            numbers: None,
            keys: None,
        }
    }

    pub(crate) fn with_numbers(self, numbers: &'a Numbers) -> Self {
        Self {
            numbers: Some(numbers),
            ..self
        }
    }

    pub(crate) fn with_keys(self, keys: &'a str) -> Self {
        Self {
            keys: Some(keys),
            ..self
        }
    }

    /// Returns the text of the page's language.
    fn say<'t>(&self, it: &'t str, en: &'t str, de: &'t str) -> &'t str {
        self.language.say(it, en, de)
    }

    /// Returns the path of another page in this language.
    fn path(&self, place: Place<'_>) -> String {
        place.path(self.language)
    }

    fn benefit(&self, id: &str) -> Option<&'a Facts> {
        self.benefits.iter().find(|benefit| benefit.id == id)
    }
}

/// Returns the frame of a page without what is in it, where a script changes the language of both.
pub(crate) fn frame_alone(frame: &Frame<'_>) -> Option<String> {
    let Place::Apply(id) = frame.place else {
        return None;
    };
    let benefit = frame.benefit(id)?;
    Some(islands::frame_of_apply(frame, benefit))
}

/// Returns a whole page.
pub(crate) fn page(frame: &Frame<'_>) -> String {
    let page = match frame.place {
        Place::Home => home::page(frame),
        Place::Benefit(id) => match frame.benefit(id) {
            Some(benefit) => benefit::page(frame, benefit),
            None => home::page(frame),
        },
        Place::Apply(id) => match frame.benefit(id) {
            Some(benefit) => islands::apply(frame, benefit),
            None => home::page(frame),
        },
        Place::Check => islands::check(frame),
        Place::Applications => islands::applications(frame),
        Place::Desk => islands::desk(frame),
        Place::Progress => progress::page(frame),
        Place::Help => help::page(frame),
        Place::Privacy => privacy::page(frame),
        Place::Accessibility => accessibility::page(frame),
        Place::Legal => legal::page(frame),
    };
    frame::whole(frame, &page)
}
