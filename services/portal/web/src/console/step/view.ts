import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../../common/icon.js";
import type { Context } from "../context.js";
import { changeText } from "../view/parts.js";
import { REASON_LENGTH, type Step, type StepRequest, type Trouble } from "./step.js";

/** The dialog stands in the page always, so that the browser gives the focus back when it closes. */
export function stepView(context: Context, step: Step, signIn: () => void): TemplateResult {
  return html`<dialog
    id="step"
    class="step"
    aria-labelledby="step-title"
    @cancel=${(event: Event) => {
      event.preventDefault();
      step.close();
    }}
  >
    ${step.open === null ? nothing : content(context, step, signIn)}
  </dialog>`;
}

/** Opens or closes the dialog as the state says, and brings what went wrong into view. */
export function showStep(step: Step, before: Trouble | null): Trouble | null {
  const dialog = document.getElementById("step") as HTMLDialogElement | null;
  const trouble = step.open?.trouble ?? null;
  if (dialog === null) return null;
  if (trouble !== null && trouble !== before) dialog.querySelector("[role=alert]")?.scrollIntoView({ block: "nearest" });
  if (dialog.open === (step.open !== null)) return trouble;
  if (step.open === null) dialog.close();
  else {
    dialog.showModal();
    document.getElementById("step-title")?.focus();
  }
  return trouble;
}

function content(context: Context, step: Step, signIn: () => void): TemplateResult {
  const texts = context.texts.step;
  const open = step.open;
  if (open === null) return html``;
  const { request, isSending, isTried, reason, typed, trouble } = open;
  const missing = isTried ? step.missing : [];
  const found = trouble?.is === "conflict" ? (trouble.conflict.current ?? null) : null;
  const toType = wordsToType(context, request);
  const { length } = [...reason.trim()];
  const send = (event: Event): void => {
    event.preventDefault();
    void step.send();
  };
  return html`<form novalidate @submit=${send}>
    <h2 id="step-title" tabindex="-1">${request.title}</h2>
    <p class="step-lead">${texts.willHappen}</p>
    <ul class="step-effects">
      ${request.effects(found).map((effect) => html`<li>${effect}</li>`)}
    </ul>
    <div role="alert">${trouble === null ? nothing : troubleView(context, trouble, request.describe, signIn)}</div>
    <div class="form-group">
      <label class="form-label" for="step-reason">${texts.reason}</label>
      <p class="form-text" id="step-reason-help">${texts.reasonHelp(length, REASON_LENGTH.most)}</p>
      <textarea
        class="form-control"
        id="step-reason"
        rows="2"
        maxlength=${REASON_LENGTH.most}
        aria-describedby="step-reason-help step-reason-error"
        aria-invalid=${missing.includes("reason") ? "true" : nothing}
        .value=${live(reason)}
        @input=${(event: Event) => step.type({ reason: (event.target as HTMLTextAreaElement).value })}
      ></textarea>
      <p class="invalid-feedback" id="step-reason-error">${missing.includes("reason") ? texts.reasonMissing(REASON_LENGTH.least) : nothing}</p>
    </div>
    ${toType === null ? nothing : typedField(step, toType, typed, missing.includes("typed"))}
    <div class="step-actions">
      <button class=${`btn ${request.isDanger === true ? "btn-danger" : "btn-primary"}`} aria-disabled=${isSending}>
        ${isSending ? texts.sending : trouble?.is === "conflict" ? texts.allTheSame : request.act}
      </button>
      <button class="btn btn-outline-primary" type="button" @click=${() => step.close()}>${texts.cancel}</button>
    </div>
  </form>`;
}

interface WordsToType {
  readonly label: string;
  readonly help: string;
  readonly missing: string;
  readonly isNumber: boolean;
}

/** What is to be typed: a word, or the number where it is more than one. */
function wordsToType({ texts, formats }: Context, { count = 1, word }: StepRequest<unknown>): WordsToType | null {
  if (word === undefined && count <= 1) return null;
  const written = word ?? formats.count(count);
  return {
    label: word === undefined ? texts.step.count : texts.step.word,
    help: texts.step.countHelp(written),
    missing: texts.step.countMissing(written),
    isNumber: word === undefined,
  };
}

function typedField(step: Step, words: WordsToType, typed: string, isMissing: boolean): TemplateResult {
  return html`<div class="form-group">
    <label class="form-label" for="step-count">${words.label}</label>
    <p class="form-text" id="step-count-help">${words.help}</p>
    <input
      class=${words.isNumber ? "form-control form-control-short" : "form-control font-monospace"}
      id="step-count"
      inputmode=${words.isNumber ? "numeric" : "text"}
      autocapitalize="off"
      spellcheck="false"
      autocomplete="off"
      aria-describedby="step-count-help step-count-error"
      aria-invalid=${isMissing ? "true" : nothing}
      .value=${live(typed)}
      @input=${(event: Event) => step.type({ typed: (event.target as HTMLInputElement).value })}
    />
    <p class="invalid-feedback" id="step-count-error">${isMissing ? words.missing : nothing}</p>
  </div>`;
}

function troubleView(
  context: Context,
  trouble: Trouble,
  describe: ((current: unknown) => string) | undefined,
  signIn: () => void,
): TemplateResult {
  const texts = context.texts.step;
  switch (trouble.is) {
    case "conflict": {
      const { changed, current } = trouble.conflict;
      const now = current === undefined || describe === undefined ? "" : describe(current);
      return html`<div class="callout warning">
        <p class="callout-title">${icon(context.config, "warning-circle")}${texts.conflict}</p>
        ${changed === null ? nothing : html`<p>${changeText(context, changed)}</p>`}
        ${now === "" ? nothing : html`<p>${texts.thereNow} <strong>${now}</strong></p>`}
        <p>${texts.kept}</p>
      </div>`;
    }
    case "problem":
      return html`<div class="callout danger">
        <p class="callout-title">${icon(context.config, "error")}${texts.refused}</p>
        <p>${trouble.text}</p>
        ${trouble.details.length === 0
          ? nothing
          : html`<ul>
              ${trouble.details.map((detail) => html`<li>${detail}</li>`)}
            </ul>`}
      </div>`;
    case "silent":
      return html`<div class="callout warning">
        <p class="callout-title">${icon(context.config, "clock")}${texts.silentTitle}</p>
        <p>${texts.silent}</p>
      </div>`;
    case "signed-out":
      return html`<div class="callout warning">
        <p class="callout-title">${icon(context.config, "locked")}${context.texts.access.overTitle}</p>
        <p>${texts.signedOut}</p>
        <p><button class="btn btn-sm btn-primary" type="button" @click=${signIn}>${context.texts.access.again}</button></p>
      </div>`;
  }
}
