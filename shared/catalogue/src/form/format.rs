//! The formats of texts, judged by the same parsers as the applicant's own data.

use std::borrow::Cow;

use jiff::civil::Date;
use sportello_domain::{Email, Iban, PersonName, Phone, TaxCode, Text, VatNumber};

/// A stable code and its message.
pub(super) type Refusal = (Cow<'static, str>, Text);

/// Returns why a text does not have a format.
type Judge = fn(&str) -> Option<Refusal>;

/// Every format of a form.
pub(super) const FORMATS: [(&str, Judge); 8] = [
    ("date", date),
    ("email", email),
    ("family-name", person_name),
    ("given-name", person_name),
    ("iban", iban),
    ("phone", phone),
    ("tax-code", tax_code),
    ("vat-number", vat_number),
];

/// Returns why a text does not have a format, or nothing if it has it.
pub(super) fn refusal(format: &str, text: &str) -> Option<Refusal> {
    FORMATS
        .iter()
        .find(|(name, _)| *name == format)
        .and_then(|(_, parse)| parse(text))
}

/// Parses a full-date of RFC 3339, section 5.6: only `2020-03-31`.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    // jiff accepts more: times, zones, years of six digits
    let written = |(index, byte): (usize, u8)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    let full_date = text.len() == 10 && text.bytes().enumerate().all(written);
    full_date.then(|| text.parse().ok()).flatten()
}

fn date(text: &str) -> Option<Refusal> {
    const MESSAGE: Text = Text::fixed(
        "serve una data esistente nella forma anno-mese-giorno, ad esempio 2020-03-31",
        "this must be a date that exists, written year-month-day, such as 2020-03-31",
        "hier steht ein bestehendes Datum in der Form Jahr-Monat-Tag, zum Beispiel 2020-03-31",
    );
    parse_date(text).is_none().then(|| ("date".into(), MESSAGE))
}

fn email(text: &str) -> Option<Refusal> {
    let error = Email::parse(text).err()?;
    Some((error.code().into(), error.text()))
}

fn iban(text: &str) -> Option<Refusal> {
    let error = Iban::parse(text).err()?;
    Some((error.code().into(), error.text()))
}

fn person_name(text: &str) -> Option<Refusal> {
    let error = PersonName::parse(text).err()?;
    Some((error.code().into(), error.text()))
}

fn phone(text: &str) -> Option<Refusal> {
    let error = Phone::parse(text).err()?;
    Some((error.code().into(), error.text()))
}

fn tax_code(text: &str) -> Option<Refusal> {
    let error = TaxCode::parse(text).err()?;
    Some((error.code().into(), error.text()))
}

fn vat_number(text: &str) -> Option<Refusal> {
    let error = VatNumber::parse(text).err()?;
    Some((error.code().into(), error.text()))
}
