//! Schema of an application in the OpenAPI document, before the forms of the benefits are filled
//! in.

use utoipa::ToSchema;

/// Replaced by one schema for each benefit and category.
#[derive(ToSchema)]
#[schema(as = Application)]
#[expect(dead_code, reason = "describes `Application` in the OpenAPI document")]
pub(crate) struct ApiDocApplication {
    mandate: Option<ApiDocMandate>,
    applicant: ApiDocApplicant,
}

/// The mandate's name in the intermediary's own files: required of an intermediary, absent where a
/// citizen applies.
#[derive(ToSchema)]
#[schema(as = Mandate, example = "PA-2020/000123", min_length = 1, max_length = 64)]
#[expect(dead_code, reason = "describes `Application` in the OpenAPI document")]
struct ApiDocMandate(String);

/// The person that an application is for.
#[derive(ToSchema)]
#[schema(as = Applicant)]
#[expect(dead_code, reason = "describes `Applicant` in the OpenAPI document")]
struct ApiDocApplicant {
    /// Codice fiscale: 16 characters, or 11 digits where it is provisional. Case and spaces do not
    /// matter.
    #[schema(format = "tax-code")]
    tax_code: String,
    /// Given name: required of all but people with a single name.
    #[schema(max_length = 100, pattern = "^[^\\u0000-\\u001f]*$")]
    given_name: Option<String>,
    /// Whether the person has a single name, as some registers say of people born abroad. Then the
    /// family name is that name, and `given_name` is left out or empty.
    single_name: Option<bool>,
    /// Family name, or the single name.
    #[schema(min_length = 1, max_length = 100, pattern = "^[^\\u0000-\\u001f]+$")]
    family_name: String,
    /// Day of birth; compared with the tax code.
    #[schema(format = Date)]
    birth_date: Option<String>,
    /// Email address.
    #[schema(format = "email")]
    email: Option<String>,
    /// Phone number (E.164).
    #[schema(format = "phone")]
    phone: Option<String>,
    /// Account for payments (ISO 13616).
    #[schema(format = "iban")]
    iban: Option<String>,
}
