/** One dead letter: what is known of it, its content for a reason, mending, requeue, discard. */

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../../common/icon.js";
import type { Letter, LetterContent } from "../api/decisions.js";
import type { Context } from "../context.js";
import { REASON_LENGTH } from "../step/step.js";
import { changeLine, time } from "../view/parts.js";
import { jsonProblem, pretty } from "./json_text.js";
import { isRequeueable, stateView } from "./list_view.js";
import type { DetailState } from "./state.js";

export interface DetailActions {
  readonly reason: (text: string) => void;
  readonly read: () => void;
  readonly mend: (text: string) => void;
  readonly undo: () => void;
  readonly save: () => void;
  readonly requeue: () => void;
  readonly discard: () => void;
}

export function detailView(context: Context, detail: DetailState, actions: DetailActions): TemplateResult {
  const words = context.texts.letters;
  const { letter } = detail;
  return html`<p>
      <a class="link-arrow" href="#letters">${icon(context.config, "arrow-left", "sm")}${words.back}</a>
    </p>
    <h2 id="letter-title" tabindex="-1">${words.one}</h2>
    ${detail.isMissing ? html`<div class="callout warning"><p>${words.missing}</p></div>` : nothing}
    ${letter === null
      ? nothing
      : html`${facts(context, letter)} ${actionsView(context, letter, actions)}
          <section aria-labelledby="content-title">
            <h3 id="content-title">${words.content}</h3>
            ${detail.content === null
              ? askView(context, detail, actions)
              : contentView(context, detail, letter, detail.content, actions)}
          </section>`}`;
}

function facts(context: Context, letter: Letter): TemplateResult {
  const { texts } = context;
  const words = texts.letters;
  const row = (name: string, value: unknown): TemplateResult =>
    html`<div>
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>`;
  return html`<dl class="definitions letter-facts">
      ${row(words.state, html`${stateView(context, letter.state)}${letter.mended ? html` ${words.mended}` : nothing}`)}
      ${row(words.reason, words.reasons[letter.reason] ?? letter.reason)}
      ${letter.detail === "" ? nothing : row(words.detail, letter.detail)}
      ${row(words.holds, words.holdsNames[letter.holds])}
      ${letter.applications === 1 ? nothing : row(words.applications, context.formats.count(letter.applications))}
      ${row(
        words.application,
        letter.application === undefined ? "–" : html`<span class="font-monospace">${letter.application}</span>`,
      )}
      ${row(texts.benefit, letter.benefit ?? "–")}
      ${row(texts.channel, texts.channelNames[letter.channel])}
      ${row(words.received, letter.received_at === undefined ? "–" : time(context, letter.received_at))}
      ${row(words.arrived, time(context, letter.arrived_at))}
      ${letter.before === undefined
        ? nothing
        : row(words.before, html`<a href=${`#letters/${letter.before}`}>${words.beforeLink}</a>`)}
      ${letter.after === undefined
        ? nothing
        : row(words.after, html`<a href=${`#letters/${letter.after}`}>${words.afterLink}</a>`)}
      ${letter.job === undefined
        ? nothing
        : row(words.job, html`<a href=${`#letters/jobs/${letter.job}`}>${words.jobLink}</a>`)}
    </dl>
    ${changeLine(context, letter.changed)}`;
}

function actionsView(context: Context, letter: Letter, actions: DetailActions): TemplateResult | typeof nothing {
  const words = context.texts.letters;
  if (letter.state !== "open") return nothing;
  return html`<p class="btn-group-actions">
    ${isRequeueable(letter)
      ? html`<button class="btn btn-primary" type="button" @click=${actions.requeue}>${words.requeue}</button>`
      : nothing}
    <button class="btn btn-outline-danger" type="button" @click=${actions.discard}>${words.discard}</button>
  </p>`;
}

function askView(context: Context, detail: DetailState, actions: DetailActions): TemplateResult {
  const { texts } = context;
  const words = texts.letters;
  const { length } = [...detail.reason.trim()];
  const isMissing = detail.isTried && (length < REASON_LENGTH.least || length > REASON_LENGTH.most);
  return html`<form
    class="console-form"
    novalidate
    @submit=${(event: Event) => {
      event.preventDefault();
      actions.read();
    }}
  >
    <p>${words.contentHidden}</p>
    <div role="alert">
      ${detail.trouble === "" ? nothing : html`<div class="callout danger"><p>${detail.trouble}</p></div>`}
    </div>
    <div class="form-group">
      <label class="form-label" for="read-reason">${words.readReason}</label>
      <p class="form-text" id="read-reason-help">${texts.step.reasonHelp(length, REASON_LENGTH.most)}</p>
      <textarea
        class="form-control"
        id="read-reason"
        rows="2"
        maxlength=${REASON_LENGTH.most}
        aria-describedby="read-reason-help read-reason-error"
        aria-invalid=${isMissing ? "true" : nothing}
        .value=${live(detail.reason)}
        @input=${(event: Event) => actions.reason((event.target as HTMLTextAreaElement).value)}
      ></textarea>
      <p class="invalid-feedback" id="read-reason-error">${isMissing ? texts.step.reasonMissing(REASON_LENGTH.least) : nothing}</p>
    </div>
    <button class="btn btn-outline-primary">${words.readContent}</button>
  </form>`;
}

function contentView(
  context: Context,
  detail: DetailState,
  letter: Letter,
  content: LetterContent,
  actions: DetailActions,
): TemplateResult {
  const words = context.texts.letters;
  if (content.text === undefined) {
    if (content.base64 === undefined) return html`<p>${words.gone}</p>`;
    return html`<p>${words.binary}</p>
      <pre class="receipt-text">${content.base64}</pre>`;
  }
  const text = detail.mended ?? pretty(content.text);
  const isChanged = detail.mended !== null && detail.mended !== pretty(content.text);
  const isMendable = letter.state === "open" && letter.source !== "conflict";
  if (!isMendable) return html`<pre class="receipt-text">${text}</pre>`;
  const problem = jsonProblem(text);
  return html`<form
    class="console-form mend"
    novalidate
    @submit=${(event: Event) => {
      event.preventDefault();
      actions.save();
    }}
  >
    <label class="form-label" for="mend-text">${words.mendLabel}</label>
    <p class="form-text" id="mend-help">${words.mendHelp}</p>
    <textarea
      class="form-control font-monospace"
      id="mend-text"
      rows="16"
      spellcheck="false"
      autocomplete="off"
      aria-describedby="mend-help mend-error"
      aria-invalid=${problem === "" ? nothing : "true"}
      .value=${live(text)}
      @input=${(event: Event) => actions.mend((event.target as HTMLTextAreaElement).value)}
    ></textarea>
    <p class="invalid-feedback" id="mend-error">${problem === "" ? nothing : words.notJson(problem)}</p>
    <p class="btn-group-actions">
      <button class="btn btn-primary" aria-disabled=${!isChanged || problem !== ""}>${words.mend}</button>
      <button class="btn btn-outline-primary" type="button" aria-disabled=${!isChanged} @click=${actions.undo}>
        ${words.undo}
      </button>
    </p>
  </form>`;
}
