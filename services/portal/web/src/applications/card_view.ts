/** One application: its status in plain words, and behind that what can be looked up. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Config } from "../common/config.js";
import { euro, exactTime } from "../common/format.js";
import { icon } from "../common/icon.js";
import { applyPath, categoryTitle, formOf, ticketOf } from "./catalogue.js";
import { linesOf } from "./content.js";
import type { Access, ApplicationStatus, Content, Found, Page } from "./model.js";
import type { Card, Fetched } from "./state.js";
import type { ApplicationsTexts } from "./texts/it.js";
import { stands, timeline } from "./timeline.js";

export type Part = "found" | "content" | "accesses";

export interface Actions {
  /** Somebody wants to see this part. */
  readonly open: (id: string, part: Part) => void;
  readonly moreAccesses: (id: string) => void;
  /** Asks whether to withdraw it, or no longer. */
  readonly ask: (id: string, isAsking: boolean) => void;
  readonly withdraw: (id: string) => void;
}

const COLOURS: Readonly<Record<ApplicationStatus, string>> = {
  queued: "status-primary",
  registered: "status-success",
  reserve: "status-warning",
  duplicate: "",
  incompatible: "",
  refused: "",
  conflict: "",
  withdrawn: "",
};

export function cardView(config: Config, texts: ApplicationsTexts, card: Card, actions: Actions): TemplateResult {
  const { listed } = card;
  const { language } = config;
  return html`<article class="it-card application" aria-labelledby=${`title-${listed.id}`}>
    <header>
      <span class=${`status ${COLOURS[listed.status] ?? ""}`}>${texts.statuses[listed.status] ?? listed.status}</span>
      <h2 id=${`title-${listed.id}`} tabindex="-1">${card.benefit?.title[language] ?? listed.benefit}</h2>
      ${listed.category === undefined
        ? nothing
        : html`<p class="text-secondary">${categoryTitle(card.benefit, listed.category, language)}</p>`}
      <p class="meta">
        <strong>${texts.protocol(listed.protocol_number)}</strong>
        <span>${texts.receivedOn(exactTime(listed.received_at, language))}</span>
      </p>
      <p>${explanation(card, texts)}</p>
    </header>
    <div class="application-details">
      ${part("found", texts.history, card, texts, actions, (found) => history(config, texts, card, found))}
      ${part("content", texts.content, card, texts, actions, (content) => sent(config, texts, card, content))}
      ${part("accesses", texts.accesses, card, texts, actions, (page) =>
        accesses(config, texts, page, () => actions.moreAccesses(listed.id)),
      )}
    </div>
    ${footer(config, texts, card, actions)}
  </article>`;
}

function explanation({ found, listed }: Card, texts: ApplicationsTexts): string {
  const isKnown = typeof found === "object" && found !== null && found.explanation !== undefined;
  return (isKnown ? found.explanation : undefined) ?? texts.meanings[listed.status] ?? "";
}

function part<P extends Part>(
  name: P,
  title: string,
  card: Card,
  texts: ApplicationsTexts,
  actions: Actions,
  show: (value: Exclude<Card[P], null | "loading" | "away">) => TemplateResult,
): TemplateResult {
  const { id } = card.listed;
  const toggled = (event: Event): void => {
    if ((event.target as HTMLDetailsElement).open) actions.open(id, name);
  };
  const value: Fetched<unknown> = card[name];
  return html`<details @toggle=${toggled}>
    <summary>${title}</summary>
    <div aria-live="polite">
      ${value === null || value === "loading"
        ? html`<p class="text-secondary">${texts.detailsLoading}</p>`
        : value === "away"
          ? html`<p>
              ${texts.detailsAway}
              <button class="btn btn-link btn-sm" type="button" @click=${() => actions.open(id, name)}>
                ${texts.again}
              </button>
            </p>`
          : show(value as Exclude<Card[P], null | "loading" | "away">)}
    </div>
  </details>`;
}

function history(config: Config, texts: ApplicationsTexts, card: Card, found: Found): TemplateResult {
  const { language } = config;
  const ticket = ticketOf(card.benefit, found);
  return html`<ol class="timeline">
      ${timeline(found, texts).map(
        ({ title, at, text }) =>
          html`<li class=${at === undefined ? "" : "done"}>
            <span class="timeline-title">${title}</span>
            ${at === undefined ? nothing : html`<time datetime=${at}>${exactTime(at, language)}</time>`}
            ${text === undefined ? nothing : html`<p class="small">${text}</p>`}
          </li>`,
      )}
    </ol>
    ${ticket === undefined
      ? nothing
      : html`<p class="small mt">
          ${texts.ticket}: <span class="font-monospace">${ticket}</span>
        </p>`}`;
}

function sent(config: Config, texts: ApplicationsTexts, card: Card, content: Content): TemplateResult {
  const { language } = config;
  const form = formOf(card.benefit, content.category);
  const lines = linesOf(content, form, { language, texts });
  const { found } = card;
  const amount = typeof found === "object" && found !== null ? found.amount : undefined;
  return html`<dl class="definitions">
    ${lines.map(({ question, answer }) => html`<div><dt>${question}</dt><dd>${answer}</dd></div>`)}
    ${amount === undefined
      ? nothing
      : html`<div><dt>${texts.amount}</dt><dd>${euro(amount, language)}</dd></div>`}
  </dl>`;
}

function accesses(
  config: Config,
  texts: ApplicationsTexts,
  page: Page<Access>,
  more: () => void,
): TemplateResult {
  if (page.items.length === 0) return html`<p>${texts.noAccess}</p>`;
  return html`<p class="small text-secondary">${texts.accessesHelp}</p>
    <ul class="list-unstyled accesses">
      ${page.items.map(
        (access) =>
          html`<li>
            <strong>${texts.roles[access.role] ?? access.role}</strong>
            ${texts.operations[access.operation] ?? access.operation}
            <time class="small text-secondary" datetime=${access.at}>${exactTime(access.at, config.language)}</time>
            ${access.reason === undefined ? nothing : html`<span>${texts.reason}: «${access.reason}»</span>`}
          </li>`,
      )}
    </ul>
    ${page.next === undefined
      ? nothing
      : html`<button class="btn btn-link btn-sm" type="button" @click=${more}>${texts.more}</button>`}`;
}

function footer(
  config: Config,
  texts: ApplicationsTexts,
  card: Card,
  actions: Actions,
): TemplateResult | typeof nothing {
  const { id, status, benefit } = card.listed;
  if (status === "withdrawn" || status === "conflict") {
    if (card.benefit === null) return nothing;
    return html`<div class="application-actions">
      <a class="btn btn-outline-primary btn-sm" href=${applyPath(benefit, config.language)}>${texts.applyAgain}</a>
    </div>`;
  }
  if (!stands(status)) return nothing;
  switch (card.withdrawal) {
    case "no":
      return html`<div class="application-actions">
        <button class="btn btn-link btn-sm" type="button" id=${`withdraw-${id}`} @click=${() => actions.ask(id, true)}>
          ${texts.withdraw}
        </button>
      </div>`;
    case "sending":
      return html`<div class="application-actions"><p role="status">${texts.withdrawing}</p></div>`;
    case "sent":
      return html`<div class="callout success" role="status"><p>${texts.withdrawSent}</p></div>`;
    default:
      return question(config, texts, card, actions);
  }
}

/** The second step before a withdrawal, which is final. */
function question(config: Config, texts: ApplicationsTexts, card: Card, actions: Actions): TemplateResult {
  const { id, protocol_number: number } = card.listed;
  return html`<section class="callout warning" aria-labelledby=${`ask-${id}`}>
    <h3 class="callout-title" id=${`ask-${id}`} tabindex="-1">
      ${icon(config, "warning-circle")}${texts.withdrawTitle}
    </h3>
    <p>${texts.withdrawText(number)}</p>
    <div role="alert">${card.withdrawal === "failed" ? html`<p>${texts.withdrawFailed}</p>` : nothing}</div>
    <div class="btn-group-actions">
      <button class="btn btn-danger" type="button" @click=${() => actions.withdraw(id)}>${texts.withdrawYes}</button>
      <button class="btn btn-outline-primary" type="button" @click=${() => actions.ask(id, false)}>
        ${texts.withdrawNo}
      </button>
    </div>
  </section>`;
}
