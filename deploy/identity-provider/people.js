// The invented people, and the claims that a token says of each.

import { readFileSync } from 'node:fs';

const SPID_LEVEL_2 = 'https://www.spid.gov.it/SpidL2';

const { citizens, intermediaries, operators } = JSON.parse(
  readFileSync(new URL('people.json', import.meta.url), 'utf8'),
);

const person = ({ id, given_name, family_name }, role, claims) => ({
  id,
  role,
  name: `${given_name} ${family_name}`,
  acr: SPID_LEVEL_2,
  claims: { given_name, family_name, acr: SPID_LEVEL_2, ...claims },
});

/** Everybody, in the order of the login page. */
export const people = [
  ...citizens.map((it) => ({
    ...person(it, 'citizen', { fiscal_number: `TINIT-${it.tax_code}` }),
    taxCode: it.tax_code,
  })),
  ...intermediaries.map((it) => person(it, 'intermediary', organisationClaims(it))),
  ...operators.map((it) => person(it, 'operator', { roles: ['operator'] })),
];

/** The claims of an intermediary's tokens, whether an employee logs in or its own system does. */
export function organisationClaims({ organisation, organisation_kind }) {
  return { organisation, organisation_kind };
}

/** The first intermediary, whose own system has a confidential client. */
export const [intermediary] = intermediaries;

const byId = new Map(people.map((it) => [it.id, it]));
const byTaxCode = new Map(people.filter((it) => it.taxCode).map((it) => [it.taxCode, it]));

/** The person with this account id. */
export const findById = (id) => byId.get(id);

/** The person who types this at the login page: a tax code in any letter case, or an account id. */
export const findByLogin = (typed) => {
  const text = String(typed ?? '').trim();
  return byTaxCode.get(text.replace(/\s/g, '').toUpperCase()) ?? byId.get(text);
};
