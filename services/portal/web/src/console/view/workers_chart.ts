import type { TemplateResult } from "lit-html";
import type { Figure } from "../chart/figure.js";
import type { Context } from "../context.js";
import { inWords } from "./parts.js";

/** Workers wanted, running and at work over time. */
export function workersChart(context: Context, figure: Figure): TemplateResult {
  const { texts, formats, live } = context;
  const words = texts.workers.chart;
  const workers = live.now?.workers;
  const write = (count: number): string => formats.count(count);
  const said = (name: "wanted" | "running" | "busy"): string => inWords(context, workers?.[name], write);
  return figure.view({
    title: words.title,
    caption: words.caption(said("wanted"), said("running"), said("busy")),
    at: live.past.at,
    series: [
      { name: texts.now.wanted, values: live.past.column("workers_wanted") },
      { name: texts.now.running, values: live.past.column("workers_running") },
      { name: texts.now.busy, values: live.past.column("workers_busy") },
    ],
    write,
    leastStep: 1,
  });
}
