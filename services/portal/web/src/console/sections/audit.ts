/** Who did what, when and why: it only grows. */

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { save } from "../../common/save.js";
import { query } from "../api/client.js";
import type { AuditEntry, Page } from "../api/decisions.js";
import type { Context, Section } from "../context.js";
import { fromRome } from "../formats.js";
import { field, time } from "../view/parts.js";

const PAGE = 50;

interface State {
  readonly items: readonly AuditEntry[] | null;
  readonly next: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly isAway: boolean;
}

export class AuditSection implements Section {
  readonly #context: Context;
  #state: State = { items: null, next: undefined, from: "", to: "", isAway: false };

  constructor(context: Context) {
    this.#context = context;
  }

  readonly enter = (): void => void this.#read();

  readonly view = (): TemplateResult => {
    const { texts } = this.#context;
    const { items, next, isAway } = this.#state;
    return html`<h2 class="visually-hidden">${texts.nav.audit}</h2>
      <p class="lead">${texts.audit.lead}</p>
      ${this.#filters()} ${isAway ? html`<div class="callout warning"><p>${texts.audit.away}</p></div>` : nothing}
      ${items === null
        ? html`<p class="text-secondary">${texts.connecting}</p>`
        : items.length === 0
          ? html`<p>${texts.audit.none}</p>`
          : this.#table(items)}
      ${next === undefined
        ? nothing
        : html`<button class="btn btn-outline-primary btn-sm" type="button" @click=${() => void this.#more()}>
            ${texts.more}
          </button>`}`;
  };

  get #range(): { from: string | undefined; to: string | undefined } {
    return { from: fromRome(this.#state.from) ?? undefined, to: fromRome(this.#state.to) ?? undefined };
  }

  async #read(): Promise<void> {
    const answer = await this.#page(undefined);
    if (answer === null) return this.#set({ isAway: true });
    this.#set({ items: answer.items, next: answer.next, isAway: false });
  }

  async #more(): Promise<void> {
    const answer = await this.#page(this.#state.next);
    if (answer === null) return this.#set({ isAway: true });
    this.#set({ items: [...(this.#state.items ?? []), ...answer.items], next: answer.next, isAway: false });
  }

  async #page(after: string | undefined): Promise<Page<AuditEntry> | null> {
    const path = `/v1/audit${query({ ...this.#range, limit: PAGE, after })}`;
    const answer = await this.#context.client.read<Page<AuditEntry>>(path);
    return answer.kind === "ok" ? answer.body : null;
  }

  #set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    this.#context.refresh();
  }

  #filters(): TemplateResult {
    const { texts } = this.#context;
    const input = (name: "from" | "to"): TemplateResult =>
      html`<input
        class="form-control"
        id=${`audit-${name}`}
        type="datetime-local"
        .value=${live(this.#state[name])}
        @input=${(event: Event) => this.#set({ [name]: (event.target as HTMLInputElement).value })}
      />`;
    return html`<form
      class="filters"
      role="search"
      aria-label=${texts.letters.filter}
      @submit=${(event: Event) => {
        event.preventDefault();
        void this.#read();
      }}
    >
      ${field("audit-from", texts.letters.from, input("from"))} ${field("audit-to", texts.letters.to, input("to"))}
      <p class="filters-actions">
        <button class="btn btn-primary btn-sm">${texts.letters.apply}</button>
        <button class="btn btn-outline-primary btn-sm" type="button" @click=${() => void this.#download()}>
          ${texts.audit.csv}
        </button>
      </p>
    </form>`;
  }

  #table(items: readonly AuditEntry[]): TemplateResult {
    const { texts, formats } = this.#context;
    const words = texts.audit;
    return html`<div class="table-responsive" tabindex="0" role="region" aria-label=${texts.nav.audit}>
      <table class="table table-wide audit">
        <thead>
          <tr>
            <th scope="col" aria-sort="descending">${words.at}</th>
            <th scope="col">${words.by}</th>
            <th scope="col">${words.action}</th>
            <th scope="col">${words.object}</th>
            <th scope="col" class="number">${words.count}</th>
            <th scope="col">${words.reason}</th>
          </tr>
        </thead>
        <tbody>
          ${items.map(
            (entry) =>
              html`<tr>
                <th scope="row">${time(this.#context, entry.at)}</th>
                <td>${entry.by}</td>
                <td>
                  ${words.actions[entry.action] ?? entry.action}
                  ${entry.value === undefined ? nothing : html`<div class="small text-secondary">${entry.value}</div>`}
                </td>
                <td class="font-monospace">${entry.object}</td>
                <td class="number">${formats.count(entry.count)}</td>
                <td>${entry.reason}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  async #download(): Promise<void> {
    const file = await this.#context.client.file(`/v1/audit.csv${query(this.#range)}`);
    if (file === null) return this.#set({ isAway: true });
    save(file, "audit.csv");
  }
}
