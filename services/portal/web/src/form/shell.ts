/** What every step has: where one is, the summary of mistakes, messages, the way on and back. */

import { type TemplateResult, html, nothing } from "lit-html";
import { icon } from "../common/icon.js";
import { dayAndTime } from "../common/format.js";
import { type Form, focusField } from "./form.js";
import { type Message, STEPS } from "./model.js";
import { elementId } from "./names.js";

/** The steps: five, always the same. */
export function stepper(form: Form, save: (() => void) | null): TemplateResult {
  const { texts, step, sent } = form.model;
  const now = sent === null ? STEPS.indexOf(step) : STEPS.length - 1;
  const name = texts.steps[STEPS[now] ?? "information"];
  return html`<div class="steppers">
    <p class="steppers-index">
      <span>${texts.stepOf(now + 1, STEPS.length)}<span class="d-lg-none">: <strong>${name}</strong></span></span>
      ${save === null ? nothing : html`<button class="btn btn-link btn-sm" type="button" @click=${save}>${texts.saveDraft}</button>`}
    </p>
    <div class="steppers-header">
      <ol>
        ${STEPS.map((one, index) => {
          const state = index < now ? "confirmed" : index === now ? "active" : "";
          return html`<li class=${state} aria-current=${index === now ? "step" : nothing}>
            <span>${texts.steps[one]}${index < now ? html`<span class="visually-hidden">, ${texts.done}</span>` : nothing}</span>
          </li>`;
        })}
      </ol>
    </div>
  </div>`;
}

/** The mistakes of a step, each a link to its field. */
export function summary(form: Form): TemplateResult | typeof nothing {
  const { model } = form;
  if (!model.summary || model.mistakes.length === 0) return nothing;
  const to = (pointer: string) => (event: Event) => {
    event.preventDefault();
    focusField(pointer);
  };
  return html`<div class="error-summary" id="error-summary" tabindex="-1" aria-labelledby="error-summary-title">
    <div role="alert">
      <h2 id="error-summary-title">
        ${icon(model.config, "error", "sm")}${model.texts.mistakesFound(model.mistakes.length)}
      </h2>
      <ul>
        ${model.mistakes.map((mistake) => {
          const label = labelOf(form, mistake.pointer);
          // what has no field here is said all the same
          if (label === "") return html`<li>${form.words(mistake)}</li>`;
          return html`<li>
            <a href=${`#${elementId(mistake.pointer)}`} @click=${to(mistake.pointer)}
              >${inSummary(label, form.words(mistake))}</a>
          </li>`;
        })}
      </ul>
    </div>
  </div>`;
}

/** A question or a sentence keeps its own sign before the mistake. */
function inSummary(label: string, words: string): string {
  return /[.?!:]$/.test(label) ? `${label} ${words}` : `${label}: ${words}`;
}

/** The label of a field, with those of the list that it is in; empty where there is no such field. */
export function labelOf(form: Form, pointer: string): string {
  const { language, texts } = form.model;
  const labels: string[] = [];
  let schema = form.schema;
  for (const token of pointer.split("/").slice(1)) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    const isElement = schema.type === "array";
    const next = isElement ? schema.items : schema.properties?.[name];
    if (next === undefined) return "";
    const last = labels.pop();
    if (isElement && last !== undefined) labels.push(texts.numbered(last, Number(name) + 1));
    else if (last !== undefined) labels.push(last);
    const label = next.label?.[language];
    if (label !== undefined) labels.push(label);
    schema = next;
  }
  return labels.join(", ");
}

/** What the API said of the whole application, and what became of the form. */
export function message(form: Form): TemplateResult | typeof nothing {
  const { message, config, texts } = form.model;
  if (message === null) return nothing;
  const { title, body, tone, sign } = saying(form, message);
  const { help } = config.paths;
  return html`<div class=${`callout ${tone}`} id="message" tabindex="-1">
    <p class="callout-title">${icon(config, sign)}${title}</p>
    ${body}
    ${message.kind === "problem" && help !== undefined ? html`<p><a href=${help} target="_blank" rel="noopener">${texts.help}</a></p>` : nothing}
  </div>`;
}

interface Saying {
  readonly title: string;
  readonly body: TemplateResult;
  readonly tone: string;
  readonly sign: string;
}

function saying(form: Form, message: Message): Saying {
  const { texts, language } = form.model;
  switch (message.kind) {
    case "closed": {
      const opens =
        message.opensAt === null
          ? texts.closed
          : texts.closedUntil(dayAndTime(message.opensAt, language));
      return { title: texts.closedTitle, body: html`<p>${opens}</p>`, tone: "", sign: "clock" };
    }
    case "open":
      return { title: texts.openAgain, body: html``, tone: "success", sign: "check-circle" };
    case "unsure":
      return {
        title: texts.unsureTitle,
        body: html`<p>${texts.unsureText}</p>`,
        tone: "",
        sign: "info-circle",
      };
    case "changed": {
      const names = (list: typeof message.more): string =>
        list.map((label) => label[language]).join(", ");
      const more =
        message.more.length > 0
          ? html`<p>${texts.formChangedMore(names(message.more))}</p>`
          : nothing;
      const less =
        message.less.length > 0
          ? html`<p>${texts.formChangedLess(names(message.less))}</p>`
          : nothing;
      const body = html`<p>${texts.formChanged}</p>${more}${less}`;
      return { title: texts.problemTitle, body, tone: "warning", sign: "info-circle" };
    }
    case "problem": {
      const text = texts[message.text];
      const detail = message.detail === undefined ? nothing : html`<p>${message.detail}</p>`;
      const body = html`<p>${typeof text === "string" ? text : ""}</p>${detail}`;
      return { title: texts.problemTitle, body, tone: "warning", sign: "warning-circle" };
    }
  }
}

/** The buttons below a step: the main one first, for the keyboard. */
export function buttons(form: Form, main: TemplateResult): TemplateResult {
  const { texts, config, step } = form.model;
  const back =
    step === "information"
      ? nothing
      : html`<button class="btn btn-link" type="button"
    @click=${() => history.back()}>${icon(config, "arrow-left")}${texts.back}</button>`;
  return html`<div class="steppers-nav">${main}${back}</div>`;
}

/** What became of a draft; said by screen readers too. */
export function draftNote(form: Form): TemplateResult {
  return html`<p class="small text-secondary" role="status">${form.model.draftNote}</p>`;
}
