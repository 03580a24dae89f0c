import { type TemplateResult, html, nothing } from "lit-html";
import { icon } from "../../common/icon.js";
import type { Form } from "../form.js";

/** While the outcome is unknown: one calm sentence, said once. */
export function waiting(form: Form, signIn: () => void): TemplateResult {
  const { sending, texts, benefit, config, popupNote, replaces } = form.model;
  const cause = sending?.cause ?? null;
  const text =
    cause === null
      ? texts.sendingText
      : texts[cause === "unreachable" && !navigator.onLine ? "offline" : cause];
  const arrival = benefit.order.policy === "arrival";
  return html`<section class="waiting">
    <div class="waiting-bar" aria-hidden="true"></div>
    <h1 tabindex="-1">${texts.sendingTitle}</h1>
    ${replaces ? html`<p>${texts.sendsAnew}</p>` : nothing}
    <p role="status">${sending?.signedOut === true ? nothing : text}</p>
    ${
      sending?.signedOut === true
        ? html`<div class="callout warning">
      <p class="callout-title">${icon(config, "user")}${texts.signInAgainTitle}</p>
      <p>${texts.signInAgainText}</p>
      <p role="status">${popupNote === null ? nothing : texts[popupNote]}</p>
      <button class="btn btn-primary" type="button" @click=${signIn}>${texts.signIn}</button>
    </div>`
        : nothing
    }
    ${
      cause === null || sending?.signedOut === true
        ? nothing
        : html`<p>${texts.keepOpen}</p>
      <dl class="definitions">
        <div><dt>${texts.isItSent}</dt><dd>${texts.notYet}</dd></div>
        <div><dt>${texts.nextTry}</dt><dd>${texts.soon}</dd></div>
        <div><dt>${texts.doesOrderCount}</dt><dd>${arrival ? texts.orderCounts : texts.orderDoesNotCount}</dd></div>
      </dl>
      <p class="mt small text-secondary">${texts.afterReload}</p>`
    }
  </section>`;
}
