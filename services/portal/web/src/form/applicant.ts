import type { Text } from "../common/language.js";
import type { Schema } from "./check/schema.js";

/** What a benefit may ask of the applicant besides name and tax code. */
export type ApplicantField = "email" | "phone" | "iban" | "birth_date";

/** The order in which the API's own fields stand in the body. */
export const APPLICANT_ORDER = [
  "tax_code",
  "given_name",
  "family_name",
  "single_name",
  "birth_date",
  "email",
  "phone",
  "iban",
] as const;

const text = (it: string, en: string, de: string): Text => ({ it, en, de });

const FIELDS: Readonly<Record<ApplicantField, Schema>> = {
  birth_date: {
    type: "string",
    format: "birth-date",
    label: text("Data di nascita", "Date of birth", "Geburtsdatum"),
  },
  email: {
    type: "string",
    format: "email",
    label: text("E-mail", "E-mail", "E-Mail"),
    help: text(
      "Per esempio: nome@esempio.it",
      "For example: name@example.org",
      "Zum Beispiel: name@beispiel.it",
    ),
  },
  phone: {
    type: "string",
    format: "phone",
    label: text("Telefono", "Telephone", "Telefon"),
    help: text(
      "Se è di un altro paese, comincia con + e il prefisso.",
      "If it is from another country, begin with + and the country code.",
      "Aus einem anderen Land: mit + und der Landesvorwahl.",
    ),
  },
  iban: {
    type: "string",
    format: "iban",
    label: text("IBAN del tuo conto", "IBAN of your account", "IBAN Ihres Kontos"),
    help: text(
      "Il conto su cui ricevere il pagamento. In Italia ha 27 caratteri; gli spazi non contano.",
      "The account to be paid into. In Italy it has 27 characters; spaces do not matter.",
      "Das Konto für die Auszahlung. In Italien hat sie 27 Zeichen; Leerzeichen zählen nicht.",
    ),
  },
};

/** Returns the part of the form about the applicant. */
export function applicantSchema(required: readonly ApplicantField[]): Schema {
  const asked = (Object.keys(FIELDS) as ApplicantField[]).filter((name) => required.includes(name));
  return {
    type: "object",
    required: asked,
    order: asked,
    properties: Object.fromEntries(asked.map((name) => [name, FIELDS[name]])),
  };
}
