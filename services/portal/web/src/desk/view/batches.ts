/** The batches of this device: counts, rows with an outcome, receipts. */

import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Config } from "../../common/config.js";
import { exactTime, plainNumber } from "../../common/format.js";
import { icon } from "../../common/icon.js";
import { type BatchCounts, type Outcome, OUTCOMES } from "../client.js";
import { DAYS } from "../memory.js";
import { BATCH_FILTERS, type BatchCard, type BatchFilter, kindOfBatch, type Listing, type State } from "../state.js";
import type { DeskTexts } from "../texts/it.js";
import type { Actions } from "./page.js";
import { rowsTable } from "./rows_table.js";

export function batches(
  config: Config,
  texts: DeskTexts,
  state: State,
  actions: Actions,
): TemplateResult {
  const days = plainNumber(DAYS, config.language);
  const current = state.work.is === "upload" ? state.work.upload : null;
  // the file on the desk shows itself until it is done
  const cards = state.cards.filter(
    ({ batch }) =>
      current === null || current.phase.is === "done" || batch.digest !== current.plan.digest,
  );
  const shown = cards.filter(({ batch }) => ["all", kindOfBatch(batch)].includes(state.shown));
  return html`<h2>${texts.batchesTitle}</h2>
    <p class="text-secondary">${texts.batchesText(days)}</p>
    ${cards.length > 1 ? batchFilters(texts, state, cards, actions) : nothing}
    ${cards.length === 0 ? html`<p>${texts.noBatches}</p>` : nothing}
    ${cards.length > 0 && shown.length === 0 ? html`<p role="status">${texts.noSuchBatch}</p>` : nothing}
    <ul class="it-card-list">
      ${repeat(
        shown,
        ({ batch }) => batch.digest,
        (card) => html`<li>${batchCard(config, texts, state, card, actions)}</li>`,
      )}
    </ul>`;
}

/** Only what there is can be chosen. */
function batchFilters(
  texts: DeskTexts,
  state: State,
  cards: readonly BatchCard[],
  actions: Actions,
): TemplateResult {
  const kinds = new Set<BatchFilter>(["all", state.shown, ...cards.map(({ batch }) => kindOfBatch(batch))]);
  const chosen = BATCH_FILTERS.filter((filter) => kinds.has(filter));
  return html`<div class="choices" role="group" aria-label=${texts.filterBatches}>
    ${chosen.map((filter) =>
      choice(texts.batchFilters[filter], state.shown === filter, () => actions.filter(filter)),
    )}
  </div>`;
}

function choice(words: string, isChosen: boolean, run: () => void): TemplateResult {
  return html`<button
    class=${`btn btn-sm ${isChosen ? "btn-primary" : "btn-outline-primary"}`}
    type="button"
    aria-pressed=${isChosen ? "true" : "false"}
    @click=${run}
  >
    ${words}
  </button>`;
}

function batchCard(
  config: Config,
  texts: DeskTexts,
  state: State,
  card: BatchCard,
  actions: Actions,
): TemplateResult {
  const { batch } = card;
  const number = (value: number): string => plainNumber(value, config.language);
  const isWhole = batch.receipt !== "";
  const title = `batch-${batch.digest}`;
  return html`<article class="it-card upload" aria-labelledby=${title}>
    <header>
      <h3 id=${title}>
        ${texts.batchOf(exactTime(new Date(batch.startedAt).toISOString(), config.language))}
      </h3>
      <span class=${`status ${isWhole ? "status-success" : "status-warning"}`}>
        ${isWhole ? texts.finished : texts.unfinished}
      </span>
    </header>
    <p class="meta">
      <span>${texts.rowsCount(number(batch.rows))}</span>
      ${
        isWhole
          ? html`<span>${number(batch.accepted)} ${texts.accepted}</span>
              <span>${number(batch.refused)} ${texts.toMend}</span>`
          : nothing
      }
    </p>
    ${isWhole ? nothing : html`<p class="mt">${texts.unfinishedText}</p>`}
    ${card.counts === null ? nothing : counts(config, texts, card, card.counts, actions)}
    ${reading(texts, card)} ${buttons(config, texts, state, card, actions)}
  </article>`;
}

function reading(texts: DeskTexts, { reading }: BatchCard): TemplateResult {
  const words = {
    no: "",
    loading: texts.looking,
    away: texts.lookAway,
    "not-found": texts.notFound,
  };
  return html`<p class="text-secondary mb-0" role="status">${words[reading]}</p>`;
}

function buttons(
  config: Config,
  texts: DeskTexts,
  state: State,
  { batch, counts }: BatchCard,
  actions: Actions,
): TemplateResult {
  const canLook = batch.id !== "";
  return html`<p class="btn-group-actions">
    ${
      !canLook
        ? nothing
        : state.isSignedIn
          ? html`<button
              class="btn btn-outline-primary btn-sm"
              type="button"
              @click=${() => actions.look(batch.digest)}
            >
              ${counts === null ? texts.look : texts.lookAgain}
            </button>`
          : html`<span>${texts.signInToLook}</span>`
    }
    ${canLook ? download(config, texts.receipts, () => actions.downloadReceiptsOf(batch.digest)) : nothing}
    ${
      batch.receipt === ""
        ? nothing
        : download(config, texts.receipt, () => actions.downloadReceipt(batch.receipt, batch.id))
    }
    <button class="btn btn-link btn-sm" type="button" @click=${() => actions.forget(batch.digest)}>
      ${texts.forget}
    </button>
  </p>`;
}

function download(config: Config, words: string, run: () => void): TemplateResult {
  return html`<button class="btn btn-link btn-sm" type="button" @click=${run}>
    ${icon(config, "download", "sm")}${words}
  </button>`;
}

function counts(
  config: Config,
  texts: DeskTexts,
  card: BatchCard,
  found: BatchCounts,
  actions: Actions,
): TemplateResult {
  const number = (value: number): string => plainNumber(value, config.language);
  const figures: readonly (readonly [string, number])[] = [
    ...(found.queued === undefined ? [] : [[texts.queued, found.queued] as const]),
    ...OUTCOMES.map((outcome) => [texts.outcomes[outcome], found[outcome]] as const),
    [texts.repeated, found.repeated],
    [texts.deadLettered, found.dead_lettered],
  ];
  // what stands is shown even where it is none
  const shown = figures.filter(([name, count]) => count > 0 || name === texts.outcomes.registered);
  return html`<dl class="figures">
      ${shown.map(
        ([name, count]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${number(count)}</dd>
          </div>`,
      )}
    </dl>
    ${filters(config, texts, card, found, actions)}`;
}

function filters(
  config: Config,
  texts: DeskTexts,
  { batch, listing }: BatchCard,
  found: BatchCounts,
  actions: Actions,
): TemplateResult | typeof nothing {
  const listed = OUTCOMES.filter((outcome) => outcome !== "registered" && found[outcome] > 0);
  if (listed.length === 0) return nothing;
  const outcomes = ["all", ...listed] as const;
  const words = (outcome: Outcome | "all"): string =>
    outcome === "all" ? texts.all : texts.outcomes[outcome];
  return html`<div class="choices" role="group" aria-label=${texts.filter}>
      <span>${texts.filter}:</span>
      ${outcomes.map((outcome) =>
        choice(words(outcome), listing?.outcome === outcome, () =>
          actions.list(batch.digest, outcome),
        ),
      )}
    </div>
    ${listing === null ? nothing : list(config, texts, batch.digest, listing, actions)}`;
}

function list(
  config: Config,
  texts: DeskTexts,
  digest: string,
  { outcome, rows, count }: Listing,
  actions: Actions,
): TemplateResult {
  if (rows === null) return html`<p class="mt" role="status">${texts.looking}</p>`;
  if (rows.length === 0) return html`<p class="mt" role="status">${texts.nothingListed}</p>`;
  const number = (value: number): string => plainNumber(value, config.language);
  const cells = rows.map(({ row, status, explanation }) => [
    { content: number(row) },
    { content: texts.outcomes[status] },
    { content: explanation },
  ]);
  return html`${rowsTable(texts.filter, [texts.row, texts.outcomeColumn, texts.explanation], cells)}
    ${count > rows.length ? html`<p class="small text-secondary">${texts.firstRows(number(rows.length))}</p>` : nothing}
    <p>${download(config, texts.downloadOutcomes, () => actions.downloadList(digest, outcome))}</p>`;
}
