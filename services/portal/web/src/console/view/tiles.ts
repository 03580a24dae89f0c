/** The four numbers below the proof: backlog, the oldest, the drain, the workers. */

import { html, nothing, type TemplateResult } from "lit-html";
import { type ChannelNow, known, type Now, type Reading, sum, type TimeToDrain } from "../api/now.js";
import { sparkline } from "../chart/sparkline.js";
import type { Context } from "../context.js";
import { reading } from "./parts.js";
import { whyText } from "./why.js";

export function tiles(context: Context, now: Now): TemplateResult {
  return html`<div class="tiles">
    ${backlog(context, now)} ${oldest(context, now)} ${drain(context, now)} ${workers(context, now)}
  </div>`;
}

function tile(id: string, title: string, value: TemplateResult | string, rest: TemplateResult): TemplateResult {
  return html`<section class="tile" aria-labelledby=${id}>
    <h2 id=${id}>${title}</h2>
    <p class="tile-value">${value}</p>
    ${rest}
  </section>`;
}

function channels(
  context: Context,
  now: Now,
  column: string,
  value: (channel: ChannelNow) => Reading<number>,
  write: (value: number) => string,
): TemplateResult {
  const { past } = context.live;
  return html`<ul class="tile-rows">
    ${now.channels.map(
      (channel, index) =>
        html`<li>
          <span>${context.texts.channelNames[channel.channel]}</span>
          ${sparkline(past.at, past.column(`${column}:${channel.channel}`), index)}
          <strong>${reading(context, value(channel), write)}</strong>
        </li>`,
    )}
  </ul>`;
}

function backlog(context: Context, now: Now): TemplateResult {
  const { texts, formats } = context;
  const value = (channel: ChannelNow): Reading<number> => channel.outstanding;
  const write = (count: number): string => formats.count(count);
  return tile(
    "tile-backlog",
    texts.now.backlog,
    reading(context, sum(now.channels.map(value)), write),
    channels(context, now, "outstanding", value, write),
  );
}

function oldest(context: Context, now: Now): TemplateResult {
  const { texts, formats } = context;
  const value = (channel: ChannelNow): Reading<number> => channel.oldest_age_seconds;
  const write = (seconds: number): string => formats.span(seconds);
  return tile(
    "tile-oldest",
    texts.now.oldest,
    reading(context, highest(now.channels.map(value)), write),
    channels(context, now, "oldest_age", value, write),
  );
}

/** The highest of readings; unknown where one is. */
function highest(readings: readonly Reading<number>[]): Reading<number> {
  const values = readings.map(known);
  const unknown = readings.find((one) => !("value" in one));
  return unknown ?? { value: Math.max(0, ...values.map((value) => value ?? 0)) };
}

function drain(context: Context, now: Now): TemplateResult {
  const { texts, formats } = context;
  const rate = (value: (channel: ChannelNow) => Reading<number>): TemplateResult =>
    reading(context, sum(now.channels.map(value)), (per) => html`${formats.rate(per)}<small>/s</small>`);
  return tile(
    "tile-drain",
    texts.now.drain,
    drainText(context, now.time_to_drain),
    html`<ul class="tile-rows">
      <li><span>${texts.now.arrive}</span><strong>${rate((channel) => channel.arrivals_per_second)}</strong></li>
      <li><span>${texts.now.confirm}</span><strong>${rate((channel) => channel.confirms_per_second)}</strong></li>
      <li><span>${texts.now.leave}</span><strong>${rate((channel) => channel.settled_per_second)}</strong></li>
    </ul>`,
  );
}

export function drainText(context: Context, drain: TimeToDrain): TemplateResult | string {
  const { texts, formats } = context;
  const words = (text: string): TemplateResult => html`<span class="tile-words">${text}</span>`;
  switch (drain.state) {
    case "drained":
      return texts.now.empty;
    case "clears":
      return drain.most == null
        ? words(texts.now.atLeast(formats.span(drain.least)))
        : formats.spans(drain.least, drain.most);
    case "grows":
      return words(texts.now.grows(formats.rate(drain.by)));
    case "stalled":
      return words(texts.now.stalled);
    case "unknown":
      return html`<span class="unknown">–<small>${texts.unknown}</small></span>`;
  }
}

function workers(context: Context, now: Now): TemplateResult {
  const { texts, formats } = context;
  const { wanted, running, busy, why } = now.workers;
  const count = (value: number): string => formats.count(value);
  const isMoving = known(wanted) !== null && known(running) !== null && known(wanted) !== known(running);
  const [first] = why;
  return tile(
    "tile-workers",
    texts.now.workers,
    html`${reading(context, running, count)}${isMoving
      ? html`<span class="tile-arrow"> <span aria-hidden="true">→</span><span class="visually-hidden">${texts.now.towards}</span> </span>${count(known(wanted) ?? 0)}`
      : nothing}`,
    html`<ul class="tile-rows">
        <li><span>${texts.now.wanted}</span><strong>${reading(context, wanted, count)}</strong></li>
        <li><span>${texts.now.running}</span><strong>${reading(context, running, count)}</strong></li>
        <li><span>${texts.now.busy}</span><strong>${reading(context, busy, count)}</strong></li>
      </ul>
      ${first === undefined ? nothing : html`<p class="tile-why">${whyText(context, first)}</p>`}`,
  );
}
