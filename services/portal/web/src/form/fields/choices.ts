/** Fields to choose in: declarations, one of several, yes or no. */

import { type TemplateResult, html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { elementId } from "../names.js";
import { get } from "../typed.js";
import { type Field, describedBy, error, help, invalid, label } from "./parts.js";

export function checkbox(field: Field): TemplateResult {
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

export function radios(field: Field): TemplateResult {
  return radioGroup(field, optionsOf(field));
}

export function yesOrNo(field: Field): TemplateResult {
  const { texts } = field.form.model;
  return radioGroup(field, [
    { value: true, label: texts.yes },
    { value: false, label: texts.no },
  ]);
}

export function select(field: Field): TemplateResult {
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
