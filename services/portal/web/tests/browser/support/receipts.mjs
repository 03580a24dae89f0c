/** Receipts, good and spoilt. */
import { IBAN } from "./citizen.mjs";

/** Sends an application by the API; returns its receipt. */
export async function receiptOf(system) {
  const { portal, tokens, tax_code } = system;
  const answer = await fetch(`${portal}/v1/applications`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${tokens.citizen}`,
      "Content-Type": "application/json",
      "Idempotency-Key": "a-receipt-to-check",
    },
    body: JSON.stringify({
      benefit: "indemnity-march-2020",
      category: "professionals",
      applicant: { tax_code, given_name: "Mario", family_name: "Rossi", iban: IBAN },
      answers: { no_pension: true, no_citizenship_income: true, activity: "collaborator" },
    }),
  });
  const { receipt } = await answer.json();
  return receipt;
}

/** The same with one character of the signed part changed. */
export function changed(receipt, at = receipt.indexOf(".") + 10) {
  return receipt.slice(0, at) + (receipt[at] === "A" ? "B" : "A") + receipt.slice(at + 1);
}

/** The same, said to be signed with a key that nobody has published. */
export function otherKey(receipt) {
  const [head, ...rest] = receipt.split(".");
  const header = JSON.parse(Buffer.from(head, "base64url").toString());
  const other = Buffer.from(JSON.stringify({ ...header, kid: "another" })).toString("base64url");
  return [other, ...rest].join(".");
}
