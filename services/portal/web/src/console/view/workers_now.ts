import { html, nothing, type TemplateResult } from "lit-html";
import type { Workers } from "../api/decisions.js";
import type { Now } from "../api/now.js";
import type { Context } from "../context.js";
import { changeLine, reading } from "./parts.js";
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
