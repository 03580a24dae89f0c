import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { icon } from "../../common/icon.js";
import type { Context } from "../context.js";
import { changeText } from "../view/parts.js";
import { REASON_LENGTH, type Step, type Trouble } from "./step.js";

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
  const count = request.count ?? 1;
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
    ${count > 1 ? countField(context, step, count, typed, missing.includes("count")) : nothing}
    <div class="step-actions">
      <button class=${`btn ${request.isDanger === true ? "btn-danger" : "btn-primary"}`} aria-disabled=${isSending}>
        ${isSending ? texts.sending : trouble?.is === "conflict" ? texts.allTheSame : request.act}
      </button>
      <button class="btn btn-outline-primary" type="button" @click=${() => step.close()}>${texts.cancel}</button>
    </div>
  </form>`;
}

function countField(
  context: Context,
  step: Step,
  count: number,
  typed: string,
  isMissing: boolean,
): TemplateResult {
  const texts = context.texts.step;
  const written = context.formats.count(count);
  return html`<div class="form-group">
    <label class="form-label" for="step-count">${texts.count}</label>
    <p class="form-text" id="step-count-help">${texts.countHelp(written)}</p>
    <input
      class="form-control form-control-short"
      id="step-count"
      inputmode="numeric"
      autocomplete="off"
      aria-describedby="step-count-help step-count-error"
      aria-invalid=${isMissing ? "true" : nothing}
      .value=${live(typed)}
      @input=${(event: Event) => step.type({ typed: (event.target as HTMLInputElement).value })}
    />
    <p class="invalid-feedback" id="step-count-error">${isMissing ? texts.countMissing(written) : nothing}</p>
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
