/** The formats of texts: those of forms, and the applicant's own. */

import { compact } from "./clean.js";
import { email, personName, phone } from "./contact.js";
import { isFullDate } from "./dates.js";
import { type Fault, fault } from "./fault.js";
import { iban } from "./iban.js";
import { taxCode } from "./tax_code.js";
import { vatNumber } from "./vat_number.js";

const FORMATS: Readonly<Record<string, (text: string) => Fault | null>> = {
  date: (text) => (isFullDate(text) ? null : fault("date")),
  "birth-date": birthDate,
  email,
  "family-name": personName,
  "given-name": personName,
  iban,
  phone,
  "tax-code": taxCode,
  "vat-number": vatNumber,
};

/** Returns why a text does not have a format. A format that this page does not know is the API's. */
export function refusal(format: string, text: string): Fault | null {
  return FORMATS[format]?.(text) ?? null;
}

/** Between 1900 and 2099, whatever the clock says. */
function birthDate(text: string): Fault | null {
  const date = compact(text);
  return isFullDate(date) && /^(19|20)/.test(date) ? null : fault("birth_date");
}
