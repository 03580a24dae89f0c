/** The form in which operators say what workers have to reach, or how many there are to be. */

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Target, Workers, WorkersSetting } from "../api/decisions.js";
import type { Context } from "../context.js";
import { fromRome, toRome } from "../formats.js";
import type { ConsoleTexts } from "../texts/it.js";
import { field } from "./parts.js";

/** What stands in the fields, as typed. */
export interface Draft {
  readonly kind: Target["kind"];
  readonly by: string;
  readonly minutes: string;
  readonly isManual: boolean;
  readonly workers: string;
  readonly until: string;
  readonly floor: string;
  readonly ceiling: string;
  readonly takesOver: boolean;
}

const HOUR_MS = 3_600_000;

export function draftOf({ target, manual, floor, ceiling, now }: Workers): Draft {
  const soon = toRome(Date.now() + HOUR_MS);
  const running = "value" in now.running ? now.running.value : floor;
  return {
    kind: target.kind,
    by: target.kind === "drained_by" ? toRome(target.at) : soon,
    minutes: target.kind === "never_behind" ? String(target.seconds / 60) : "5",
    isManual: manual !== undefined,
    workers: String(manual?.workers ?? running),
    until: manual === undefined ? soon : toRome(manual.until),
    floor: String(floor),
    ceiling: String(ceiling),
    takesOver: false,
  };
}

/** Reads the fields; `mistakes` says what is wrong where it is no setting. */
export function settingOf(
  draft: Draft,
  texts: ConsoleTexts,
): { readonly setting: WorkersSetting | null; readonly mistakes: readonly string[] } {
  const words = texts.workers.mistakes;
  const mistakes: string[] = [];
  const whole = (text: string, mistake: string): number => {
    const value = Number(text.trim());
    if (text.trim() !== "" && Number.isInteger(value) && value >= 0 && value <= 1000) return value;
    mistakes.push(mistake);
    return 0;
  };
  const instant = (text: string, mistake: string): string => {
    const at = fromRome(text);
    if (at === null) mistakes.push(mistake);
    return at ?? "";
  };
  const target = targetOf(draft, instant, mistakes, texts);
  const floor = whole(draft.floor, words.floor);
  const ceiling = whole(draft.ceiling, words.ceiling);
  if (mistakes.length === 0 && floor > ceiling) mistakes.push(words.floorAboveCeiling);
  const manual = draft.isManual
    ? { workers: whole(draft.workers, words.workers), until: instant(draft.until, words.until) }
    : undefined;
  if (mistakes.length > 0) return { setting: null, mistakes };
  const takeOver = draft.takesOver ? ({ take_over: true } as const) : {};
  const more = { ...(manual === undefined ? {} : { manual }), ...takeOver };
  return { setting: { target, floor, ceiling, ...more }, mistakes };
}

function targetOf(
  draft: Draft,
  instant: (text: string, mistake: string) => string,
  mistakes: string[],
  texts: ConsoleTexts,
): Target {
  const words = texts.workers.mistakes;
  if (draft.kind === "drained_by") return { kind: "drained_by", at: instant(draft.by, words.by) };
  const minutes = Number(draft.minutes.trim().replace(",", "."));
  if (!(minutes > 0)) mistakes.push(words.minutes);
  return { kind: "never_behind", seconds: Math.round(minutes * 60) };
}

export function workersForm(
  context: Context,
  workers: Workers,
  draft: Draft,
  mistakes: readonly string[],
  change: (change: Partial<Draft>) => void,
  ask: () => void,
): TemplateResult {
  const { texts, formats } = context;
  const words = texts.workers;
  const typed =
    (name: keyof Draft) =>
    (event: Event): void =>
      change({ [name]: (event.target as HTMLInputElement).value });
  const input = (name: keyof Draft, type: string, short = true): TemplateResult =>
    html`<input
      class=${short ? "form-control form-control-short" : "form-control form-control-time"}
      id=${`workers-${name}`}
      type=${type}
      inputmode=${type === "text" ? "numeric" : nothing}
      autocomplete="off"
      .value=${live(String(draft[name]))}
      @input=${typed(name)}
    />`;
  const radio = (kind: Target["kind"], label: string): TemplateResult =>
    html`<div class="form-check">
      <input
        type="radio"
        name="target"
        id=${`target-${kind}`}
        .checked=${live(draft.kind === kind)}
        @change=${() => change({ kind })}
      /><label for=${`target-${kind}`}>${label}</label>
    </div>`;
  return html`<form
    class="it-card console-form"
    aria-labelledby="workers-form-title"
    novalidate
    @submit=${(event: Event) => {
      event.preventDefault();
      ask();
    }}
  >
    <h3 id="workers-form-title">${words.form}</h3>
    ${workers.hands === "none" ? html`<div class="callout"><p>${words.noHands}</p></div>` : nothing}
    <div id="workers-mistakes" role="alert" tabindex="-1">
      ${mistakes.length === 0
        ? nothing
        : html`<div class="callout danger"><ul>${mistakes.map((mistake) => html`<li>${mistake}</li>`)}</ul></div>`}
    </div>
    <fieldset>
      <legend>${words.target}</legend>
      ${radio("never_behind", words.neverBehindChoice)} ${radio("drained_by", words.drainedByChoice)}
    </fieldset>
    ${draft.kind === "never_behind"
      ? field("workers-minutes", words.minutes, input("minutes", "text"))
      : field("workers-by", words.by, input("by", "datetime-local", false), words.rome(formats.offset(Date.now())))}
    <div class="side-by-side">
      ${field("workers-floor", words.floor, input("floor", "text"))}
      ${field("workers-ceiling", words.ceiling, input("ceiling", "text"))}
    </div>
    <div class="form-check">
      <input
        type="checkbox"
        id="workers-isManual"
        .checked=${live(draft.isManual)}
        @change=${(event: Event) => change({ isManual: (event.target as HTMLInputElement).checked })}
      /><label for="workers-isManual">${words.manualChoice}</label>
    </div>
    ${draft.isManual
      ? html`<div class="side-by-side">
          ${field("workers-workers", words.number, input("workers", "text"))}
          ${field("workers-until", words.until, input("until", "datetime-local", false))}
        </div>`
      : nothing}
    ${workers.now.why.some((reason) => reason.code === "changed_outside") && !draft.isManual
      ? html`<div class="form-check">
          <input
            type="checkbox"
            id="workers-takesOver"
            .checked=${live(draft.takesOver)}
            @change=${(event: Event) => change({ takesOver: (event.target as HTMLInputElement).checked })}
          /><label for="workers-takesOver">${words.takeOver}</label>
        </div>`
      : nothing}
    <p class="btn-group-actions"><button class="btn btn-primary">${words.next}</button></p>
  </form>`;
}
