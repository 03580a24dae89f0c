//! What does not look right, but is no reason to refuse.

use crate::applicant::Applicant;
use crate::text::Text;
use crate::violation::Violation;

const NAME: Text = Text::fixed(
    "il nome non corrisponde al codice fiscale: verificare l'uno e l'altro",
    "the name does not match the tax code: check both",
    "der Name passt nicht zur Steuernummer: bitte beide prüfen",
);
const BIRTH_DATE: Text = Text::fixed(
    "la data di nascita non corrisponde al codice fiscale: verificare l'una e l'altro",
    "the birth date does not match the tax code: check both",
    "das Geburtsdatum passt nicht zur Steuernummer: bitte beide prüfen",
);

/// The names and the birthday that the tax code contradicts. A provisional code contradicts nothing.
pub(super) fn of(applicant: &Applicant) -> Vec<Violation> {
    let code = &applicant.tax_code;
    let mut warnings = Vec::new();
    if code.contradicts_given_name(applicant.given_name.as_str()) {
        warnings.push(Violation::new("/applicant/given_name", "name_mismatch", NAME));
    }
    if code.contradicts_family_name(applicant.family_name.as_str()) {
        warnings.push(Violation::new("/applicant/family_name", "name_mismatch", NAME));
    }
    if applicant
        .birth_date
        .is_some_and(|date| code.contradicts_birth_date(date))
    {
        let warning = Violation::new("/applicant/birth_date", "birth_date_mismatch", BIRTH_DATE);
        warnings.push(warning);
    }
    warnings
}
