/** Dead letters: the list, one letter, the jobs that requeue many. */

import { html, nothing, type TemplateResult } from "lit-html";
import { afterPaint } from "../../common/island.js";
import type { Context, Section } from "../context.js";
import { LetterDetail } from "../letters/detail.js";
import { detailView } from "../letters/detail_view.js";
import { Jobs } from "../letters/jobs.js";
import { jobsView } from "../letters/jobs_view.js";
import { LetterList } from "../letters/list.js";
import { listView } from "../letters/list_view.js";

const AGAIN_MS = 5_000;
const JOBS_AGAIN_MS = 2_000;

export class LettersSection implements Section {
  readonly #context: Context;
  readonly #list: LetterList;
  readonly #jobs: Jobs;
  #detail: LetterDetail | null = null;
  #place: "list" | "detail" | "jobs" = "list";
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(context: Context) {
    this.#context = context;
    this.#jobs = new Jobs(context);
    this.#list = new LetterList(context, (job) => {
      location.hash = `letters/jobs/${job.job}`;
    });
  }

  /** `rest`: nothing, `jobs`, `jobs/{id}` or the id of a letter. */
  readonly enter = (rest: string): void => {
    this.leave();
    const [first = "", second] = rest.split("/").map(decodeURIComponent);
    if (first === "jobs") return this.#enterJobs(second);
    if (first !== "") return this.#enterDetail(first);
    this.#place = "list";
    void this.#list.read();
    void this.#jobs.read();
    this.#again(() => this.#list.read(), AGAIN_MS);
  };

  readonly leave = (): void => clearInterval(this.#timer);

  readonly view = (): TemplateResult => {
    switch (this.#place) {
      case "list":
        return this.#listView();
      case "jobs":
        return jobsView(this.#context, this.#jobs.state, this.#jobs.actions);
      case "detail":
        return this.#detail === null
          ? html``
          : detailView(this.#context, this.#detail.state, this.#detail.actions);
    }
  };

  #again(read: () => Promise<void>, ms: number): void {
    this.#timer = setInterval(() => {
      if (document.visibilityState === "visible") void read();
    }, ms);
  }

  #enterJobs(id: string | undefined): void {
    this.#place = "jobs";
    void this.#jobs.show(id ?? null);
    void this.#jobs.read();
    this.#again(() => this.#jobs.read(), JOBS_AGAIN_MS);
    afterPaint(() => document.getElementById("jobs-title")?.focus());
  }

  /** A letter that was open before keeps what was typed into it. */
  #enterDetail(id: string): void {
    this.#place = "detail";
    if (this.#detail?.state.id !== id) this.#detail = new LetterDetail(this.#context, id);
    const detail = this.#detail;
    void detail?.read();
    this.#again(async () => detail?.read(), AGAIN_MS);
    afterPaint(() => document.getElementById("letter-title")?.focus());
  }

  #listView(): TemplateResult {
    const { texts, live } = this.#context;
    const jobs = this.#jobs.state.jobs ?? [];
    return html`<div class="section-head">
        <h2 class="visually-hidden">${texts.nav.letters}</h2>
        <p class="lead">${texts.letters.lead}</p>
        ${jobs.length === 0
          ? nothing
          : html`<a class="link-arrow" href="#letters/jobs">${texts.jobs.link(jobs.filter(({ state }) => state === "running").length)}</a>`}
      </div>
      ${listView(this.#context, this.#list.state, live.now?.benefits ?? [], this.#list.actions)}`;
  }
}
