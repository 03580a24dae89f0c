/** Fields that are typed: texts, codes, numbers, dates. */

import { type TemplateResult, html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Schema } from "../check/schema.js";
import { elementId } from "../names.js";
import { get } from "../typed.js";
import { type Field, describedBy, error, help, invalid, label } from "./parts.js";

export function text(field: Field): TemplateResult {
  const { form, schema, path, pointer, required } = field;
  const typed = get(form.model.typed, path);
  const value = typeof typed === "string" ? typed : "";
  const id = elementId(pointer);
  const long = (schema.maxLength ?? 0) > 200;
  const on = {
    input: (event: Event) => form.type(path, pointer, (event.target as HTMLInputElement).value),
    leave: () => form.leave(pointer),
  };
  const control = long
    ? html`<textarea class="form-control" id=${id} rows="5" aria-describedby=${describedBy(field)}
        aria-invalid=${invalid(field)} aria-required=${required ? "true" : nothing} autocomplete="off"
        .value=${live(value)} @input=${on.input} @blur=${on.leave}></textarea>`
    : html`<input type="text" class=${classOf(schema)} id=${id} aria-describedby=${describedBy(field)}
        aria-invalid=${invalid(field)} aria-required=${required ? "true" : nothing}
        autocomplete=${autocomplete(field)} autocapitalize=${isCode(schema) ? "characters" : nothing}
        inputmode=${inputMode(schema)} spellcheck="false"
        .value=${live(value)} @input=${on.input} @blur=${on.leave} />`;
  return html`<div class="form-group">
    <label class="form-label" for=${id}>${label(field)}</label>${help(field)}${control}${error(field)}
  </div>`;
}

function isCode({ format }: Schema): boolean {
  return format === "tax-code" || format === "iban" || format === "vat-number";
}

function classOf(schema: Schema): string {
  const short =
    ["number", "integer"].includes(schema.type ?? "") ||
    /date|vat-number/.test(schema.format ?? "");
  const classes = [
    "form-control",
    isCode(schema) ? "form-control-code" : "",
    short ? "form-control-short" : "",
  ];
  return classes.filter((name) => name !== "").join(" ");
}

function inputMode({ type, format, minimum }: Schema): string | typeof nothing {
  // phones show no minus among the digits
  if (type === "number" || type === "integer")
    return (minimum ?? -1) < 0 ? nothing : type === "integer" ? "numeric" : "decimal";
  const modes: Readonly<Record<string, string>> = {
    email: "email",
    phone: "tel",
    "vat-number": "numeric",
  };
  return modes[format ?? ""] ?? nothing;
}

/** The applicant's own data may come from the browser; other people's never. */
function autocomplete({ schema, pointer }: Field): string {
  const own: Readonly<Record<string, string>> = {
    email: "email",
    phone: "tel",
    "birth-date": "bday",
  };
  return (pointer.startsWith("/applicant/") ? own[schema.format ?? ""] : undefined) ?? "off";
}
