/** The Italian VAT number, as `shared/domain/src/vat_number.rs` reads it. */

import { checkDigitFits } from "./check_digits.js";
import { bytes, compact } from "./clean.js";
import { type Fault, fault, faultAt } from "./fault.js";

export function vatNumber(text: string): Fault | null {
  if (bytes(text) > 8 * 11) return fault("vat_number_length");
  const digits = compact(text).replace(/^IT/, "");
  const characters = [...digits];
  if (characters.length !== 11) return fault("vat_number_length");
  const wrong = characters.findIndex((character) => !/^\d$/.test(character));
  if (wrong !== -1) return faultAt("vat_number_character", wrong + 1);
  if (digits.startsWith("0000000")) return fault("vat_number_holder");
  const office = Number(digits.slice(7, 10));
  const known = (office >= 1 && office <= 100) || [120, 121, 888, 999].includes(office);
  if (!known) return fault("vat_number_office");
  return checkDigitFits(digits) ? null : fault("vat_number_check_digit");
}
