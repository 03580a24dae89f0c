import { html, nothing, type TemplateResult } from "lit-html";
import type { Workers } from "../api/decisions.js";
import type { HandNow, Now } from "../api/now.js";
import type { Context } from "../context.js";
import { changeLine, reading, time } from "./parts.js";
import { whyText } from "./why.js";

/** Wanted, running and why: always together. */
export function workersNow(context: Context, now: Now, workers: Workers): TemplateResult {
  const { texts, formats } = context;
  const { wanted, running, busy, why } = now.workers;
  const count = (value: number): string => formats.count(value);
  const { target, manual } = workers;
  return html`<section aria-labelledby="workers-now-title">
    <h3 id="workers-now-title" class="visually-hidden">${texts.workers.now}</h3>
    <dl class="figures">
      <div><dt>${texts.now.running}</dt><dd>${reading(context, running, count)}</dd></div>
      <div><dt>${texts.now.wanted}</dt><dd>${reading(context, wanted, count)}</dd></div>
      <div><dt>${texts.now.busy}</dt><dd>${reading(context, busy, count)}</dd></div>
    </dl>
    ${why.length === 0
      ? nothing
      : html`<h4>${texts.workers.whyTitle}</h4>
          <ul class="why">
            ${why.map((reason) => html`<li>${whyText(context, reason)}</li>`)}
          </ul>`}
    ${handView(context, now.workers.hand)}
    <dl class="definitions">
      <div>
        <dt>${texts.workers.target}</dt>
        <dd>
          ${target.kind === "drained_by"
            ? texts.workers.drainedBy(formats.dayAndTime(target.at))
            : texts.workers.neverBehind(formats.shortSpan(target.seconds))}
        </dd>
      </div>
      <div>
        <dt>${texts.workers.manual}</dt>
        <dd>
          ${manual === undefined
            ? texts.workers.noManual
            : texts.workers.byHand(formats.count(manual.workers), formats.dayAndTime(manual.until))}
        </dd>
      </div>
      <div><dt>${texts.workers.boundsTitle}</dt><dd>${texts.workers.bounds(count(workers.floor), count(workers.ceiling))}</dd></div>
      <div><dt>${texts.workers.hands}</dt><dd>${texts.workers.handNames[workers.hands] ?? workers.hands}</dd></div>
    </dl>
    ${changeLine(context, workers.changed)}
  </section>`;
}

/** The order that is carried out, and why the last one failed. */
function handView(context: Context, { order, error }: HandNow): TemplateResult {
  const { texts, formats } = context;
  return html`${order === undefined
    ? nothing
    : html`<p role="status">
        ${texts.workers.ordering(formats.count(order.workers))} ${time(context, order.since)}
      </p>`}
  ${error === undefined
    ? nothing
    : html`<div class="callout danger"><p>${texts.workers.handFailed}</p><p lang="en">${error}</p></div>`}`;
}
