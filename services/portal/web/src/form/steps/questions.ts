import { type TemplateResult, html, nothing } from "lit-html";
import { icon } from "../../common/icon.js";
import type { Schema } from "../check/schema.js";
import { radioGroup } from "../fields/choices.js";
import { fieldsOf } from "../fields/fields.js";
import type { Field } from "../fields/parts.js";
import type { Form } from "../form.js";
import { buttons, message, summary } from "../shell.js";

/** Dati generali: who applies, in which category, the applicant's own data. */
export function general(form: Form): TemplateResult {
  const { texts } = form.model;
  const { applicant } = form.schema.properties ?? {};
  return page(
    form,
    texts.generalTitle,
    html`${identity(form)}${category(form)}
    ${applicant === undefined ? nothing : fieldsOf(form, applicant, ["applicant"], "/applicant")}`,
  );
}

/** Dati specifici: the benefit's own questions. */
export function specific(form: Form): TemplateResult {
  const { texts } = form.model;
  const { answers } = form.schema.properties ?? {};
  const fields = answers === undefined ? [] : fieldsOf(form, answers, ["answers"], "/answers");
  return page(
    form,
    texts.specificTitle,
    fields.length > 0 ? html`${fields}` : html`<p>${texts.noQuestions}</p>`,
  );
}

function page(form: Form, title: string, fields: TemplateResult): TemplateResult {
  const { texts, fromReview } = form.model;
  const next = html`<button class="btn btn-primary" type="submit">${fromReview ? texts.backToReview : texts.next}</button>`;
  return html`${summary(form)}
    <h1 tabindex="-1">${title}</h1>
    ${message(form)}${fields}${buttons(form, next)}`;
}

/** Name and tax code, from the sign-in: never asked, never changed. */
export function identity(form: Form): TemplateResult {
  const { session, texts, config, step, popupNote } = form.model;
  const { person } = session;
  if (person === null) {
    const signIn =
      step === "review"
        ? nothing
        : html`<button type="button" class="btn btn-link btn-sm"
      @click=${() => form.signIn()}>${texts.signInNow}</button>`;
    return html`<div class="form-known">
      ${icon(config, "user")}
      <div><p class="mb-0">${texts.identityLater}</p>${signIn}
        <p class="mb-0" role="status">${step !== "review" && popupNote !== null ? texts[popupNote] : nothing}</p></div>
    </div>`;
  }
  const name = [person.givenName, person.familyName].filter(Boolean).join(" ");
  return html`<div class="form-known">
    ${icon(config, "user")}
    <dl>
      <dt class="visually-hidden">${texts.nameAndFamilyName}</dt><dd class="mb-0"><strong>${name}</strong></dd>
      <dt class="visually-hidden">${texts.taxCode}</dt><dd class="mb-0 font-monospace">${person.taxCode ?? ""}</dd>
    </dl>
  </div>`;
}

/** The category, with what each is for. */
function category(form: Form): TemplateResult | typeof nothing {
  const { benefit, language } = form.model;
  const schema: Schema | undefined = form.schema.properties?.["category"];
  if (schema === undefined || benefit.categories === undefined) return nothing;
  const field: Field = { form, schema, path: ["category"], pointer: "/category", required: true };
  const options = benefit.categories.map(({ id, title, help }) => ({
    value: id,
    label: title[language],
    help: help?.[language],
  }));
  return radioGroup(field, options);
}
