/** A file on its way: progress, what to mend, the receipt. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Config } from "../../common/config.js";
import { dayAndTime, plainNumber } from "../../common/format.js";
import { icon } from "../../common/icon.js";
import type { BatchEnd } from "../answer.js";
import type { State, Work } from "../state.js";
import type { DeskTexts } from "../texts/it.js";
import type { Upload } from "../upload.js";
import { mistakes } from "./mistakes.js";
import type { Actions, PageTexts } from "./page.js";

type Uploading = Extract<Work, { is: "upload" }>;

/** Progress is said at most once for each so many hundredths of the file. */
const STEP = 10;

/** What a screen reader says: each change of what goes on, and each tenth of the file. */
export function announcement(config: Config, texts: PageTexts, { work }: State): string {
  if (work.is === "checking") return texts.checking("");
  if (work.is === "fault") return texts.faultTitle;
  if (work.is !== "upload") return "";
  const { upload } = work;
  const number = (value: number): string => plainNumber(value, config.language);
  if (upload.waiting !== null) return texts.waiting[upload.waiting];
  switch (upload.phase.is) {
    case "ready":
      return texts.checked(number(upload.plan.rows));
    case "done":
      return doneTitle(config, texts, upload.phase.end.accepted);
    case "sending": {
      const { rows } = upload.plan;
      const hundredth = Math.floor((upload.answered * 100) / rows / STEP) * STEP;
      return texts.said(number(Math.floor((rows * hundredth) / 100)), number(rows));
    }
    case "pausing":
      return texts.pausing;
    case "paused":
      return texts.paused;
    case "joining":
      return texts.joining;
    default:
      return "";
  }
}

export function uploadCard(
  config: Config,
  texts: PageTexts,
  state: State,
  work: Uploading,
  actions: Actions,
): TemplateResult {
  const { upload, name } = work;
  return html`<article class="it-card upload" aria-labelledby="work">
    <header>
      <h2 id="work" tabindex="-1">${icon(config, "file-csv", "sm")}${name}</h2>
      ${control(config, texts, upload, actions)}
    </header>
    ${upload.phase.is === "ready" ? nothing : figures(config, texts, work)}
    ${saying(config, texts, state, upload, actions)}
    ${mistakes(config, texts, state, upload, actions)}
  </article>`;
}

function control(
  config: Config,
  texts: DeskTexts,
  upload: Upload,
  actions: Actions,
): TemplateResult | typeof nothing {
  switch (upload.phase.is) {
    case "sending":
      return html`<button
        class="btn btn-outline-primary btn-sm"
        type="button"
        @click=${actions.pause}
      >
        ${icon(config, "pause", "sm")}${texts.pause}
      </button>`;
    case "paused":
    case "signed-out":
    case "closed":
      return html`<button class="btn btn-link btn-sm" type="button" @click=${actions.leave}>
        ${texts.leave}
      </button>`;
    default:
      return nothing;
  }
}

function figures(config: Config, texts: DeskTexts, { upload, pace }: Uploading): TemplateResult {
  const { rows } = upload.plan;
  const number = (value: number): string => plainNumber(value, config.language);
  const isSending = upload.phase.is === "sending";
  const aSecond = pace.rowsASecond;
  return html`<progress
      class="progress-bar"
      max=${rows}
      value=${upload.answered}
      aria-label=${texts.progress}
    ></progress>
    <dl class="figures">
      <div>
        <dt>${texts.ofRows(number(rows))}</dt>
        <dd>${number(upload.answered)}</dd>
      </div>
      <div>
        <dt>${texts.accepted}</dt>
        <dd>${number(upload.accepted)}</dd>
      </div>
      <div>
        <dt>${texts.toMend}</dt>
        <dd>${number(upload.refused)}</dd>
      </div>
      ${
        isSending
          ? html`<div>
              <dt>${texts.timeLeft}</dt>
              <dd>${duration(texts, number, pace.secondsFor(rows - upload.answered))}</dd>
            </div>`
          : nothing
      }
    </dl>
    ${
      isSending
        ? html`<p class="small text-secondary">
            ${texts.pace(aSecond === null ? texts.unknown : number(Math.round(aSecond)))}
          </p>`
        : nothing
    }`;
}

function duration(
  texts: DeskTexts,
  number: (value: number) => string,
  seconds: number | null,
): TemplateResult {
  if (seconds === null || seconds > 86_400) return html`${texts.unknown}`;
  if (seconds < 100) return html`${number(seconds)} <small>${texts.seconds}</small>`;
  if (seconds < 6000)
    return html`${number(Math.ceil(seconds / 60))} <small>${texts.minutes}</small>`;
  return html`${number(Math.ceil(seconds / 3600))} <small>${texts.hours}</small>`;
}

/** What goes on, and the one thing to do. */
function saying(
  config: Config,
  texts: PageTexts,
  state: State,
  upload: Upload,
  actions: Actions,
): TemplateResult | typeof nothing {
  const { phase } = upload;
  switch (phase.is) {
    case "ready":
      return ready(config, texts, state, upload, actions);
    case "sending":
      return upload.waiting === null ? nothing : waiting(texts.waiting[upload.waiting]);
    case "pausing":
      return html`<p>${texts.pausing}</p>`;
    case "paused":
      return html`<div class="callout"><p>${texts.paused}</p></div>
        ${button(texts.resume, actions.send)}`;
    case "signed-out":
      return html`<div class="callout" role="alert"><p>${texts.signedOut}</p></div>
        ${button(texts.signIn, actions.signIn)}`;
    case "closed": {
      const words =
        phase.opensAt === null
          ? texts.closed
          : texts.closedUntil(dayAndTime(phase.opensAt, config.language));
      return html`<div class="callout">
          <p class="callout-title">${icon(config, "clock")}${texts.closedTitle}</p>
          <p>${words}</p>
        </div>
        ${button(texts.retry, actions.send)}`;
    }
    case "refused":
      return refused(config, texts, upload, actions);
    case "unreadable":
      return html`<div class="callout warning" role="alert"><p>${texts.unreadable}</p></div>`;
    case "joining":
      return upload.waiting === null
        ? html`<p>${texts.joining}</p>`
        : waiting(texts.waiting[upload.waiting]);
    case "done":
      return done(config, texts, phase.end, actions);
  }
}

function done(
  config: Config,
  texts: DeskTexts,
  { accepted, refused, receipt, id }: BatchEnd,
  actions: Actions,
): TemplateResult {
  const number = (value: number): string => plainNumber(value, config.language);
  const [kind, mark] = accepted === 0 ? ["warning", "warning-circle"] : ["success", "check-circle"];
  return html`<div class=${`callout ${kind}`}>
      <p class="callout-title">${icon(config, mark)}${doneTitle(config, texts, accepted)}</p>
      <p>${refused === 0 ? texts.doneClean : texts.doneErrors(number(refused))}</p>
    </div>
    <p class="btn-group-actions">
      ${download(config, texts.receipts, actions.downloadReceipts)}
      ${download(config, texts.receipt, () => actions.downloadReceipt(receipt, id))}
    </p>`;
}

function doneTitle(config: Config, texts: DeskTexts, accepted: number): string {
  return accepted === 0 ? texts.doneNone : texts.doneTitle(plainNumber(accepted, config.language));
}

function waiting(words: string): TemplateResult {
  return html`<div class="callout"><p>${words}</p></div>`;
}

function download(config: Config, words: string, run: () => void): TemplateResult {
  return html`<button class="btn btn-link" type="button" @click=${run}>
    ${icon(config, "download", "sm")}${words}
  </button>`;
}

function button(words: string, run: () => void): TemplateResult {
  return html`<p class="btn-group-actions">
    <button class="btn btn-primary" type="button" @click=${run}>${words}</button>
  </p>`;
}

function ready(
  config: Config,
  texts: DeskTexts,
  { isSignedIn }: State,
  { plan, remembered }: Upload,
  actions: Actions,
): TemplateResult {
  const number = (value: number): string => plainNumber(value, config.language);
  const rows = number(plan.rows);
  const words = remembered > 0 ? texts.again(number(remembered), rows) : texts.checkedText;
  const send = remembered > 0 ? texts.goOn : texts.send(rows);
  return html`<div class="callout success">
      <p class="callout-title">${icon(config, "check-circle")}${texts.checked(rows)}</p>
      <p>${words}</p>
    </div>
    ${isSignedIn ? button(send, actions.send) : button(texts.signInToSend, actions.signIn)}`;
}

function refused(
  config: Config,
  texts: DeskTexts,
  { phase }: Upload,
  actions: Actions,
): TemplateResult {
  if (phase.is !== "refused") return html``;
  const { name, detail, title, violations } = phase.problem;
  const words = name === "role-not-allowed" ? texts.wrongRole : detail || title;
  return html`<div class="callout warning" role="alert">
      <p class="callout-title">${icon(config, "warning-circle")}${texts.refusedTitle}</p>
      <p>${words}</p>
      ${
        violations.length === 0
          ? nothing
          : html`<ul>
              ${violations.map(({ message }) => html`<li>${message}</li>`)}
            </ul>`
      }
    </div>
    ${button(texts.retry, actions.send)}`;
}
