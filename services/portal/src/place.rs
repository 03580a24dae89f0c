//! The addresses of the pages, in each language.

use sportello_domain::Language;

use crate::words::Say as _;

/// A page that exists in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    Home,
    Benefit(&'a str),
    Apply(&'a str),
    Check,
    Applications,
    Desk,
    Progress,
    Help,
    Privacy,
    Accessibility,
    Legal,
}

impl<'a> Place<'a> {
    /// The pages that do not belong to a benefit.
    pub(crate) const GENERAL: [Place<'static>; 9] = [
        Place::Home,
        Place::Check,
        Place::Applications,
        Place::Desk,
        Place::Progress,
        Place::Help,
        Place::Privacy,
        Place::Accessibility,
        Place::Legal,
    ];

    /// Returns its path, with a slash at the end.
    pub(crate) fn path(self, language: Language) -> String {
        let tag = language.tag();
        let benefits = language.say("prestazioni", "benefits", "leistungen");
        let word = match self {
            Self::Home => return format!("/{tag}/"),
            Self::Benefit(id) => return format!("/{tag}/{benefits}/{id}/"),
            Self::Apply(id) => {
                let apply = language.say("domanda", "apply", "antrag");
                return format!("/{tag}/{benefits}/{id}/{apply}/");
            }
            Self::Check => language.say("verifica", "check", "pruefen"),
            Self::Applications => language.say("domande", "applications", "antraege"),
            Self::Desk => language.say("patronati", "intermediaries", "patronate"),
            Self::Progress => language.say("andamento", "progress", "stand"),
            Self::Help => language.say("aiuto", "help", "hilfe"),
            Self::Privacy => "privacy",
            Self::Accessibility => language.say("accessibilita", "accessibility", "barrierefreiheit"),
            Self::Legal => language.say("note-legali", "legal", "impressum"),
        };
        format!("/{tag}/{word}/")
    }

    /// Returns its name for scripts.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Benefit(_) => "benefit",
            Self::Apply(_) => "apply",
            Self::Check => "check",
            Self::Applications => "applications",
            Self::Desk => "desk",
            Self::Progress => "progress",
            Self::Help => "help",
            Self::Privacy => "privacy",
            Self::Accessibility => "accessibility",
            Self::Legal => "legal",
        }
    }

    /// Returns the benefit that the page is about.
    pub(crate) fn benefit(self) -> Option<&'a str> {
        match self {
            Self::Benefit(id) | Self::Apply(id) => Some(id),
            Self::Home
            | Self::Check
            | Self::Applications
            | Self::Desk
            | Self::Progress
            | Self::Help
            | Self::Privacy
            | Self::Accessibility
            | Self::Legal => None,
        }
    }

    /// Returns the script that makes a part of the page interactive.
    pub(crate) fn island(self) -> Option<&'static str> {
        match self {
            Self::Apply(_) => Some("form"),
            Self::Check => Some("check"),
            Self::Applications => Some("applications"),
            Self::Desk => Some("desk"),
            Self::Home
            | Self::Benefit(_)
            | Self::Progress
            | Self::Help
            | Self::Privacy
            | Self::Accessibility
            | Self::Legal => None,
        }
    }
}
