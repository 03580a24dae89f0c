//! Warnings: contradictions that are no reason to refuse.

use crate::applicant::Applicant;
use crate::text::Text;
use crate::violation::Violation;

const NAME: Text = Text::fixed(
    "il nome non corrisponde al codice fiscale: controlla entrambi",
    "the name does not match the tax code: check both",
    "der Name passt nicht zur Steuernummer: bitte beide prüfen",
);
const BIRTH_DATE: Text = Text::fixed(
    "la data di nascita non corrisponde al codice fiscale: controlla entrambi",
    "the birth date does not match the tax code: check both",
    "das Geburtsdatum passt nicht zur Steuernummer: bitte beide prüfen",
);

const BODY: Text = Text::fixed(
    "questo codice fiscale è di un ente o di un'associazione: scrivi quello della persona",
    "this tax code belongs to a body or an association: enter the person's own",
    "diese Steuernummer gehört einer Körperschaft oder einem Verein: bitte die der Person angeben",
);
const IBAN: Text = Text::fixed(
    "il conto è fuori dell'area SEPA: il pagamento potrebbe non arrivare",
    "the account is outside the SEPA area: the payment may not arrive",
    "das Konto liegt außerhalb des SEPA-Raums: Die Zahlung kommt vielleicht nicht an",
);

/// Returns warnings for names and a birthday that the tax code contradicts, for a tax code of an
/// organisation, and for an account outside SEPA. A provisional code contradicts nothing.
pub(super) fn of(applicant: &Applicant) -> Vec<Violation> {
    let code = &applicant.tax_code;
    let family_name = applicant.family_name.as_str();
    let (given_differs, family_differs) = match &applicant.given_name {
        Some(name) => (
            code.contradicts_given_name(name.as_str()),
            code.contradicts_family_name(family_name),
        ),
        None => (false, code.contradicts_single_name(family_name)),
    };
    let born = applicant.birth_date;
    let iban = applicant.iban.as_ref();
    [
        (code.is_of_a_body(), "tax_code", "tax_code_of_a_body", BODY),
        (given_differs, "given_name", "name_mismatch", NAME),
        (family_differs, "family_name", "name_mismatch", NAME),
        (
            born.is_some_and(|date| code.contradicts_birth_date(date)),
            "birth_date",
            "birth_date_mismatch",
            BIRTH_DATE,
        ),
        (
            iban.is_some_and(|iban| !iban.is_in_sepa()),
            "iban",
            "iban_outside_sepa",
            IBAN,
        ),
    ]
    .into_iter()
    .filter(|(is_so, ..)| *is_so)
    .map(|(_, field, code, text)| Violation::new(["applicant", field], code, text))
    .collect()
}
