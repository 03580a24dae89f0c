/** Reads the list of dead letters, and requeues many of them by a job. */

import type { Job, LetterFilter, LetterPage } from "../api/decisions.js";
import { query } from "../api/client.js";
import type { Context } from "../context.js";
import { fromRome } from "../formats.js";
import { added, NONE, removed, toggled } from "../selection.js";
import { isRequeueable, type ListActions } from "./list_view.js";
import { EMPTY_LIST, type FilterDraft, type ListState, OPEN_LETTERS } from "./state.js";

const PAGE = 50;
/** What one job takes by their ids; more only by filters. */
const MOST_CHOSEN = 1000;
const RATES = { least: 1, most: 1000 } as const;

export class LetterList {
  readonly #context: Context;
  /** Runs when a job was made. */
  readonly #made: (job: Job) => void;
  state: ListState = EMPTY_LIST;

  constructor(context: Context, made: (job: Job) => void) {
    this.#context = context;
    this.#made = made;
  }

  readonly actions: ListActions = {
    draft: (change) => this.#set({ draft: { ...this.state.draft, ...change } }),
    apply: () => this.#apply(this.state.draft),
    clear: () => this.#apply(OPEN_LETTERS),
    next: () => this.#turn([...this.state.cursors, this.state.page?.next ?? ""]),
    previous: () => this.#turn(this.state.cursors.slice(0, -1)),
    toggle: ({ letter, version }) => this.#set({ selection: toggled(this.state.selection, { letter, version }) }),
    togglePage: () => this.#togglePage(),
    unselect: () => this.#set({ selection: NONE }),
    perSecond: (perSecond) => this.#set({ perSecond }),
    requeueSelected: () => this.#requeueSelected(),
    requeueFiltered: () => this.#requeueFiltered(),
  };

  async read(): Promise<void> {
    this.#set({ isLoading: true });
    const { filter, cursors } = this.state;
    const after = cursors.at(-1);
    const answer = await this.#context.client.read<LetterPage>(
      `/v1/dead-letters${query({ ...filter, limit: PAGE, after })}`,
    );
    if (filter !== this.state.filter || cursors !== this.state.cursors) return;
    if (answer.kind !== "ok") return this.#set({ isLoading: false, isAway: true });
    this.#set({ isLoading: false, isAway: false, page: answer.body, selected: answer.body.selected });
  }

  #set(change: Partial<ListState>): void {
    this.state = { ...this.state, ...change };
    this.#context.refresh();
  }

  #apply(draft: FilterDraft): void {
    this.#set({ trouble: "", draft, filter: filterOf(draft), cursors: [] });
    void this.read();
  }

  #turn(cursors: readonly string[]): void {
    this.#set({ cursors });
    void this.read();
  }

  #togglePage(): void {
    const letters = (this.state.page?.items ?? []).filter(isRequeueable);
    const { selection } = this.state;
    const isAll = letters.every(({ letter }) => selection.has(letter));
    this.#set({ selection: isAll ? removed(selection, letters) : added(selection, letters) });
  }

  get #rate(): number {
    const typed = Math.round(Number(this.state.perSecond));
    return typed >= RATES.least && typed <= RATES.most ? typed : 50;
  }

  #requeueSelected(): void {
    const { items } = this.state.selection;
    const { texts, formats } = this.#context;
    if (items.length > MOST_CHOSEN) {
      return this.#set({ trouble: texts.letters.tooMany(formats.count(MOST_CHOSEN)) });
    }
    this.#requeueMany({ letters: items }, items.length);
  }

  #requeueFiltered(): void {
    const { state: _, application: __, ...filter } = this.state.filter;
    this.#requeueMany({ filter }, this.state.selected);
  }

  #requeueMany(which: unknown, count: number): void {
    const { texts, formats } = this.#context;
    const words = texts.letters;
    const rate = this.#rate;
    this.#context.ask<Job>({
      title: words.requeueTitle(count, formats.count(count)),
      effects: () => [
        words.effects.many(formats.count(count)),
        words.effects.canary(formats.count(rate)),
        words.effects.lasts(formats.span(Math.max(1, (count - 11) / rate))),
        words.effects.once,
      ],
      act: words.requeue,
      count,
      method: "POST",
      path: "/v1/requeue-jobs",
      version: null,
      body: (reason) => ({ which, count, per_second: rate, reason }),
      done: (job) => {
        this.#set({ selection: NONE });
        this.#made(job);
        void this.read();
      },
    });
  }
}

function filterOf(draft: FilterDraft): LetterFilter {
  const given = {
    state: draft.state || undefined,
    reason: draft.reason || undefined,
    benefit: draft.benefit || undefined,
    application: draft.application.trim() || undefined,
    from: fromRome(draft.from) ?? undefined,
    to: fromRome(draft.to) ?? undefined,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as LetterFilter;
}
