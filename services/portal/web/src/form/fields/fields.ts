/** The fields of a form, from its schema. */

import { type TemplateResult, html, nothing } from "lit-html";
import { icon } from "../../common/icon.js";
import { type Schema, below } from "../check/schema.js";
import { asked } from "../conditions.js";
import type { Form } from "../form.js";
import { elementId } from "../names.js";
import { read } from "../reading.js";
import { type Path, get } from "../typed.js";
import { checkbox, radios, select, yesOrNo } from "./choices.js";
import { type Field, describedBy, error, help, label } from "./parts.js";
import { text } from "./text.js";

/** Choices up to this number are all in view. */
const MOST_RADIOS = 7;

/** The fields of an object, as far as they are asked now. */
export function fieldsOf(
  form: Form,
  schema: Schema,
  path: Path,
  pointer: string,
): TemplateResult[] {
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
    const remove =
      length <= least && index < least
        ? nothing
        : html`<button type="button"
      class="btn btn-link btn-sm" @click=${() => form.remove(path, pointer, index)}>
      ${icon(config, "delete", "sm")}${texts.remove(numberedName)}
    </button>`;
    return html`${anyField(own)}${remove}`;
  };
  const full = length >= (schema.maxItems ?? Infinity);
  return html`<fieldset class="form-list" id=${id} tabindex="-1" aria-describedby=${describedBy(field)}>
    <legend>${label(field)}</legend>${help(field)}
    ${Array.from({ length }, (_, index) => element(index))}${error(field)}
    ${
      full
        ? nothing
        : html`<p><button type="button" class="btn btn-outline-primary" id=${`${id}-add`}
      @click=${() => form.add(path, pointer, length, schema.items?.type === "object" ? {} : "")}>
      ${icon(config, "plus", "sm")}${texts.add(name)}</button></p>`
    }
  </fieldset>`;
}

const anyField = field;

function numbered(
  { label }: Schema,
  index: number,
  { form }: Field,
): Record<"it" | "en" | "de", string> {
  const of = (name: string | undefined): string => form.model.texts.numbered(name ?? "", index + 1);
  return { it: of(label?.it), en: of(label?.en), de: of(label?.de) };
}
