/** E-mail, telephone and names, as `shared/domain/src/contact.rs` and `applicant.rs` read them. */

import { bytes, clean, compact, trim } from "./clean.js";
import { type Fault, fault } from "./fault.js";

const ATOM = /^[\p{Alphabetic}\p{N}\p{M}!#$%&'*+\-/=?^_`{|}~]+$/u;
const LABEL = /^[\p{Alphabetic}\p{N}\p{M}-]+$/u;

export function email(text: string): Fault | null {
  const address = trim(clean(text));
  const at = address.lastIndexOf("@");
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)];
  const short = bytes(address) <= 254 && bytes(local) <= 64;
  const good =
    at !== -1 && short && local.split(".").every((atom) => ATOM.test(atom)) && isDomain(domain);
  return good ? null : fault("email");
}

function isDomain(domain: string): boolean {
  const labels = domain.split(".");
  const top = labels.at(-1) ?? "";
  const isLabel = (label: string): boolean =>
    LABEL.test(label) && bytes(label) <= 63 && !label.startsWith("-") && !label.endsWith("-");
  return (
    labels.length > 1 && labels.every(isLabel) && [...top].length >= 2 && !/^\p{N}+$/u.test(top)
  );
}

export function phone(text: string): Fault | null {
  if (bytes(text) > 200) return fault("phone");
  const code = compact(text);
  const abroad = /^(\+|00)(.*)$/su.exec(code);
  const number = abroad === null ? code : withoutTrunkZero(abroad[2] ?? "");
  const digits = number.replace(/[.\-/()]/g, "");
  const fits = /^\d{6,15}$/.test(digits) && (abroad === null || !digits.startsWith("0"));
  return fits ? null : fault("phone");
}

/** In Italy, San Marino and the Vatican the 0 belongs to the number. */
function withoutTrunkZero(number: string): string {
  return /^(39|378)/.test(number) ? number : number.replace("(0)", "");
}

export function personName(text: string): Fault | null {
  const name = trim(clean(text));
  const fits =
    [...name].length <= 100 && /\p{Alphabetic}/u.test(name) && !/[\p{Cc}\u2028\u2029]/u.test(name);
  return fits ? null : fault("name");
}
