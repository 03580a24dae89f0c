/** The frame of the console: signing in, the connection, the open section, the second step. */

import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../../common/icon.js";
import type { Context, SectionName } from "../context.js";
import type { Step } from "../step/step.js";
import { stepView } from "../step/view.js";
import { time } from "./parts.js";

/** `over`: the token has ended while the console was open. */
export type Access = "starting" | "signed-out" | "failed" | "provider-away" | "not-allowed" | "over" | "in";

export interface PageView {
  readonly access: Access;
  /** Whether the popup for signing in again can be opened. */
  readonly canSignIn: boolean;
  readonly section: SectionName;
  readonly said: string;
  readonly step: Step;
  readonly signIn: () => void;
  readonly signInAgain: () => void;
}

export function page(context: Context, view: PageView, section: TemplateResult | null): TemplateResult {
  const { texts } = context;
  return html`
    <p class="visually-hidden" role="status" id="console-said">${view.said}</p>
    ${section === null
      ? html`<div class="page">
          <h1>${texts.title}</h1>
          ${door(context, view)}
        </div>`
      : html`<div class="console-top">
            <h1 id="console-title" tabindex="-1">${texts.nav[view.section]}</h1>
            ${clock(context)}
          </div>
          ${interruption(context, view)} ${section}`}
    ${stepView(context, view.step, view.signInAgain)}
  `;
}

/** What stands in place of the sections for somebody who is not signed in as an operator. */
function door(context: Context, view: PageView): TemplateResult {
  const words = context.texts.access;
  if (view.access === "starting") return html`<p class="text-secondary">${context.texts.connecting}</p>`;
  const why = {
    "signed-out": "",
    failed: words.failed,
    "provider-away": context.common.cannotSignIn,
    "not-allowed": words.notAllowed,
    starting: "",
    over: "",
    in: "",
  }[view.access];
  return html`<div role="alert">${why === "" ? nothing : html`<div class="callout warning"><p>${why}</p></div>`}</div>
    <p class="lead">${words.lead}</p>
    <p>
      <button class="btn btn-primary btn-lg" type="button" @click=${view.signIn}>
        ${icon(context.config, "user")}${words.signIn}
      </button>
    </p>`;
}

/** The instant of the numbers: it stands still where they do. */
function clock(context: Context): TemplateResult {
  const { now } = context.live;
  return html`<p class="console-clock">
    ${now === null ? "–" : html`<span>${context.texts.at}</span> ${time(context, now.at)}`}
  </p>`;
}

function interruption(context: Context, view: PageView): TemplateResult | typeof nothing {
  const { live, texts, config } = context;
  if (view.access === "over") {
    return html`<div class="callout warning" role="alert">
      <p class="callout-title">${icon(config, "locked")}${texts.access.overTitle}</p>
      <p>${texts.access.over}</p>
      <p>
        <button class="btn btn-primary btn-sm" type="button" aria-disabled=${!view.canSignIn} @click=${view.signInAgain}>
          ${texts.access.again}
        </button>
      </p>
    </div>`;
  }
  if (live.now === null ? live.link !== "interrupted" : !live.isStale) return nothing;
  return html`<div class="callout warning">
    <p class="callout-title">${icon(config, "clock")}${texts.interrupted}</p>
    <p>${texts.interruptedHelp}</p>
  </div>`;
}
