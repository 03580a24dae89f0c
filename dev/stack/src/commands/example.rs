//! The example that `up` prints: a first application, to paste into a shell.

use sportello_stack::{Part, System};

/// A citizen of the local identity provider (deploy/identity-provider/people.json).
const TAX_CODE: &str = "RNLMRT84C52H501S";

/// The content of her application.
const CONTENT: &str = r#"{
      "benefit": "indemnity-march-2020", "category": "professionals",
      "applicant": {"tax_code": "RNLMRT84C52H501S", "given_name": "Marta", "family_name": "Rinaldi",
        "email": "marta.rinaldi@example.org", "iban": "IT60X0542811101000000123456"},
      "answers": {"activity": "collaborator", "no_pension": true, "no_citizenship_income": true}}"#;

/// Returns the shell commands, with the addresses of this system.
pub fn text(system: &System) -> String {
    let intake = system.url(Part::Intake).unwrap_or_default();
    format!(
        r#"Send a first application (paste this into a shell in the checkout):

  token=$(cargo xtask token --citizen {TAX_CODE})
  answer=$(curl -sS -i {intake}/v1/applications \
    -H "Authorization: Bearer $token" -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" \
    -H "Content-Type: application/json" -d '{CONTENT}' | tr -d '\r')
  echo "$answer"

and follow it to its protocol number:

  location=$(echo "$answer" | sed -n 's/^[Ll]ocation: //p')
  receipt=$(echo "$answer" | sed -n 's/.*"receipt": *"\([^"]*\)".*/\1/p')
  for second in 1 2 3 4 5 6 7 8 9 10; do
    status=$(curl -sSL "$location" -H "Authorization: Bearer $token" -H "Receipt: $receipt" -H "Accept-Language: en")
    echo "$status"; case $status in *protocol_number*) break;; esac; sleep 1
  done

What it was checked against: {intake}/v1/benefits
Sent once more, with a new key, it is a duplicate: the one received first stands.
"#
    )
}

#[cfg(test)]
mod tests {
    use sportello_catalogue::Catalogue;
    use sportello_domain::Application;
    use sportello_stack::catalogue;

    use super::*;

    #[test]
    fn the_example_would_be_accepted() {
        let application = Application::parse(CONTENT.as_bytes()).unwrap();
        assert_eq!(application.applicant.tax_code.as_str(), TAX_CODE);
        assert_eq!(application.warnings(), []);
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap();
        assert_eq!(
            catalogue
                .validate(&application, "2026-09-10T08:00:00Z".parse().unwrap())
                .err(),
            None
        );
    }
}
