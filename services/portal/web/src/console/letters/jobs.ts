/** Reads the requeue jobs, and pauses, stops or goes on with one. */

import type { Job, JobLetter, JobState, Page } from "../api/decisions.js";
import { query } from "../api/client.js";
import type { Context } from "../context.js";
import type { JobsActions } from "./jobs_view.js";
import { type JobsState, NO_JOBS } from "./state.js";

const PAGE = 100;

export class Jobs {
  readonly #context: Context;
  state: JobsState = NO_JOBS;

  constructor(context: Context) {
    this.#context = context;
  }

  readonly actions: JobsActions = {
    set: (job, state) => this.#ask(job, state),
    show: (id) => void this.show(id),
    more: () => void this.#more(),
  };

  async read(): Promise<void> {
    const answer = await this.#context.client.read<{ items: readonly Job[] }>("/v1/requeue-jobs");
    if (answer.kind !== "ok") return;
    this.#set({ jobs: answer.body.items });
    const { shown, results } = this.state;
    // the first page again: its results change while the job runs
    if (shown !== null && (results?.items.length ?? 0) <= PAGE) await this.show(shown);
  }

  async show(id: string | null): Promise<void> {
    if (id !== this.state.shown) this.#set({ shown: id, results: null });
    if (id === null) return;
    const results = await this.#results(id, undefined);
    if (results !== null && this.state.shown === id) this.#set({ results });
  }

  async #more(): Promise<void> {
    const { shown, results } = this.state;
    if (shown === null || results?.next === undefined) return;
    const more = await this.#results(shown, results.next);
    if (more === null) return;
    this.#set({ results: { ...more, items: [...results.items, ...more.items] } });
  }

  async #results(id: string, after: string | undefined): Promise<Page<JobLetter> | null> {
    const path = `/v1/requeue-jobs/${encodeURIComponent(id)}/letters${query({ limit: PAGE, after })}`;
    const answer = await this.#context.client.read<Page<JobLetter>>(path);
    return answer.kind === "ok" ? answer.body : null;
  }

  #set(change: Partial<JobsState>): void {
    this.state = { ...this.state, ...change };
    this.#context.refresh();
  }

  #ask(job: Job, state: JobState): void {
    const { texts, formats } = this.#context;
    const words = texts.jobs;
    const waiting = formats.count(job.waiting);
    const effect = { running: words.effects.resume, paused: words.effects.pause, stopped: words.effects.stop, done: words.effects.stop };
    const act = { running: words.resume, paused: words.pause, stopped: words.stop, done: words.stop };
    this.#context.ask<Job>({
      title: act[state],
      effects: () => [effect[state](waiting), words.effects.sent(formats.count(job.letters - job.waiting))],
      act: act[state],
      isDanger: state === "stopped",
      method: "PUT",
      path: `/v1/requeue-jobs/${encodeURIComponent(job.job)}`,
      version: job.version,
      body: (reason) => ({ state, reason }),
      describe: (current) => words.states[(current as Job).state],
      done: () => void this.read(),
    });
  }
}
