/** The whole page: the file on the left, the template beside it, the batches below. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Config } from "../../common/config.js";
import { icon } from "../../common/icon.js";
import type { CommonTexts } from "../../common/texts/it.js";
import type { Outcome } from "../client.js";
import type { BatchFilter, State } from "../state.js";
import type { DeskTexts } from "../texts/it.js";
import { batches } from "./batches.js";
import { checking, dropZone } from "./drop.js";
import { faultCard } from "./fault.js";
import { templateCard } from "./template.js";
import { announcement, uploadCard } from "./upload.js";

export interface PageTexts extends DeskTexts {
  readonly common: CommonTexts;
}

export interface Actions {
  readonly signIn: () => void;
  readonly choose: (files: FileList | null) => void;
  readonly drag: (isDragging: boolean) => void;
  readonly pick: (benefit: string, category: string) => void;
  readonly send: () => void;
  readonly pause: () => void;
  readonly leave: () => void;
  readonly downloadRows: () => void;
  readonly downloadMessages: () => void;
  /** The receipt of the batch. */
  readonly downloadReceipt: (receipt: string, id: string) => void;
  /** The receipts of the rows of the file on the desk. */
  readonly downloadReceipts: () => void;
  readonly downloadReceiptsOf: (digest: string) => void;
  readonly look: (digest: string) => void;
  readonly list: (digest: string, outcome: Outcome | "all") => void;
  readonly downloadList: (digest: string, outcome: Outcome | "all") => void;
  readonly forget: (digest: string) => void;
  readonly filter: (shown: BatchFilter) => void;
}

export function view(
  config: Config,
  texts: PageTexts,
  state: State,
  actions: Actions,
): TemplateResult {
  return html`
    <p class="visually-hidden" role="status">${announcement(config, texts, state)}</p>
    <div class="layout-aside">
      <div>
        ${note(texts, state)} ${signIn(config, texts, state, actions)}
        ${work(config, texts, state, actions)}
      </div>
      <aside>${templateCard(config, texts, state, actions)}</aside>
      <div>${batches(config, texts, state, actions)}</div>
    </div>
  `;
}

function note(texts: PageTexts, state: State): TemplateResult {
  const words =
    state.note === "cannotSignIn" ? texts.common.cannotSignIn : state.note && texts[state.note];
  return html`<div role="alert">
    ${words === "" ? nothing : html`<div class="callout warning"><p>${words}</p></div>`}
  </div>`;
}

/** With a file on the desk its own card asks to sign in. */
function signIn(
  config: Config,
  texts: PageTexts,
  state: State,
  actions: Actions,
): TemplateResult | typeof nothing {
  if (state.isSignedIn || state.work.is !== "none") return nothing;
  return html`<div class="callout">
    <p class="callout-title">${icon(config, "user")}${texts.signInTitle}</p>
    <p>${texts.signInText}</p>
    <p>
      <button class="btn btn-primary" type="button" @click=${actions.signIn}>
        ${texts.signIn}
      </button>
    </p>
  </div>`;
}

function work(config: Config, texts: PageTexts, state: State, actions: Actions): TemplateResult {
  const { work } = state;
  switch (work.is) {
    case "none":
      return dropZone(config, texts, state, actions);
    case "checking":
      return checking(config, texts, work);
    case "fault":
      return html`${faultCard(config, texts, work)} ${dropZone(config, texts, state, actions)}`;
    case "upload": {
      const isFree = ["ready", "done", "refused", "unreadable"].includes(work.upload.phase.is);
      return html`${uploadCard(config, texts, state, work, actions)}
      ${isFree ? dropZone(config, texts, state, actions) : nothing}`;
    }
  }
}
