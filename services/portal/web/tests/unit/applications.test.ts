import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { linesOf } from "../../src/applications/content.js";
import { formOf, ticketOf } from "../../src/applications/catalogue.js";
import type { Found, Listed } from "../../src/applications/model.js";
import { added, cardOf, changed, withFound } from "../../src/applications/state.js";
import de from "../../src/applications/texts/de.js";
import en from "../../src/applications/texts/en.js";
import it from "../../src/applications/texts/it.js";
import { timeline } from "../../src/applications/timeline.js";

const LISTED: Listed = {
  id: "06e5ea93-7c0d-5f41-a8b2-3b1f9d2c64e7",
  status: "registered",
  benefit: "indemnity-march-2020",
  received_at: "2020-04-01T08:42:07Z",
  protocol_number: "2020-0312408",
};

const text = (word: string) => ({ it: word, en: word, de: word });

test("an application that stands has its outcome ahead of it", () => {
  const steps = timeline(
    {
      status: "registered",
      reason: "regular",
      received_at: "2020-04-01T08:42:07Z",
      protocol_number: "2020-0312408",
      history: [{ at: "2020-04-01T08:42:11Z", event: "registered", status: "registered", reason: "regular" }],
    },
    it,
  );
  assert.deepEqual(steps, [
    { title: "Ricevuta", at: "2020-04-01T08:42:07Z" },
    { title: "Registrata", at: "2020-04-01T08:42:11Z", text: "Protocollo 2020-0312408" },
    { title: "Esito", text: "lo troverai qui" },
  ]);
});

test("a withdrawal ends the history, and says who withdrew it", () => {
  const steps = timeline(
    {
      status: "withdrawn",
      history: [
        { at: "2020-04-01T08:42:11Z", event: "registered", status: "registered", reason: "regular" },
        { at: "2020-04-02T10:00:00Z", event: "decided", status: "withdrawn", reason: "withdrawn_by_applicant" },
      ],
    },
    en,
  );
  assert.deepEqual(steps.at(-1), {
    title: "Withdrawn",
    at: "2020-04-02T10:00:00Z",
    text: "The applicant withdrew the application.",
  });
});

test("events and words that the page does not know yet are shown all the same", () => {
  const [step] = timeline({ status: "refused", history: [{ at: "2020-04-01T08:42:11Z", event: "moved" }] }, de);
  assert.deepEqual(step, { title: "Geändert", at: "2020-04-01T08:42:11Z" });
});

test("reasons are those of the register, word by word", () => {
  const source = readFileSync("../../../shared/domain/src/reason.rs", "utf8")
    // a long text goes on after a backslash
    .replace(/\\\n\s*/g, "")
    .replace(/\s+/g, " ");
  const told = [...source.matchAll(/Text::fixed\( "(.*?)", "(.*?)", "(.*?)", \)/g)];
  assert.equal(told.length, Object.keys(it.reasons).length);
  const words = (place: number) => told.map((texts) => texts[place]).sort();
  assert.deepEqual(Object.values(it.reasons).sort(), words(1));
  assert.deepEqual(Object.values(en.reasons).sort(), words(2));
  assert.deepEqual(Object.values(de.reasons).sort(), words(3));
});

test("answers stand in the order of the form, under its questions", () => {
  const form = {
    order: ["kind", "amount", "invoices", "bought_new"],
    properties: {
      bought_new: { label: text("Nuova"), const: true },
      kind: { label: text("Tipo"), enum_labels: { cargo: text("Da carico") } },
      amount: { label: text("Importo") },
      invoices: {
        label: text("Fattura"),
        items: { properties: { date: { label: text("Data"), format: "date" }, paid: { label: text("Pagata") } } },
      },
    },
    then: { properties: { frame: { label: text("Telaio") } } },
  };
  const content = {
    applicant: { family_name: "Rossi", given_name: "Mario", tax_code: "RSSMRA80A01H501U" },
    answers: {
      older: "<b>x</b>",
      frame: "A1",
      bought_new: true,
      invoices: [{ date: "2020-03-31", paid: false }, { date: "2020-04-01", paid: true }],
      amount: 1499.9,
      kind: "cargo",
    },
  };
  const lines = linesOf(content, form, { language: "it", texts: it }).slice(3);
  assert.deepEqual(
    lines.map(({ question, answer }) => `${question} = ${answer}`),
    [
      "Tipo = Da carico",
      "Importo = 1499,9",
      "Fattura 1: Data = 31 marzo 2020",
      "Fattura 1: Pagata = No",
      "Fattura 2: Data = 1 aprile 2020",
      "Fattura 2: Pagata = Sì",
      "Nuova = Confermato",
      "Telaio = A1",
      "older = <b>x</b>",
    ],
  );
});

test("the form is that of the category, or none where it is gone", () => {
  const form = { order: ["a"] };
  const benefit = { title: text("t"), categories: [{ id: "one", title: text("c"), form }] };
  assert.equal(formOf(benefit, "one"), form);
  assert.deepEqual(formOf(benefit, "two"), {});
  assert.deepEqual(formOf(null, undefined), {});
});

test("an application has a ticket only where its benefit is drawn by lot", () => {
  const found: Found = { status: "registered", lottery_ticket: "0f".repeat(32) };
  const ordered = (policy: string) => ({ title: text("t"), order: { policy } });
  assert.equal(ticketOf(ordered("lottery"), found), found.lottery_ticket);
  assert.equal(ticketOf(ordered("arrival"), found), undefined);
  assert.equal(ticketOf(ordered("none"), found), undefined);
  assert.equal(ticketOf(null, found), undefined);
});

test("a list that moved on while paging shows each application once", () => {
  const first = cardOf(LISTED, null);
  const second = cardOf({ ...LISTED, id: "2" }, null);
  assert.deepEqual(added([first], [first, second]), [first, second]);
});

test("what was read of one card changes that card alone", () => {
  const cards = [cardOf(LISTED, null), cardOf({ ...LISTED, id: "2" }, null)];
  const read = withFound(cards[1]!, { status: "withdrawn" });
  const now = changed(cards, "2", read);
  assert.equal(now[0], cards[0]);
  assert.equal(now[1]?.listed.status, "withdrawn");
});
