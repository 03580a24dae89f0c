/** The Italian tax code, as `shared/domain/src/tax_code` reads it. */

import { checkDigitFits, checkLetter } from "./check_digits.js";
import { bytes, compact } from "./clean.js";
import { isDay } from "./dates.js";
import { type Fault, fault, faultAt } from "./fault.js";

/** The positions (from 0) of digits, which omocodia may replace by letters. */
const DIGITS = new Set([6, 7, 9, 10, 12, 13, 14]);
/** Omocodia: the letter that stands for each digit, 0 first. */
const OMOCODIA = "LMNPQRSTUV";
const MONTHS = "ABCDEHLMPRST";
const PLACE = 11;

export function taxCode(text: string): Fault | null {
  if (bytes(text) > 8 * 16) return fault("tax_code_length");
  const code = compact(text);
  const { length } = [...code];
  if (length === 16) return personal(code);
  return length === 11 ? provisional(code) : fault("tax_code_length");
}

function personal(code: string): Fault | null {
  const strange = [...code].findIndex((character) => !/^[0-9A-Z]$/.test(character));
  const wrong = strange === -1 ? [...code].findIndex((c, index) => !stands(c, index)) : strange;
  if (wrong !== -1) return faultAt("tax_code_character", wrong + 1);
  if (!comesFromAName(code.slice(0, 3))) return fault("tax_code_family_name");
  if (!comesFromAName(code.slice(3, 6))) return fault("tax_code_given_name");
  const month = MONTHS.indexOf(code.charAt(8)) + 1;
  if (month === 0) return fault("tax_code_month");
  const year = number(code, 6);
  const written = number(code, 9);
  const day = written > 40 ? written - 40 : written;
  // the day must exist in that year of some century
  if (!isDay(2000 + year, month, day) && !isDay(1900 + year, month, day))
    return fault("tax_code_day");
  return checkLetter(code.slice(0, 15)) === code[15] ? null : fault("tax_code_check_character");
}

function stands(character: string, index: number): boolean {
  if (index === PLACE) return /^[A-MZ]$/.test(character);
  return DIGITS.has(index) ? digit(character) !== -1 : /^[A-Z]$/.test(character);
}

/** Consonants, then vowels, then `X` where the name is shorter. */
function comesFromAName(letters: string): boolean {
  return /^[^AEIOU]*[AEIOU]*X*$/.test(letters);
}

function digit(character: string): number {
  return /^\d$/.test(character) ? Number(character) : OMOCODIA.indexOf(character);
}

function number(code: string, index: number): number {
  return 10 * digit(code.charAt(index)) + digit(code.charAt(index + 1));
}

function provisional(code: string): Fault | null {
  const wrong = [...code].findIndex((character) => !/^\d$/.test(character));
  if (wrong !== -1) return faultAt("tax_code_character", wrong + 1);
  return checkDigitFits(code) ? null : fault("tax_code_check_character");
}
