/** What fields of all kinds have: label, help, and room for a mistake. */

import { type TemplateResult, html, nothing } from "lit-html";
import type { Schema } from "../check/schema.js";
import type { Form } from "../form.js";
import { elementId } from "../names.js";
import type { Path } from "../typed.js";

/** One field, and where it stands. */
export interface Field {
  readonly form: Form;
  readonly schema: Schema;
  readonly path: Path;
  readonly pointer: string;
  readonly required: boolean;
}

export function label({ form, schema, required }: Field): TemplateResult {
  const { language, texts } = form.model;
  const optional = required ? nothing : html` <span class="form-optional">${texts.optional}</span>`;
  return html`${schema.label?.[language] ?? ""}${optional}`;
}

export function helpText(field: Field): string {
  const { schema, form } = field;
  const { language, texts } = form.model;
  const own = schema.help?.[language] ?? "";
  const isDate = schema.format === "date" || schema.format === "birth-date";
  const hint = isDate ? texts.dateHint : schema.multipleOf === 0.01 ? texts.amountHint : "";
  return [own, hint].filter((part) => part !== "").join(" ");
}

export function help(field: Field): TemplateResult | typeof nothing {
  const text = helpText(field);
  const id = `${elementId(field.pointer)}-help`;
  return text === "" ? nothing : html`<p class="form-text" id=${id}>${text}</p>`;
}

/** Room for the mistake: always there, so that a message moves nothing. */
export function error({ form, pointer }: Field): TemplateResult {
  const mistake = form.mistakeAt(pointer);
  const id = `${elementId(pointer)}-error`;
  return html`<p class="invalid-feedback" id=${id}>${mistake === undefined ? nothing : form.words(mistake)}</p>`;
}

export function describedBy(field: Field): string {
  const id = elementId(field.pointer);
  return helpText(field) === "" ? `${id}-error` : `${id}-help ${id}-error`;
}

export function invalid({ form, pointer }: Field): "true" | typeof nothing {
  return form.mistakeAt(pointer) === undefined ? nothing : "true";
}
