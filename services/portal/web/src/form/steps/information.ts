import { type TemplateResult, html, nothing } from "lit-html";
import { icon } from "../../common/icon.js";
import { exactTime } from "../../common/format.js";
import type { Form } from "../form.js";
import { buttons, message } from "../shell.js";

/** What else the page does at this step. */
export interface InformationActions {
  readonly resume: () => void;
  readonly discard: () => void;
}

/** Informativa: what it is, what is needed, what happens with the data. */
export function information(form: Form, actions: InformationActions): TemplateResult {
  const { texts, language, benefit, config } = form.model;
  const order = benefit.order.policy === "arrival" ? texts.orderArrival : texts.orderOther;
  return html`<h1 tabindex="-1">${texts.application(benefit.title[language])}</h1>
    <p class="lead">${texts.informationLead}</p>
    ${message(form)}${draft(form, actions)}
    <div class="callout">
      <p class="callout-title">${icon(config, "info-circle")}${order}</p>
    </div>
    <h2>${texts.needed}</h2>
    <ul>
      <li>${texts.neededIdentity}</li>
      ${asked(form).map((label) => html`<li>${label}</li>`)}
    </ul>
    <h2>${texts.dataTitle}</h2>
    <p>${texts.dataText} <a href=${config.paths.privacy ?? "/"} target="_blank" rel="noopener">${texts.dataLink}</a></p>
    ${buttons(form, html`<button class="btn btn-primary" type="submit">${texts.start}</button>`)}`;
}

/** What is asked of the applicant, by name. */
function asked(form: Form): string[] {
  const { language } = form.model;
  const { applicant } = form.schema.properties ?? {};
  return Object.values(applicant?.properties ?? {}).map(({ label }) => label?.[language] ?? "");
}

function draft(
  form: Form,
  { resume, discard }: InformationActions,
): TemplateResult | typeof nothing {
  const { draft, texts, language, config } = form.model;
  if (draft === null) return nothing;
  if (draft.opens === "sign-in") {
    return html`<div class="callout">
      <p class="callout-title">${icon(config, "restore")}${texts.draftOfPerson}</p>
      <p><button type="button" class="btn btn-outline-primary" @click=${() => form.signIn()}>${texts.signIn}</button></p>
    </div>`;
  }
  const when = exactTime(draft.savedAt.toISOString(), language);
  return html`<div class="callout">
    <p class="callout-title">${icon(config, "restore")}${texts.draftFound(when)}</p>
    <p>
      <button type="button" class="btn btn-outline-primary" @click=${resume}>${texts.draftResume}</button>
      <button type="button" class="btn btn-link" @click=${discard}>${texts.draftDelete}</button>
    </p>
  </div>`;
}
