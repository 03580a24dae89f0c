/** The bytes that are sent, and their key: the same application is the same bytes everywhere. */

import { sha256 } from "../common/base64url.js";
import type { Person } from "../common/session.js";
import { APPLICANT_ORDER } from "./applicant.js";
import type { Json } from "./check/schema.js";

/** What the form's fields say, read. */
export interface Filled {
  readonly category?: string;
  readonly applicant?: Json;
  readonly answers?: Json;
}

/** Returns the application as JSON, its fields in an order that never changes. */
export function bodyOf(benefit: string, person: Person, filled: Filled): Uint8Array<ArrayBuffer> {
  const application = {
    benefit,
    ...(filled.category === undefined ? {} : { category: filled.category }),
    applicant: applicantOf(person, filled.applicant ?? {}),
    // the form's own order: `read` goes through the fields as they are asked
    answers: filled.answers ?? {},
  };
  return new TextEncoder().encode(JSON.stringify(application));
}

function applicantOf(person: Person, asked: Json): Json {
  const { taxCode, givenName, familyName } = person;
  const known: Json = {
    tax_code: taxCode,
    // a person with a single name has it as family name
    ...(familyName === null || givenName === null
      ? { family_name: familyName ?? givenName, single_name: true }
      : { given_name: givenName, family_name: familyName }),
    ...asked,
  };
  const inOrder = APPLICANT_ORDER.filter(
    (name) => known[name] !== undefined && known[name] !== null,
  );
  return Object.fromEntries(inOrder.map((name) => [name, known[name]]));
}

/** Returns the digest of the body: the idempotency key begins with it. */
export function digestOf(body: Uint8Array<ArrayBuffer>): Promise<string> {
  return sha256(body);
}

/**
 * Returns the idempotency key: the digest of the body, so that a reload, a second tab or another
 * device makes no second application. `counter` tells apart applications that are meant to be
 * several: where the benefit allows it, or where an earlier one was withdrawn.
 */
export function keyOf(digest: string, counter: number): string {
  return counter === 1 ? digest : `${digest}.${counter}`;
}
