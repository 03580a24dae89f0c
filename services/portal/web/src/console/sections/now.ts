/** What happens now: the proof, four numbers, charts, outcomes and budgets, services. */

import { html, type TemplateResult } from "lit-html";
import { type ChannelNow, known, type Now, type Reading, sum } from "../api/now.js";
import { Figure } from "../chart/figure.js";
import type { Context, Section } from "../context.js";
import { total, type Value } from "../live/history.js";
import type { Range } from "../live/live.js";
import { choice, inWords } from "../view/parts.js";
import { outcomes } from "../view/outcomes.js";
import { proof } from "../view/proof.js";
import { serviceList } from "../view/services.js";
import { tiles } from "../view/tiles.js";
import { workersChart } from "../view/workers_chart.js";

/** More lines can't be told apart. */
const MOST_SERIES = 6;
/** The smallest difference of rates that is written. */
const LEAST_RATE = 0.1;

export class NowSection implements Section {
  readonly #context: Context;
  readonly #flow: Figure;
  readonly #backlog: Figure;
  readonly #age: Figure;
  readonly #latency: Figure;
  readonly #benefits: Figure;
  readonly #rejections: Figure;
  readonly #workers: Figure;

  constructor(context: Context) {
    this.#context = context;
    this.#flow = new Figure(context, "figure-flow");
    this.#backlog = new Figure(context, "figure-backlog");
    this.#age = new Figure(context, "figure-age");
    this.#latency = new Figure(context, "figure-latency");
    this.#benefits = new Figure(context, "figure-benefits");
    this.#rejections = new Figure(context, "figure-rejections");
    this.#workers = new Figure(context, "figure-workers");
  }

  readonly enter = (): void => undefined;

  readonly rendered = (): void => {
    for (const figure of this.#figures()) figure.draw();
  };

  readonly leave = (): void => {
    for (const figure of this.#figures()) figure.end();
  };

  readonly view = (): TemplateResult => {
    const { live, texts } = this.#context;
    const { now } = live;
    if (now === null) return html`<p class="text-secondary">${texts.connecting}</p>`;
    const ranges: readonly { value: Range; text: string }[] = [
      { value: "hour", text: texts.now.hour },
      { value: "day", text: texts.now.day },
    ];
    return html`
      ${proof(this.#context, now)} ${tiles(this.#context, now)}
      <section aria-labelledby="charts-title">
        <div class="section-head">
          <h2 id="charts-title">${texts.now.charts}</h2>
          ${choice("range", texts.now.range, ranges, live.range, (range) => void live.setRange(range))}
        </div>
        <div class="figures-grid">${this.#charts(now)}</div>
      </section>
      ${outcomes(this.#context, now)}
      <section aria-labelledby="services-title">
        <h2 id="services-title">${texts.nav.services}</h2>
        ${serviceList(this.#context, now, true)}
      </section>
    `;
  };

  #figures(): Figure[] {
    return [
      this.#flow,
      this.#backlog,
      this.#age,
      this.#workers,
      this.#benefits,
      this.#rejections,
      this.#latency,
    ];
  }

  #charts(now: Now): TemplateResult {
    return html`${this.#flowView(now)} ${this.#backlogView(now)} ${this.#ageView(now)}
    ${workersChart(this.#context, this.#workers)} ${this.#benefitsView(now)} ${this.#rejectionsView(now)}
    ${this.#latencyView(now)}`;
  }

  #sum(now: Now, value: (channel: ChannelNow) => Reading<number>): string {
    const { formats } = this.#context;
    return inWords(this.#context, sum(now.channels.map(value)), (rate) => `${formats.rate(rate)}/s`);
  }

  #flowView(now: Now): TemplateResult {
    const { live, texts } = this.#context;
    const words = texts.now.flow;
    const both = (column: string): Value[] =>
      total(now.channels.map(({ channel }) => live.past.column(`${column}:${channel}`)));
    return this.#flow.view({
      title: words.title,
      caption: words.caption(
        this.#sum(now, (channel) => channel.arrivals_per_second),
        this.#sum(now, (channel) => channel.confirms_per_second),
        this.#sum(now, (channel) => channel.settled_per_second),
      ),
      at: live.past.at,
      series: [
        { name: words.arrivals, values: both("arrivals") },
        { name: words.confirms, values: both("confirms") },
        { name: words.settled, values: both("settled") },
      ],
      write: this.#rate,
      leastStep: LEAST_RATE,
      isWide: true,
    });
  }

  #byChannel(
    figure: Figure,
    now: Now,
    column: string,
    words: { readonly title: string; readonly caption: (values: string) => string },
    value: (channel: ChannelNow) => Reading<number>,
    write: (value: number) => string,
  ): TemplateResult {
    const { live, texts } = this.#context;
    const said = now.channels.map(
      (channel) => `${texts.channelNames[channel.channel]} ${inWords(this.#context, value(channel), write)}`,
    );
    return figure.view({
      title: words.title,
      caption: words.caption(said.join(", ")),
      at: live.past.at,
      series: now.channels.map(({ channel }) => ({
        name: texts.channelNames[channel],
        values: live.past.column(`${column}:${channel}`),
      })),
      write,
      leastStep: 1,
    });
  }

  #backlogView(now: Now): TemplateResult {
    const { texts, formats } = this.#context;
    const write = (count: number): string => formats.count(count);
    return this.#byChannel(this.#backlog, now, "outstanding", texts.now.backlogChart, (one) => one.outstanding, write);
  }

  #ageView(now: Now): TemplateResult {
    const { texts, formats } = this.#context;
    const write = (seconds: number): string => formats.span(seconds);
    return this.#byChannel(this.#age, now, "oldest_age", texts.now.ageChart, (one) => one.oldest_age_seconds, write);
  }

  #benefitsView(now: Now): TemplateResult {
    const { live, texts } = this.#context;
    const shown = now.benefits.slice(0, MOST_SERIES);
    const said = shown.map(
      ({ title, arrivals_per_second }) =>
        `${title} ${this.#written(arrivals_per_second, this.#rate)}`,
    );
    return this.#benefits.view({
      title: texts.now.benefitsChart.title,
      caption: said.join("; "),
      at: live.own.at,
      series: shown.map(({ benefit, title }) => ({ name: title, values: live.own.column(`benefit:${benefit}`) })),
      write: this.#rate,
      leastStep: LEAST_RATE,
      ...this.#since(),
    });
  }

  #rejectionsView(now: Now): TemplateResult {
    const { live, texts, formats } = this.#context;
    const words = texts.now.rejectionsChart;
    const found = known(now.rejections);
    const name = (reason: string): string => texts.rejections[reason] ?? reason;
    const sorted = [...(found ?? [])].sort((a, b) => b.total - a.total).slice(0, MOST_SERIES);
    const busy = sorted.filter(({ per_second }) => per_second > 0);
    const said = busy.map(({ reason, per_second }) => `${name(reason)} ${formats.rate(per_second)}/s`).join("; ");
    return this.#rejections.view({
      title: words.title,
      caption: found === null ? inWords(this.#context, now.rejections, String) : said || words.none,
      at: live.own.at,
      series: sorted.map(({ reason }) => ({ name: name(reason), values: live.own.column(`rejection:${reason}`) })),
      write: this.#rate,
      leastStep: LEAST_RATE,
      ...this.#since(),
    });
  }

  #latencyView(now: Now): TemplateResult {
    const { live, texts, formats } = this.#context;
    const words = texts.now.latencyChart;
    const write = (seconds: number): string => formats.latency(seconds);
    // without any request there is nothing to measure
    const measured = now.latencies.filter(({ p99_seconds }) => known(p99_seconds) !== null);
    const said = measured.map(
      ({ what, p50_seconds, p99_seconds }) =>
        `${words.whats[what] ?? what} ${this.#written(p50_seconds, write)} / ${this.#written(p99_seconds, write)}`,
    );
    const series = (quantile: "p50" | "p99", what: string): { name: string; values: readonly Value[] } => ({
      name: `${words.whats[what] ?? what} ${quantile}`,
      values: live.own.column(`${quantile}:${what}`),
    });
    return this.#latency.view({
      title: words.title,
      caption: said.length === 0 ? words.none : `${said.join("; ")}. ${words.note}`,
      at: live.own.at,
      series: [series("p50", "submit"), series("p99", "submit"), series("p99", "confirm"), series("p99", "status")],
      write,
      ...this.#since(),
    });
  }

  /** Writes a value among others: since when it is unknown stands beside them. */
  #written(reading: Reading<number>, write: (value: number) => string): string {
    const value = known(reading);
    return value === null ? this.#context.texts.unknown : write(value);
  }

  /** Says since when a chart gathers its own points, where the API keeps none. */
  #since(): { note?: string } {
    const { live, texts, formats } = this.#context;
    const first = live.own.at[0];
    return first === undefined ? {} : { note: texts.figure.since(formats.clock(first * 1000)) };
  }

  readonly #rate = (rate: number): string => `${this.#context.formats.rate(rate)}/s`;
}
