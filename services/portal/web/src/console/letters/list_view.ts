/** The list of dead letters: filters, cursor paging, and a selection that stays as it was made. */

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import { LETTER_STATES, MOST_LETTERS, type Letter, type LetterState } from "../api/decisions.js";
import type { Context } from "../context.js";
import { field, shortId, time } from "../view/parts.js";
import type { FilterDraft, ListState } from "./state.js";

export interface ListActions {
  readonly draft: (change: Partial<FilterDraft>) => void;
  readonly apply: () => void;
  readonly clear: () => void;
  readonly next: () => void;
  readonly previous: () => void;
  readonly toggle: (letter: Letter) => void;
  readonly togglePage: () => void;
  readonly unselect: () => void;
  readonly perSecond: (text: string) => void;
  readonly requeueSelected: () => void;
  readonly requeueFiltered: () => void;
}

const STATE_CLASS: Readonly<Record<LetterState, string>> = {
  open: "status-warning",
  requeue_asked: "status-primary status-next",
  sent: "status-primary",
  settled: "status-success",
  returned: "status-danger",
  discarded: "",
};

export function stateView(context: Context, state: LetterState): TemplateResult {
  return html`<span class=${`status ${STATE_CLASS[state]}`}>${context.texts.letters.states[state]}</span>`;
}

/** What can be requeued: an open letter, and not a conflict, which never stands. */
export function isRequeueable({ state, source }: Letter): boolean {
  return state === "open" && source !== "conflict";
}

export function listView(
  context: Context,
  list: ListState,
  benefits: readonly { readonly benefit: string; readonly title: string }[],
  actions: ListActions,
): TemplateResult {
  const { texts, formats } = context;
  const words = texts.letters;
  return html`${filterView(context, list.draft, benefits, actions)} ${bulkView(context, list, actions)}
    <div role="alert">
      ${list.trouble === "" ? nothing : html`<div class="callout warning"><p>${list.trouble}</p></div>`}
    </div>
    ${list.isAway ? html`<div class="callout warning"><p>${words.away}</p></div>` : nothing}
    ${list.page === null
      ? html`<p class="text-secondary">${texts.connecting}</p>`
      : list.page.items.length === 0
        ? html`<div class="callout success"><p>${words.none}</p></div>`
        : html`<p class="small text-secondary" id="letters-count">
              ${list.selected > MOST_LETTERS
                ? words.foundMore(formats.count(MOST_LETTERS))
                : words.found(list.selected, formats.count(list.selected))}
            </p>
            ${table(context, list, list.page.items, actions)} ${paging(context, list, actions)}`}`;
}

function filterView(
  context: Context,
  draft: FilterDraft,
  benefits: readonly { readonly benefit: string; readonly title: string }[],
  actions: ListActions,
): TemplateResult {
  const words = context.texts.letters;
  const select = (
    name: keyof FilterDraft,
    options: readonly { readonly value: string; readonly text: string }[],
  ): TemplateResult =>
    html`<select
      class="form-select"
      id=${`filter-${name}`}
      @change=${(event: Event) => actions.draft({ [name]: (event.target as HTMLSelectElement).value })}
    >
      <option value="" ?selected=${draft[name] === ""}>${words.any}</option>
      ${options.map(({ value, text }) => html`<option value=${value} ?selected=${draft[name] === value}>${text}</option>`)}
    </select>`;
  const input = (name: keyof FilterDraft, type: string): TemplateResult =>
    html`<input
      class="form-control"
      id=${`filter-${name}`}
      type=${type}
      autocomplete="off"
      spellcheck="false"
      .value=${live(draft[name])}
      @input=${(event: Event) => actions.draft({ [name]: (event.target as HTMLInputElement).value })}
    />`;
  return html`<form
    class="filters"
    role="search"
    aria-label=${words.filter}
    @submit=${(event: Event) => {
      event.preventDefault();
      actions.apply();
    }}
  >
    ${field("filter-state", words.state, select("state", LETTER_STATES.map((value) => ({ value, text: words.states[value] }))))}
    ${field("filter-reason", words.reason, select("reason", Object.entries(words.reasons).map(([value, text]) => ({ value, text }))))}
    ${field("filter-benefit", context.texts.benefit, select("benefit", benefits.map(({ benefit, title }) => ({ value: benefit, text: title }))))}
    ${field("filter-application", words.application, input("application", "text"))}
    ${field("filter-from", words.from, input("from", "datetime-local"))}
    ${field("filter-to", words.to, input("to", "datetime-local"))}
    <p class="filters-actions">
      <button class="btn btn-primary btn-sm">${words.apply}</button>
      <button class="btn btn-outline-primary btn-sm" type="button" @click=${actions.clear}>${words.clear}</button>
    </p>
  </form>`;
}

function bulkView(context: Context, list: ListState, actions: ListActions): TemplateResult | typeof nothing {
  const { texts, formats } = context;
  const words = texts.letters;
  const chosen = list.selection.items.length;
  const isFiltered = list.filter.state === "open" && list.filter.application === undefined &&
    list.selected > 1 && list.selected <= MOST_LETTERS;
  if (chosen === 0 && !isFiltered) return nothing;
  return html`<div class="bulk">
    ${chosen === 0
      ? nothing
      : html`<p>
          <strong>${words.chosen(chosen, formats.count(chosen))}</strong>
          <button class="btn btn-link btn-sm" type="button" @click=${actions.unselect}>${words.unselect}</button>
        </p>`}
    <div class="bulk-actions">
      ${chosen === 0
        ? nothing
        : html`<button class="btn btn-primary btn-sm" type="button" @click=${actions.requeueSelected}>
            ${words.requeueChosen(chosen, formats.count(chosen))}
          </button>`}
      ${isFiltered
        ? html`<button class="btn btn-outline-primary btn-sm" type="button" @click=${actions.requeueFiltered}>
            ${words.requeueFiltered(formats.count(list.selected))}
          </button>`
        : nothing}
      <label class="bulk-rate"
        ><span>${words.perSecond}</span>
        <input
          class="form-control"
          inputmode="numeric"
          autocomplete="off"
          .value=${live(list.perSecond)}
          @input=${(event: Event) => actions.perSecond((event.target as HTMLInputElement).value)}
      /></label>
    </div>
  </div>`;
}

function table(context: Context, list: ListState, letters: readonly Letter[], actions: ListActions): TemplateResult {
  const words = context.texts.letters;
  const choosable = letters.filter(isRequeueable);
  const isAll = choosable.length > 0 && choosable.every(({ letter }) => list.selection.has(letter));
  return html`<div class="table-responsive" tabindex="0" role="region" aria-label=${context.texts.nav.letters}>
    <table class="table table-wide letters" aria-describedby="letters-count">
      <thead>
        <tr>
          <th scope="col" class="box">
            <input
              type="checkbox"
              aria-label=${words.choosePage}
              ?disabled=${choosable.length === 0}
              .checked=${live(isAll)}
              @change=${actions.togglePage}
            />
          </th>
          <th scope="col" aria-sort="descending">${words.arrived}</th>
          <th scope="col">${words.reason}</th>
          <th scope="col">${context.texts.benefit}</th>
          <th scope="col">${words.application}</th>
          <th scope="col">${words.state}</th>
        </tr>
      </thead>
      <tbody>
        ${repeat(
          letters,
          ({ letter }) => letter,
          (letter) => row(context, list, letter, actions),
        )}
      </tbody>
    </table>
  </div>`;
}

function row(context: Context, list: ListState, letter: Letter, actions: ListActions): TemplateResult {
  const { texts } = context;
  const words = texts.letters;
  const id = letter.letter;
  const when = context.formats.time(letter.arrived_at);
  return html`<tr>
    <td class="box">
      <input
        type="checkbox"
        aria-label=${words.choose(when)}
        ?disabled=${!isRequeueable(letter)}
        .checked=${live(list.selection.has(id))}
        @change=${() => actions.toggle(letter)}
      />
    </td>
    <th scope="row"><a href=${`#letters/${id}`} id=${`letter-${id}`}>${time(context, letter.arrived_at)}</a></th>
    <td>${words.reasons[letter.reason] ?? letter.reason}</td>
    <td>
      ${letter.benefit ?? "–"}
      <div class="small text-secondary">${texts.channelNames[letter.channel]}</div>
    </td>
    <td>${letter.application === undefined ? "–" : shortId(letter.application)}</td>
    <td>${stateView(context, letter.state)}${letter.mended ? html` <span class="small">${words.mended}</span>` : nothing}</td>
  </tr>`;
}

function paging(context: Context, list: ListState, actions: ListActions): TemplateResult {
  const words = context.texts.letters;
  const button = (text: string, isThere: boolean, run: () => void): TemplateResult =>
    html`<button
      class="btn btn-outline-primary btn-sm"
      type="button"
      aria-disabled=${!isThere || list.isLoading}
      @click=${() => isThere && !list.isLoading && run()}
    >
      ${text}
    </button>`;
  return html`<nav class="paging" aria-label=${words.pages}>
    ${button(words.previous, list.cursors.length > 0, actions.previous)}
    ${button(words.next, list.page?.next !== undefined, actions.next)}
  </nav>`;
}
