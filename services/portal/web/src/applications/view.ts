/** The page around the list: signing in, loading, away, none, the list. */

import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Config } from "../common/config.js";
import { icon } from "../common/icon.js";
import type { CommonTexts } from "../common/texts/it.js";
import { type Actions, cardView } from "./card_view.js";
import type { Phase, State } from "./state.js";
import type { ApplicationsTexts } from "./texts/it.js";

export interface PageActions extends Actions {
  readonly signIn: () => void;
  readonly refresh: () => void;
  readonly more: () => void;
}

export interface PageTexts extends ApplicationsTexts {
  readonly common: CommonTexts;
}

export function view(config: Config, texts: PageTexts, state: State, actions: PageActions): TemplateResult {
  return html`
    <p class="visually-hidden" role="status">${announcement(texts, state)}</p>
    ${middle(config, texts, state, actions)}
  `;
}

function announcement(texts: PageTexts, { phase, cards }: State): string {
  switch (phase.is) {
    case "loading":
      return texts.loading;
    case "away":
      return `${texts.awayTitle}. ${texts.away}`;
    case "list":
      return cards.length === 0 ? texts.none : texts.count(cards.length);
    case "signed-out":
      return "";
  }
}

function middle(config: Config, texts: PageTexts, state: State, actions: PageActions): TemplateResult {
  switch (state.phase.is) {
    case "signed-out":
      return signedOut(config, texts, state.phase, actions);
    case "loading":
      return html`<p class="text-secondary" aria-hidden="true">${texts.loading}</p>`;
    case "away":
      return html`<div class="callout">
        <p class="callout-title">${icon(config, "clock")}${texts.awayTitle}</p>
        <p>${texts.away}</p>
      </div>`;
    case "list":
      return state.cards.length === 0 ? none(config, texts, actions) : list(config, texts, state, actions);
  }
}

function signedOut(
  config: Config,
  texts: PageTexts,
  { why }: Extract<Phase, { is: "signed-out" }>,
  actions: PageActions,
): TemplateResult {
  const reasons = { "": "", failed: texts.signInFailed, over: texts.sessionOver, "provider-away": texts.common.cannotSignIn };
  return html`
    <div role="alert">
      ${why === "" ? nothing : html`<div class="callout"><p>${reasons[why]}</p></div>`}
    </div>
    <p class="btn-group-actions">
      <button class="btn btn-primary btn-lg" type="button" @click=${actions.signIn}>
        ${icon(config, "user")}${texts.signInWith}
      </button>
    </p>
  `;
}

function none(config: Config, texts: PageTexts, actions: PageActions): TemplateResult {
  return html`<div class="callout">
      <p class="callout-title">${icon(config, "inbox")}${texts.none}</p>
      <p>${texts.noneYet}</p>
    </div>
    <p class="btn-group-actions">
      <a class="btn btn-primary" href=${config.paths.home ?? "/"}>${texts.see}</a>
      <button class="btn btn-outline-primary" type="button" @click=${actions.refresh}>${texts.refresh}</button>
    </p>`;
}

function list(config: Config, texts: PageTexts, state: State, actions: PageActions): TemplateResult {
  return html`
    <ul class="it-card-list">
      ${repeat(
        state.cards,
        (card) => card.listed.id,
        (card) => html`<li>${cardView(config, texts, card, actions)}</li>`,
      )}
    </ul>
    ${state.next === undefined
      ? nothing
      : html`<p class="btn-group-actions">
          <button
            class="btn btn-outline-primary"
            type="button"
            aria-disabled=${state.isLoadingMore ? "true" : "false"}
            @click=${actions.more}
          >
            ${texts.more}
          </button>
        </p>`}
    <p class="small text-secondary mt">
      ${texts.noneYet}
      <button class="btn btn-link btn-sm" type="button" @click=${actions.refresh}>${texts.refresh}</button>
    </p>
  `;
}
