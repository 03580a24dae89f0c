/** A file on its way: progress, what to mend, the receipt. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Config } from "../../common/config.js";
import { dayAndTime, plainNumber } from "../../common/format.js";
import { icon } from "../../common/icon.js";
import type { RowError } from "../answer.js";
import type { State, Work } from "../state.js";
import type { DeskTexts } from "../texts/it.js";
import type { Upload } from "../upload.js";
import type { Actions, PageTexts } from "./page.js";

type Uploading = Extract<Work, { is: "upload" }>;

/** Most mistakes that are shown. */
const SHOWN = 100;
/** Progress is said at most once for each so many hundredths of the file. */
const STEP = 10;

/** What a screen reader says: each change of what goes on, and each tenth of the file. */
export function announcement(config: Config, texts: PageTexts, { work }: State): string {
  if (work.is === "checking") return texts.checking("");
  if (work.is !== "upload") return "";
  const { upload } = work;
  const number = (value: number): string => plainNumber(value, config.language);
  if (upload.waiting !== null) return texts.waiting[upload.waiting];
  switch (upload.phase.is) {
    case "sending": {
      const { rows } = upload.plan;
      const hundredth = Math.floor((upload.answered * 100) / rows / STEP) * STEP;
      return texts.said(number(Math.floor((rows * hundredth) / 100)), number(rows), number(upload.refused));
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
      return html`<button class="btn btn-outline-primary btn-sm" type="button" @click=${actions.pause}>
        ${icon(config, "pause", "sm")}${texts.pause}
      </button>`;
    case "paused":
    case "signed-out":
    case "closed":
      return html`<button class="btn btn-link btn-sm" type="button" @click=${actions.leave}>${texts.leave}</button>`;
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
      <div><dt>${texts.ofRows(number(rows))}</dt><dd>${number(upload.answered)}</dd></div>
      <div><dt>${texts.accepted}</dt><dd>${number(upload.accepted)}</dd></div>
      <div><dt>${texts.toMend}</dt><dd>${number(upload.refused)}</dd></div>
      ${isSending
        ? html`<div>
            <dt>${texts.timeLeft}</dt>
            <dd>${duration(texts, number, pace.secondsFor(rows - upload.answered))}</dd>
          </div>`
        : nothing}
    </dl>
    ${isSending
      ? html`<p class="small text-secondary">
          ${texts.pace(aSecond === null ? texts.unknown : number(Math.round(aSecond)))}
        </p>`
      : nothing}`;
}

function duration(
  texts: DeskTexts,
  number: (value: number) => string,
  seconds: number | null,
): TemplateResult {
  if (seconds === null || seconds > 86_400) return html`${texts.unknown}`;
  if (seconds < 100) return html`${number(seconds)} <small>${texts.seconds}</small>`;
  if (seconds < 6000) return html`${number(Math.ceil(seconds / 60))} <small>${texts.minutes}</small>`;
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
  const number = (value: number): string => plainNumber(value, config.language);
  switch (phase.is) {
    case "ready":
      return ready(config, texts, state, upload, actions);
    case "sending":
      return upload.waiting === null
        ? nothing
        : html`<div class="callout">
            <p>${texts.waiting[upload.waiting]}</p>
          </div>`;
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
        phase.opensAt === null ? texts.closed : texts.closedUntil(dayAndTime(phase.opensAt, config.language));
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
      return html`<p>${texts.joining}</p>`;
    case "done": {
      const { accepted, refused, receipt, id } = phase.end;
      return html`<div class="callout success">
          <p class="callout-title">${icon(config, "check-circle")}${texts.doneTitle(number(accepted))}</p>
          <p>${refused === 0 ? texts.doneClean : texts.doneErrors(number(refused))}</p>
        </div>
        <p>
          <button class="btn btn-link" type="button" @click=${() => actions.downloadReceipt(receipt, id)}>
            ${icon(config, "download", "sm")}${texts.receipt}
          </button>
        </p>`;
    }
  }
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

function refused(config: Config, texts: DeskTexts, { phase }: Upload, actions: Actions): TemplateResult {
  if (phase.is !== "refused") return html``;
  const { name, detail, title, violations } = phase.problem;
  const words = name === "role-not-allowed" ? texts.wrongRole : detail || title;
  return html`<div class="callout warning" role="alert">
      <p class="callout-title">${icon(config, "warning-circle")}${texts.refusedTitle}</p>
      <p>${words}</p>
      ${violations.length === 0
        ? nothing
        : html`<ul>
            ${violations.map(({ message }) => html`<li>${message}</li>`)}
          </ul>`}
    </div>
    ${button(texts.retry, actions.send)}`;
}

/** The first mistakes as a table, and all of them as files. */
function mistakes(
  config: Config,
  texts: DeskTexts,
  { isPreparing }: State,
  upload: Upload,
  actions: Actions,
): TemplateResult | typeof nothing {
  const shown = first(upload.errors(), SHOWN + 1);
  if (shown.length === 0) return nothing;
  const isBusy = ["sending", "pausing", "joining"].includes(upload.phase.is);
  return html`<h3 class="mt" id="mistakes">${texts.errorsTitle}</h3>
    ${table(config, texts, upload, shown.slice(0, SHOWN))}
    ${shown.length > SHOWN
      ? html`<p class="small text-secondary">${texts.firstOf(plainNumber(SHOWN, config.language))}</p>`
      : nothing}
    ${isBusy
      ? nothing
      : html`<p class="btn-group-actions">
          <button
            class="btn btn-primary"
            type="button"
            aria-disabled=${isPreparing ? "true" : "false"}
            @click=${actions.downloadRows}
          >
            ${icon(config, "download")}${isPreparing ? texts.preparing : texts.downloadRows}
          </button>
          <button class="btn btn-outline-primary" type="button" @click=${actions.downloadMessages}>
            ${texts.downloadMessages}
          </button>
        </p>`}`;
}

function table(config: Config, texts: DeskTexts, { plan }: Upload, errors: readonly RowError[]): TemplateResult {
  const row = (error: RowError): TemplateResult => html`<tr>
    <td>${plainNumber(plan.map.toSheet(error.row), config.language)}</td>
    <td class=${error.pointer === "" ? "" : "font-monospace"}>${error.pointer || texts.wholeRow}</td>
    <td>${error.message}</td>
  </tr>`;
  return html`<div class="table-responsive" tabindex="0" role="region" aria-labelledby="mistakes">
    <table class="table">
      <thead>
        <tr>
          <th scope="col">${texts.row}</th>
          <th scope="col">${texts.column}</th>
          <th scope="col">${texts.message}</th>
        </tr>
      </thead>
      <tbody>
        ${errors.map(row)}
      </tbody>
    </table>
  </div>`;
}

function first<T>(items: Iterable<T>, most: number): T[] {
  const found: T[] = [];
  for (const item of items) {
    if (found.length === most) break;
    found.push(item);
  }
  return found;
}
