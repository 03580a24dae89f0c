/** Riepilogo: every value as text on one screen, and the way to each. */

import { type TemplateResult, html, nothing } from "lit-html";
import { icon } from "../../common/icon.js";
import { longDate, plainNumber } from "../../common/format.js";
import { type Json, type Schema, below } from "../check/schema.js";
import { asked } from "../conditions.js";
import type { Form } from "../form.js";
import type { FormTexts } from "../texts/it.js";
import { buttons, message, summary } from "../shell.js";
import { identity } from "./questions.js";

export interface ReviewActions {
  readonly signIn: () => void;
  readonly send: () => void;
}

export function review(form: Form, actions: ReviewActions): TemplateResult {
  const { texts, session } = form.model;
  const value = (form.checked.value ?? {}) as Json;
  const { category, applicant, answers } = form.schema.properties ?? {};
  const of = (name: string): Json => (value[name] ?? {}) as Json;
  const general = html`${category === undefined ? nothing : row(form, category, value["category"], "/category", 0)}
    ${applicant === undefined ? nothing : rows(form, applicant, of("applicant"), "/applicant")}`;
  const hasGeneral = category !== undefined || (applicant?.order ?? []).length > 0;
  return html`${summary(form)}
    <h1 tabindex="-1">${texts.reviewTitle}</h1>
    <p class="lead">${texts.reviewLead}</p>
    ${message(form)}
    <section class="review-section"><header><h2>${texts.whoApplies}</h2></header><div class="mt">${identity(form)}</div></section>
    ${hasGeneral ? section(form, "general", general) : nothing}
    ${answers === undefined ? nothing : section(form, "specific", html`${rows(form, answers, of("answers"), "/answers")}`)}
    ${session.token === null ? signIn(form) : nothing}
    ${buttons(form, session.token === null ? signInButton(form, actions) : sendButton(form, actions))}`;
}

function section(
  form: Form,
  step: "general" | "specific",
  content: TemplateResult,
): TemplateResult {
  const { texts } = form.model;
  return html`<section class="review-section">
    <header><h2>${texts.steps[step]}</h2></header>
    <dl class="definitions">${content}</dl>
  </section>`;
}

function changeLink(
  form: Form,
  pointer: string,
  label: string,
  step: "general" | "specific",
): TemplateResult {
  const { texts } = form.model;
  return html`<button type="button" class="btn btn-link btn-sm" @click=${() => form.change(pointer, step)}
    >${texts.change}<span class="visually-hidden">${texts.changeWhat(label)}</span></button>`;
}

function rows(
  form: Form,
  schema: Schema,
  value: Json,
  pointer: string,
  depth = 0,
): TemplateResult[] {
  return asked(schema, value).names.map((name) =>
    row(form, schema.properties?.[name] ?? {}, value[name], below(pointer, name), depth),
  );
}

function row(
  form: Form,
  schema: Schema,
  value: unknown,
  pointer: string,
  depth: number,
  label = "",
): TemplateResult {
  const { language, texts } = form.model;
  const name = label || (schema.label?.[language] ?? "");
  if (Array.isArray(value) && schema.items !== undefined) {
    const { items } = schema;
    return html`${value.map((item, index) =>
      row(form, items, item, below(pointer, index), depth, texts.numbered(name, index + 1)),
    )}`;
  }
  const inner =
    schema.type === "object" && schema.properties !== undefined
      ? html`<dl class="definitions mb-0">${rows(form, schema, (value ?? {}) as Json, pointer, depth + 1)}</dl>`
      : shown(schema, value, texts, language);
  const step = pointer.startsWith("/answers") ? "specific" : "general";
  return html`<div>
    <dt>${name}</dt>
    <dd class="review-value"><div>${inner}</div>${depth === 0 ? changeLink(form, firstField(schema, pointer), name, step) : nothing}</dd>
  </div>`;
}

/** What *Modifica* focuses: the field, or the first one of a group. */
function firstField(schema: Schema, pointer: string): string {
  const [first] =
    schema.type === "object" ? (schema.order ?? Object.keys(schema.properties ?? {})) : [];
  return first === undefined ? pointer : below(pointer, first);
}

/** A value as the reader writes it. */
function shown(
  schema: Schema,
  value: unknown,
  texts: FormTexts,
  language: "it" | "en" | "de",
): string {
  if (value === undefined || value === null) return texts.notGiven;
  if (value === true) return schema.const === true ? texts.confirmed : texts.yes;
  if (value === false) return texts.no;
  if (typeof value === "number")
    return plainNumber(value, language, schema.multipleOf === 0.01 ? 2 : 0);
  const text = String(value);
  if (schema.enum !== undefined) return schema.enum_labels?.[text]?.[language] ?? text;
  if (schema.format === "date" || schema.format === "birth-date") return longDate(text, language);
  // in groups of four, as banks print it
  return schema.format === "iban" ? text.replace(/(.{4})(?=.)/g, "$1 ") : text;
}

/** What signing in does, and what is in its way. */
function signIn(form: Form): TemplateResult {
  const { texts, config, prepared, popupNote } = form.model;
  const note = popupNote === null ? nothing : texts[popupNote];
  return html`<div class="callout">
    <p class="callout-title">${icon(config, "user")}${texts.signInToSend}</p>
    <p>${texts.signInText}</p>
    <div role="status">
      ${prepared === "away" ? html`<p>${texts.providerAway}</p>` : nothing}
      ${note === nothing ? nothing : html`<p><strong>${note}</strong></p>`}
    </div>
  </div>`;
}

function signInButton(form: Form, actions: ReviewActions): TemplateResult {
  const away = form.model.prepared === "away" || form.model.prepared === null;
  return html`<button class="btn btn-primary btn-lg" type="button" aria-disabled=${away ? "true" : nothing}
    @click=${actions.signIn}>${form.model.texts.signIn}</button>`;
}

function sendButton(form: Form, actions: ReviewActions): TemplateResult {
  return html`<button class="btn btn-primary btn-lg" type="button" @click=${actions.send}>${form.model.texts.send}</button>`;
}
