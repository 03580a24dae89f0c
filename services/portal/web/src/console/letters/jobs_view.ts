/** Requeue jobs: how far each is, pause and stop, and the result of each letter. */

import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../../common/icon.js";
import type { Job, JobResult, JobState } from "../api/decisions.js";
import type { Context } from "../context.js";
import { changeLine, time } from "../view/parts.js";
import type { JobsState } from "./state.js";

export interface JobsActions {
  readonly set: (job: Job, state: JobState) => void;
  readonly show: (id: string | null) => void;
  readonly more: () => void;
}

const JOB_CLASS: Readonly<Record<JobState, string>> = {
  running: "status-primary",
  paused: "status-warning",
  stopped: "",
  done: "status-success",
};

const RESULT_CLASS: Readonly<Record<JobResult, string>> = {
  waiting: "status-next",
  sent: "status-primary",
  settled: "status-success",
  returned: "status-danger",
  skipped: "status-warning",
  cancelled: "",
};

export function jobsView(context: Context, state: JobsState, actions: JobsActions): TemplateResult {
  const words = context.texts.jobs;
  return html`<p>
      <a class="link-arrow" href="#letters">${icon(context.config, "arrow-left", "sm")}${context.texts.letters.back}</a>
    </p>
    <h2 id="jobs-title" tabindex="-1">${words.title}</h2>
    ${state.jobs === null
      ? html`<p class="text-secondary">${context.texts.connecting}</p>`
      : state.jobs.length === 0
        ? html`<p>${words.none}</p>`
        : html`<ul class="it-card-list">
            ${state.jobs.map((job) => html`<li>${jobView(context, job, state, actions)}</li>`)}
          </ul>`}`;
}

function jobView(context: Context, job: Job, state: JobsState, actions: JobsActions): TemplateResult {
  const { texts, formats } = context;
  const words = texts.jobs;
  const isShown = state.shown === job.job;
  const ended = job.letters - job.waiting - job.sent;
  const figure = (name: string, value: number): TemplateResult =>
    html`<div><dt>${name}</dt><dd>${formats.count(value)}</dd></div>`;
  return html`<article class="it-card job" aria-label=${words.of(formats.count(job.letters), formats.time(job.asked_at))}>
    <header>
      <h3>${words.letters(job.letters, formats.count(job.letters))} · ${time(context, job.asked_at)}</h3>
      <span class=${`status ${JOB_CLASS[job.state]}`}>${words.states[job.state]}</span>
    </header>
    ${job.stopped_because === "letter_returned"
      ? html`<div class="callout warning"><p>${words.because.letter_returned}</p></div>`
      : nothing}
    <progress class="progress-bar" max=${Math.max(1, job.letters)} value=${ended} aria-label=${words.progress}></progress>
    <dl class="figures">
      ${figure(words.waiting, job.waiting)} ${figure(texts.letters.states.sent, job.sent)}
      ${figure(texts.letters.states.settled, job.settled)} ${figure(texts.letters.states.returned, job.returned)}
      ${figure(words.skipped, job.skipped)} ${figure(words.cancelled, job.cancelled)}
    </dl>
    ${changeLine(context, job.changed)}
    <p class="btn-group-actions">
      ${jobActions(context, job, actions)}
      <button
        class="btn btn-link btn-sm"
        type="button"
        aria-expanded=${isShown}
        @click=${() => actions.show(isShown ? null : job.job)}
      >
        ${words.results}
      </button>
    </p>
    ${isShown ? results(context, state, actions) : nothing}
  </article>`;
}

function jobActions(context: Context, job: Job, actions: JobsActions): TemplateResult | typeof nothing {
  const words = context.texts.jobs;
  const button = (text: string, state: JobState, look = "btn-outline-primary"): TemplateResult =>
    html`<button class=${`btn btn-sm ${look}`} type="button" @click=${() => actions.set(job, state)}>${text}</button>`;
  switch (job.state) {
    case "running":
      return html`${button(words.pause, "paused")} ${button(words.stop, "stopped", "btn-outline-danger")}`;
    case "paused":
      return html`${button(words.resume, "running", "btn-primary")} ${button(words.stop, "stopped", "btn-outline-danger")}`;
    case "stopped":
    case "done":
      return nothing;
  }
}

function results(context: Context, state: JobsState, actions: JobsActions): TemplateResult {
  const { texts } = context;
  const { results } = state;
  if (results === null) return html`<p class="text-secondary">${texts.connecting}</p>`;
  return html`<div class="table-responsive results" tabindex="0" role="region" aria-label=${texts.jobs.results}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">${texts.letters.one}</th>
            <th scope="col">${texts.letters.state}</th>
          </tr>
        </thead>
        <tbody>
          ${results.items.map(
            ({ letter, result }) =>
              html`<tr>
                <th scope="row"><a class="font-monospace" href=${`#letters/${letter}`}>${letter}</a></th>
                <td><span class=${`status ${RESULT_CLASS[result]}`}>${texts.jobs.resultNames[result]}</span></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${results.next === undefined
      ? nothing
      : html`<button class="btn btn-outline-primary btn-sm" type="button" @click=${actions.more}>${texts.more}</button>`}`;
}
