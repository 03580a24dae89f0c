/** Esito: the receipt, which says *safe*, and what happens next. */

import { type TemplateResult, html, nothing, svg } from "lit-html";
import { icon } from "../../common/icon.js";
import { dayAndTime, exactTime } from "../../common/format.js";
import type { Form } from "../form.js";
import type { Sent } from "../model.js";
import type { Drawn, Qr } from "../qr.js";

export interface OutcomeActions {
  readonly copy: () => void;
  readonly download: () => void;
  /** Only where the benefit allows several applications. */
  readonly another: (() => void) | null;
  readonly copied: boolean;
}

export function outcome(
  form: Form,
  sent: Sent,
  qr: Drawn,
  actions: OutcomeActions,
): TemplateResult {
  const { texts, language, config } = form.model;
  return html`${
    sent.replaces === true
      ? html`<div class="callout" role="status"><p>${texts.replacesReceipt}</p></div>`
      : nothing
  }<article class="receipt">
      <header class="receipt-header">
        <span class="receipt-mark">${icon(config, "check")}</span>
        <h1 tabindex="-1">${texts.receiptTitle}</h1>
        <p>${texts.received(exactTime(sent.received_at, language))}</p>
      </header>
      <div class="receipt-body">
        <div>
          <dl class="definitions">
            <div><dt>${texts.benefit}</dt><dd>${sent.title[language]}</dd></div>
            <div><dt>${texts.number}</dt><dd class="receipt-number">
              <span class="font-monospace">${sent.id}</span>
              <button class="btn btn-link btn-sm no-print" type="button" @click=${actions.copy}>
                ${icon(config, "copy", "sm")}<span role="status">${actions.copied ? texts.copied : texts.copy}</span>
              </button>
            </dd></div>
            ${sent.protocol === undefined ? nothing : html`<div><dt>${texts.protocol}</dt><dd>${sent.protocol}</dd></div>`}
          </dl>
          <p class="mt">${texts.keepReceipt}</p>
        </div>
        ${qr === "missing" ? missing(form) : code(qr, texts.qr)}
        <div class="receipt-actions no-print">
          ${
            qr === "missing"
              ? nothing
              : html`<button class="btn btn-primary" type="button" @click=${actions.download}>${icon(config, "download")}${texts.download}</button>`
          }
          <button class="btn btn-outline-primary" type="button" @click=${() => print()}>${icon(config, "print")}${texts.print}</button>
        </div>
      </div>
      ${next(form, sent)}
    </article>
    ${warnings(form, sent)}
    <details class="mt no-print"><summary>${texts.receiptAsText}</summary><p class="receipt-text font-monospace">${sent.receipt}</p></details>
    <p class="mt no-print">
      <a class="link-arrow" href=${config.paths.applications ?? "/"}>${texts.myApplications}${icon(config, "arrow-right", "sm")}</a>
    </p>
    ${
      actions.another === null
        ? nothing
        : html`<p class="no-print">
      <button type="button" class="btn btn-link" @click=${actions.another}>${texts.anotherOne}</button>
    </p>`
    }`;
}

function code(qr: Qr | null, name: string): TemplateResult {
  return html`<figure class="receipt-qr">
    ${qr === null ? nothing : image(qr, name)}
    <figcaption>${name}</figcaption>
  </figure>`;
}

/** Without the code the receipt is valid all the same; the page of a newer build has it. */
function missing({ model: { texts } }: Form): TemplateResult {
  return html`<div class="callout warning no-print" role="status">
    <p>${texts.partsMissing}</p>
    <button class="btn btn-outline-primary btn-sm" type="button" @click=${() => location.reload()}>${texts.loadAgain}</button>
  </div>`;
}

function image({ size, path }: Qr, name: string): TemplateResult {
  return html`<svg viewBox=${`0 0 ${size} ${size}`} width=${2 * size} role="img" aria-label=${name}>
    ${svg`<path d=${path}></path>`}
  </svg>`;
}

function next(form: Form, sent: Sent): TemplateResult {
  const { texts, language } = form.model;
  const registered = sent.registered_at !== undefined;
  return html`<section class="receipt-next">
    <h2>${texts.whatNext}</h2>
    <ol class="timeline timeline-row">
      <li class="done"><span class="timeline-title">${texts.receivedStage}</span><time>${dayAndTime(sent.received_at, language)}</time></li>
      <li class=${registered ? "done" : "now"} aria-live="polite">
        <span class="timeline-title">${texts.registeredStage}</span>
        ${
          registered
            ? html`<p><strong>${texts.protocol} <span>${sent.protocol ?? ""}</span></strong></p>`
            : html`<p class="small">${texts.registeredSoon}</p>`
        }
      </li>
      <li class=${registered ? "now" : ""}><span class="timeline-title">${texts.outcomeStage}</span><p class="small">${texts.outcomeText}</p></li>
    </ol>
  </section>`;
}

function warnings(form: Form, sent: Sent): TemplateResult | typeof nothing {
  const { texts, config } = form.model;
  if (sent.warnings.length === 0) return nothing;
  return html`<div class="callout warning">
    <p class="callout-title">${icon(config, "info-circle")}${texts.warningsTitle}</p>
    <ul>${sent.warnings.map((warning) => html`<li>${warning}</li>`)}</ul>
    <p>${texts.warningsText}</p>
  </div>`;
}
