/** The bank account, as `shared/domain/src/iban.rs` reads it (ISO 13616). */

import { checkLetter } from "./check_digits.js";
import { bytes, compact } from "./clean.js";
import { type Fault, fault } from "./fault.js";

/** What follows the check digits in each country: letters (a), digits (n), either (c). */
const STRUCTURES =
  "AD:8n12c AE:19n AL:8n16c AT:16n AZ:4a20c BA:16n BE:12n BG:4a6n8c BH:4a14c BI:23n BR:23n1a1c " +
  "BY:4c4n16c CH:5n12c CR:18n CY:8n16c CZ:20n DE:18n DJ:23n DK:14n DO:4c20n EE:16n EG:25n ES:20n " +
  "FI:14n FK:2a12n FO:14n FR:10n11c2n GB:4a14n GE:2a16n GI:4a15c GL:14n GR:7n16c GT:24c HR:17n " +
  "HU:24n IE:4a14n IL:19n IQ:4a15n IS:22n IT:1a10n12c JO:4a4n18c KW:4a22c KZ:3n13c LB:4n20c " +
  "LC:4a24c LI:5n12c LT:16n LU:3n13c LV:4a13c LY:21n MC:10n11c2n MD:20c ME:18n MK:3n10c2n MN:16n " +
  "MR:23n MT:4a5n18c MU:4a19n3a NI:4a20n NL:4a10n NO:11n OM:3n16c PL:24n PS:4a21c PT:21n QA:4a21c " +
  "RO:4a16c RS:18n RU:14n15c SA:2n18c SC:4a20n3a SD:14n SE:20n SI:15n SK:20n SM:1a10n12c SO:19n " +
  "ST:21n SV:4a20n TL:19n TN:20n TR:6n16c UA:6n19c VA:18n VG:4a16n XK:16n YE:4a4n18c";

const CLASSES: Readonly<Record<string, string>> = { a: "[A-Z]", n: "[0-9]", c: "[0-9A-Z]" };

export function iban(text: string): Fault | null {
  if (bytes(text) > 8 * 34) return fault("iban_format");
  const code = compact(text);
  if (!/^[A-Z]{2}\d{2}[0-9A-Z]{0,30}$/.test(code)) return fault("iban_format");
  if (remainder(code) !== 1) return fault("iban_check_digits");
  // 00, 01 and 99 also leave the right remainder, but are never assigned
  if (["00", "01"].includes(code.slice(2, 4))) return fault("iban_check_digits");
  if (!fitsCountry(code)) return fault("iban_country");
  if (code.slice(2, 4) === "99") return fault("iban_check_digits");
  const national = /^(IT|SM)/.test(code);
  return national && checkLetter(code.slice(5)) !== code[4] ? fault("iban_cin") : null;
}

/** ISO 7064, MOD 97-10: the first four characters last, letters as 10 to 35. */
function remainder(code: string): number {
  let rest = 0;
  for (const character of code.slice(4) + code.slice(0, 4)) {
    const value = parseInt(character, 36);
    rest = ((value > 9 ? 100 : 10) * rest + value) % 97;
  }
  return rest;
}

function fitsCountry(code: string): boolean {
  const structure = new RegExp(`${code.slice(0, 2)}:(\\S+)`).exec(STRUCTURES)?.[1];
  if (structure === undefined) return false;
  const pattern = structure.replace(
    /(\d+)([anc])/g,
    (_, count: string, of: string) => `${CLASSES[of]}{${count}}`,
  );
  return new RegExp(`^${pattern}$`).test(code.slice(4));
}
