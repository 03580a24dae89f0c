/** How many workers run, how many are wanted and why, and what operators set. */

import { html, type TemplateResult } from "lit-html";
import { known } from "../api/now.js";
import type { Manual, Target, Workers, WorkersSetting } from "../api/decisions.js";
import { Figure } from "../chart/figure.js";
import type { Context, Section } from "../context.js";
import { type Estimate, estimate, measured } from "../estimate.js";
import { workersChart } from "../view/workers_chart.js";
import { type Draft, draftOf, settingOf, workersForm } from "../view/workers_form.js";
import { workersNow } from "../view/workers_now.js";

const AGAIN_MS = 10_000;

export class WorkersSection implements Section {
  readonly #context: Context;
  readonly #figure: Figure;
  #workers: Workers | null = null;
  /** What the operator has changed in the form; `null` where the form says what is set. */
  #draft: Draft | null = null;
  #mistakes: readonly string[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(context: Context) {
    this.#context = context;
    this.#figure = new Figure(context, "figure-workers");
  }

  readonly enter = (): void => {
    clearInterval(this.#timer);
    void this.#read();
    this.#timer = setInterval(() => void this.#read(), AGAIN_MS);
  };

  readonly leave = (): void => {
    clearInterval(this.#timer);
    this.#figure.end();
  };

  readonly rendered = (): void => this.#figure.draw();

  readonly view = (): TemplateResult => {
    const { texts, live } = this.#context;
    const { now } = live;
    const workers = this.#workers;
    if (workers === null || now === null) return html`<p class="text-secondary">${texts.connecting}</p>`;
    return html`<h2 class="visually-hidden">${texts.nav.workers}</h2>
      <div class="two-columns">
        <div>${workersNow(this.#context, now, workers)} ${workersChart(this.#context, this.#figure)}</div>
        <div>
          ${workersForm(
            this.#context,
            workers,
            this.#draft ?? draftOf(workers),
            this.#mistakes,
            (change) => this.#change(change),
            () => this.#ask(),
          )}
        </div>
      </div>`;
  };

  async #read(): Promise<void> {
    const answer = await this.#context.client.read<Workers>("/v1/workers");
    if (answer.kind !== "ok") return;
    this.#workers = answer.body;
    this.#context.refresh();
  }

  #change(change: Partial<Draft>): void {
    if (this.#workers === null) return;
    this.#draft = { ...(this.#draft ?? draftOf(this.#workers)), ...change };
    this.#context.refresh();
  }

  #ask(): void {
    const workers = this.#workers;
    if (workers === null) return;
    const { texts } = this.#context;
    const read = settingOf(this.#draft ?? draftOf(workers), texts);
    this.#mistakes = read.mistakes;
    this.#context.refresh();
    const { setting } = read;
    if (setting === null) return void document.getElementById("workers-mistakes")?.focus();
    this.#context.ask<Workers>({
      title: texts.workers.stepTitle,
      effects: (found) => this.#effects((found as Workers | null) ?? workers, setting),
      act: texts.workers.set,
      method: "PUT",
      path: "/v1/workers",
      version: workers.version,
      body: (reason) => ({ ...setting, reason }),
      describe: (current) => this.#describe(current as WorkersSetting),
      done: (result) => {
        this.#workers = result;
        this.#draft = null;
        this.#context.refresh();
        this.#context.say(texts.workers.done);
      },
    });
  }

  #effects(before: Workers, after: WorkersSetting): string[] {
    const { texts, formats, live } = this.#context;
    const words = texts.workers.effects;
    const effects: string[] = [];
    const [was, is] = [this.#targetText(before.target), this.#targetText(after.target)];
    effects.push(was === is ? words.targetStays(is) : words.target(was, is));
    const running = known(live.now?.workers.running) ?? null;
    if (after.manual !== undefined) {
      effects.push(
        words.manual(
          running === null ? "–" : formats.count(running),
          formats.count(after.manual.workers),
          formats.dayAndTime(after.manual.until),
        ),
      );
      const found = live.now === null ? null : measured(live.now);
      effects.push(this.#estimateText(estimate(found, after.manual.workers)));
    } else if (before.manual !== undefined) effects.push(words.noManual);
    else effects.push(words.automatic(formats.count(after.floor), formats.count(after.ceiling)));
    if (before.floor !== after.floor || before.ceiling !== after.ceiling) {
      effects.push(words.bounds(formats.count(after.floor), formats.count(after.ceiling)));
    }
    if (after.take_over === true) effects.push(words.takesOver);
    return effects;
  }

  #estimateText(found: Estimate): string {
    const { texts, formats } = this.#context;
    const words = texts.workers.effects;
    switch (found.is) {
      case "unknown":
        return words.estimateUnknown;
      case "drained":
        return words.estimateEmpty;
      case "seconds":
        return words.estimate(formats.span(found.seconds));
      case "grows":
        return words.estimateGrows(formats.rate(found.by));
    }
  }

  #targetText(target: Target): string {
    const { texts, formats } = this.#context;
    return target.kind === "drained_by"
      ? texts.workers.drainedBy(formats.dayAndTime(target.at))
      : texts.workers.neverBehind(formats.shortSpan(target.seconds));
  }

  #describe(setting: WorkersSetting): string {
    const { texts, formats } = this.#context;
    const manual = (one: Manual): string =>
      `; ${texts.workers.byHand(formats.count(one.workers), formats.dayAndTime(one.until))}`;
    const bounds = texts.workers.bounds(formats.count(setting.floor), formats.count(setting.ceiling));
    return `${this.#targetText(setting.target)}; ${bounds}${setting.manual === undefined ? "" : manual(setting.manual)}`;
  }
}
