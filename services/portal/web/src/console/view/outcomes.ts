/** What became of the applications of each benefit, and how far its budgets are used. */

import { html, nothing, type TemplateResult } from "lit-html";
import { type BenefitNow, type BudgetUse, known, type Now } from "../api/now.js";
import type { Context } from "../context.js";
import { blockRow, blocksTable, cell, reading } from "./parts.js";

/** In the order of their use. */
const OUTCOMES = ["registered", "reserve", "duplicate", "incompatible", "conflict", "refused", "withdrawn"];

export function outcomes(context: Context, now: Now): TemplateResult {
  const { texts } = context;
  const others = now.benefits.flatMap(({ outcomes }) => (known(outcomes) ?? []).map(({ outcome }) => outcome));
  const columns = [...new Set([...OUTCOMES, ...others])];
  return html`<section aria-labelledby="outcomes-title">
    <h2 id="outcomes-title">${texts.outcomes.title}</h2>
    ${blocksTable(
      texts.outcomes.title,
      [
        { text: texts.benefit },
        { text: texts.now.backlog, isNumber: true },
        ...columns.map((name) => ({ text: nameOf(context, name), isNumber: true })),
      ],
      now.benefits.map((benefit) => row(context, benefit, columns)),
      "table-wide",
    )}
    ${budgets(context, now)}
  </section>`;
}

function nameOf({ texts }: Context, outcome: string): string {
  return texts.outcomes.names[outcome] ?? outcome;
}

function row(context: Context, { title, outcomes, outstanding }: BenefitNow, columns: readonly string[]): TemplateResult {
  const { formats, texts } = context;
  const counts = known(outcomes);
  const backlog = cell(texts.now.backlog, reading(context, outstanding, (count) => formats.count(count)), "number");
  if (counts === null) {
    return blockRow(title, [backlog, cell("", reading(context, outcomes, () => ""), "", columns.length)]);
  }
  const byName = new Map(counts.map(({ outcome, applications }) => [outcome, applications]));
  const cells = columns.map((name) => cell(nameOf(context, name), formats.count(byName.get(name) ?? 0), "number"));
  return blockRow(title, [backlog, ...cells]);
}

function budgets(context: Context, now: Now): TemplateResult {
  const { texts } = context;
  const all = now.benefits.map((benefit) => ({ benefit, found: known(benefit.budgets) }));
  if (all.every(({ found }) => found !== null && found.length === 0)) return html``;
  return html`<h3>${texts.outcomes.budgets}</h3>
    <ul class="budgets">
      ${all.map(({ benefit, found }) =>
        found === null
          ? html`<li>${benefit.title}: ${reading(context, benefit.budgets, () => "")}</li>`
          : found.map((budget) => budgetView(context, benefit, budget)),
      )}
    </ul>`;
}

function budgetView(context: Context, { title }: BenefitNow, budget: BudgetUse): TemplateResult {
  const { texts, formats } = context;
  const { cap_cents: cap, within_cents: within, past_cents: past } = budget;
  const share = cap === undefined ? 0 : cap > 0 ? within / cap : 1;
  const used = formats.euro(within / 100);
  const words =
    cap === undefined
      ? texts.outcomes.noCap(used)
      : texts.outcomes.used(used, formats.euro(cap / 100), formats.percent(share));
  // a budget of the whole benefit has the benefit's name
  const [, category = ""] = budget.budget.split("/");
  return html`<li>
    <p><strong>${title}</strong> <span class="text-secondary">${category}</span></p>
    <progress class="progress-bar" max="1" value=${Math.min(1, share)} aria-label=${`${title} ${category}`}></progress>
    <p class="small">
      ${words}
      ${past > 0 ? html`<span class="status status-warning">${texts.outcomes.past(formats.euro(past / 100))}</span>` : nothing}
    </p>
  </li>`;
}
