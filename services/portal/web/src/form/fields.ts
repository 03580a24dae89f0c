/** The fields of a form, from its schema. */

import { type TemplateResult, html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../common/icon.js";
import { type Schema, below } from "./check/schema.js";
import { asked } from "./conditions.js";
import type { Form } from "./form.js";
import { elementId } from "./names.js";
import { read } from "./reading.js";
import { type Path, get } from "./typed.js";

/** One field, and where it stands. */
export interface Field {
  readonly form: Form;
  readonly schema: Schema;
  readonly path: Path;
  readonly pointer: string;
  readonly required: boolean;
}

/** Choices up to this number are all in view. */
const MOST_RADIOS = 7;

/** The fields of an object, as far as they are asked now. */
export function fieldsOf(form: Form, schema: Schema, path: Path, pointer: string): TemplateResult[] {
  const { value } = read(schema, get(form.model.typed, path), pointer);
  const { names, required } = asked(schema, (value ?? {}) as Record<string, unknown>);
  return names.map((name) =>
    field({
      form,
      schema: schema.properties?.[name] ?? {},
      path: [...path, name],
      pointer: below(pointer, name),
      required: required.has(name),
    }),
  );
}

/** Any field. */
export function field(field: Field): TemplateResult {
  const { schema } = field;
  switch (schema.type) {
    case "object":
      return group(field);
    case "array":
      return list(field);
    case "boolean":
      return schema.const === true || !field.required ? checkbox(field) : yesOrNo(field);
    default:
      if (schema.enum === undefined) return text(field);
      return schema.enum.length <= MOST_RADIOS ? radios(field) : select(field);
  }
}

function label({ form, schema, required }: Field): TemplateResult {
  const { language, texts } = form.model;
  const optional = required ? nothing : html` <span class="form-optional">${texts.optional}</span>`;
  return html`${schema.label?.[language] ?? ""}${optional}`;
}

function helpText(field: Field): string {
  const { schema, form } = field;
  const { language, texts } = form.model;
  const own = schema.help?.[language] ?? "";
  const isDate = schema.format === "date" || schema.format === "birth-date";
  const hint = isDate ? texts.dateHint : schema.multipleOf === 0.01 ? texts.amountHint : "";
  return [own, hint].filter((part) => part !== "").join(" ");
}

function help(field: Field): TemplateResult | typeof nothing {
  const text = helpText(field);
  const id = `${elementId(field.pointer)}-help`;
  return text === "" ? nothing : html`<p class="form-text" id=${id}>${text}</p>`;
}

/** Room for the mistake: always there, so that a message moves nothing. */
function error({ form, pointer }: Field): TemplateResult {
  const mistake = form.mistakeAt(pointer);
  const id = `${elementId(pointer)}-error`;
  return html`<p class="invalid-feedback" id=${id}>${mistake === undefined ? nothing : form.words(mistake)}</p>`;
}

function describedBy(field: Field): string {
  const id = elementId(field.pointer);
  return helpText(field) === "" ? `${id}-error` : `${id}-help ${id}-error`;
}

function invalid({ form, pointer }: Field): "true" | typeof nothing {
  return form.mistakeAt(pointer) === undefined ? nothing : "true";
}

function text(field: Field): TemplateResult {
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
  const short = ["number", "integer"].includes(schema.type ?? "") || /date|vat-number/.test(schema.format ?? "");
  const classes = ["form-control", isCode(schema) ? "form-control-code" : "", short ? "form-control-short" : ""];
  return classes.filter((name) => name !== "").join(" ");
}

function inputMode({ type, format, minimum }: Schema): string | typeof nothing {
  // phones show no minus among the digits
  if (type === "number" || type === "integer") return (minimum ?? -1) < 0 ? nothing : type === "integer" ? "numeric" : "decimal";
  const modes: Readonly<Record<string, string>> = { email: "email", phone: "tel", "vat-number": "numeric" };
  return modes[format ?? ""] ?? nothing;
}

/** The applicant's own data may come from the browser; other people's never. */
function autocomplete({ schema, pointer }: Field): string {
  const own: Readonly<Record<string, string>> = { email: "email", phone: "tel", "birth-date": "bday" };
  return (pointer.startsWith("/applicant/") ? own[schema.format ?? ""] : undefined) ?? "off";
}

function checkbox(field: Field): TemplateResult {
  const { form, path, pointer, required } = field;
  const id = elementId(pointer);
  // left alone it is absent: nobody said no
  const change = (event: Event): void =>
    form.type(path, pointer, (event.target as HTMLInputElement).checked || undefined);
  return html`<div class="form-group">
    <div class="form-check">
      <input type="checkbox" id=${id} .checked=${live(get(form.model.typed, path) === true)} @change=${change}
        aria-describedby=${describedBy(field)} aria-invalid=${invalid(field)}
        aria-required=${required ? "true" : nothing} />
      <div><label for=${id}>${label(field)}</label>${help(field)}</div>
    </div>
    ${error(field)}
  </div>`;
}

/** A choice, as options that are all in view. */
interface Option {
  readonly value: string | boolean | undefined;
  readonly label: string;
  readonly help?: string | undefined;
}

export function radioGroup(field: Field, options: readonly Option[]): TemplateResult {
  const { form, path, pointer, required } = field;
  const id = elementId(pointer);
  const chosen = get(form.model.typed, path);
  return html`<fieldset class="form-group" role="radiogroup" aria-describedby=${describedBy(field)}
    aria-required=${required ? "true" : nothing} aria-invalid=${invalid(field)}>
    <legend>${label(field)}</legend>${help(field)}
    ${options.map((option, index) => {
      const own = index === 0 ? id : `${id}-${index}`;
      return html`<div class="form-check">
        <input type="radio" name=${id} id=${own} .checked=${live(chosen === option.value)}
          aria-describedby=${option.help === undefined ? nothing : `${own}-help`}
          @change=${() => form.type(path, pointer, option.value)} />
        <div>
          <label for=${own}>${option.label}</label>
          ${option.help === undefined ? nothing : html`<p class="form-text" id=${`${own}-help`}>${option.help}</p>`}
        </div>
      </div>`;
    })}
    ${error(field)}
  </fieldset>`;
}

function optionsOf({ form, schema, required }: Field): Option[] {
  const { language, texts } = form.model;
  const options: Option[] = (schema.enum ?? []).map((value) => ({
    value,
    label: schema.enum_labels?.[value]?.[language] ?? value,
  }));
  return required ? options : [...options, { value: undefined, label: texts.noAnswer }];
}

function radios(field: Field): TemplateResult {
  return radioGroup(field, optionsOf(field));
}

function yesOrNo(field: Field): TemplateResult {
  const { texts } = field.form.model;
  return radioGroup(field, [{ value: true, label: texts.yes }, { value: false, label: texts.no }]);
}

function select(field: Field): TemplateResult {
  const { form, path, pointer, required } = field;
  const id = elementId(pointer);
  const chosen = get(form.model.typed, path);
  const options = optionsOf(field).filter(({ value }) => value !== undefined);
  const change = (event: Event): void =>
    form.type(path, pointer, (event.target as HTMLSelectElement).value || undefined);
  return html`<div class="form-group">
    <label class="form-label" for=${id}>${label(field)}</label>${help(field)}
    <select class="form-select" id=${id} aria-describedby=${describedBy(field)} aria-invalid=${invalid(field)}
      aria-required=${required ? "true" : nothing} @change=${change}>
      <option value="" .selected=${chosen === undefined}>${form.model.texts.choose}</option>
      ${options.map(({ value, label }) => html`<option value=${String(value)} .selected=${chosen === value}>${label}</option>`)}
    </select>
    ${error(field)}
  </div>`;
}

function group(field: Field): TemplateResult {
  const { form, schema, path, pointer } = field;
  return html`<fieldset class="form-list-item" id=${elementId(pointer)}>
    <legend>${label(field)}</legend>${help(field)}
    ${fieldsOf(form, schema, path, pointer)}${error(field)}
  </fieldset>`;
}

function list(field: Field): TemplateResult {
  const { form, schema, path, pointer, required } = field;
  const { language, texts, config } = form.model;
  const typed = get(form.model.typed, path);
  const least = required ? Math.max(1, schema.minItems ?? 0) : 0;
  const length = Math.max(Array.isArray(typed) ? typed.length : 0, least);
  const name = schema.label?.[language] ?? "";
  const id = elementId(pointer);
  const element = (index: number): TemplateResult => {
    const own: Field = {
      ...field,
      schema: { ...schema.items, label: numbered(schema, index, field) },
      path: [...path, index],
      pointer: below(pointer, index),
      required: true,
    };
    const numberedName = texts.numbered(name, index + 1);
    const remove = length <= least && index < least ? nothing : html`<button type="button"
      class="btn btn-link btn-sm" @click=${() => form.remove(path, pointer, index)}>
      ${icon(config, "delete", "sm")}${texts.remove(numberedName)}
    </button>`;
    return html`${anyField(own)}${remove}`;
  };
  const full = length >= (schema.maxItems ?? Infinity);
  return html`<fieldset class="form-list" id=${id} tabindex="-1" aria-describedby=${describedBy(field)}>
    <legend>${label(field)}</legend>${help(field)}
    ${Array.from({ length }, (_, index) => element(index))}${error(field)}
    ${full ? nothing : html`<p><button type="button" class="btn btn-outline-primary" id=${`${id}-add`}
      @click=${() => form.add(path, pointer, length, schema.items?.type === "object" ? {} : "")}>
      ${icon(config, "plus", "sm")}${texts.add(name)}</button></p>`}
  </fieldset>`;
}

const anyField = field;

function numbered({ label }: Schema, index: number, { form }: Field): Record<"it" | "en" | "de", string> {
  const of = (name: string | undefined): string => form.model.texts.numbered(name ?? "", index + 1);
  return { it: of(label?.it), en: of(label?.en), de: of(label?.de) };
}
