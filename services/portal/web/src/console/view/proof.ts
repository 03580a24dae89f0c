/** The first line of the console: the proof that nothing is lost. */

import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../../common/icon.js";
import { type Equation, type Gap, known, type Ledger, type Now, type Verdict } from "../api/now.js";
import type { Context } from "../context.js";
import { blockRow, blocksTable, cell, reading, time } from "./parts.js";
import { tailOf, tailStep } from "./tail.js";

type Term = Exclude<keyof Equation, "channel">;
const LEFT: readonly Term[] = ["confirmed", "unconfirmed", "unnumbered", "repeated"];
const RIGHT: readonly Term[] = ["new", "existing", "withdrawals", "outstanding", "dead", "lost"];
/** Beside the equation: parts of its terms, and what is not confirmed yet. */
const BESIDE: readonly Term[] = ["dead_open", "requeued", "discarded", "spooled"];

const LOOKS: Readonly<Record<Verdict, { readonly tone: string; readonly icon: string }>> = {
  whole: { tone: "whole", icon: "check-circle" },
  open: { tone: "open", icon: "info-circle" },
  suspect: { tone: "suspect", icon: "warning-circle" },
  lost: { tone: "lost", icon: "error" },
};

export function proof(context: Context, now: Now): TemplateResult {
  const { verdict, equations, gaps } = now.ledger;
  const found = known(verdict);
  const look = found === null ? { tone: "unknown", icon: "help-circle" } : LOOKS[found];
  return html`<section class=${`proof proof-${look.tone}`} aria-labelledby="proof-title">
    <h2 id="proof-title">${icon(context.config, look.icon)}<span>${title(context, now)}</span></h2>
    ${equations.length === 0 ? nothing : equationView(context, equations)}
    ${gaps.length === 0 ? nothing : gapsView(context, gaps)}
    ${found !== null && now.ledger.compared_since === undefined
      ? html`<p class="proof-help">${context.texts.proof.notCompared}</p>`
      : nothing}
    ${equations.length < 2 ? nothing : byChannel(context, equations)}
  </section>`;
}

function title(context: Context, { ledger }: Now): string | TemplateResult {
  const texts = context.texts.proof;
  const verdict = known(ledger.verdict);
  if (verdict === null) return html`${texts.unknown} ${reading(context, ledger.verdict, String)}`;
  const since = ledger.gaps.map((gap) => gap.since ?? "").filter(Boolean).sort()[0];
  switch (verdict) {
    case "whole":
      return texts.whole;
    case "open":
      return texts.open;
    case "suspect":
      return since === undefined ? texts.suspect : html`${texts.suspect} ${texts.since} ${time(context, since)}`;
    case "lost":
      return texts.lost(lostCount(context, ledger));
  }
}

/** How much is lost, in applications where the statements say it. */
function lostCount(context: Context, { equations, gaps }: Ledger): string {
  const { texts, formats } = context;
  const counted = equations.reduce((all, { lost }) => all + lost, 0);
  if (counted > 0) return texts.proof.applications(counted, formats.count(counted));
  const lost = gaps.filter(({ verdict }) => verdict === "lost");
  const messages = lost.reduce((all, gap) => all + (gap.messages ?? 0), 0);
  return texts.proof.messages(messages, formats.count(messages));
}

function total(equations: readonly Equation[], terms: readonly Term[]): number {
  return equations.reduce((all, equation) => all + terms.reduce((sum, term) => sum + equation[term], 0), 0);
}

function equationView(context: Context, equations: readonly Equation[]): TemplateResult {
  const { texts, formats } = context;
  const [left, right] = [total(equations, LEFT), total(equations, RIGHT)];
  const term = (value: number, name: string, sign = ""): TemplateResult =>
    html`<span class="term"
      >${sign === "" ? nothing : html`<span class="sign">${sign}</span>`}<span
        ><b>${formats.count(value)}</b> <small>${name}</small></span
      ></span
    >`;
  const shown = RIGHT.filter((name) => name !== "lost" || total(equations, [name]) > 0);
  return html`<p class="equation">
      ${term(left, texts.proof.accepted)}
      ${shown.map((name, index) => term(total(equations, [name]), texts.proof.terms[name], index === 0 ? "=" : "+"))}
      ${left === right ? nothing : term(left - right, texts.proof.difference, "+")}
    </p>
    <p class="beside">
      ${BESIDE.map((name) => `${texts.proof.terms[name]} ${formats.count(total(equations, [name]))}`).join(" · ")}
    </p>`;
}

function gapsView(context: Context, gaps: readonly Gap[]): TemplateResult {
  const { texts, formats } = context;
  const words = texts.proof.gap;
  const count = (value: number | undefined): string => (value === undefined ? "–" : formats.count(value));
  const headings = [
    { text: words.verdict },
    { text: words.process },
    { text: words.channel },
    { text: words.numbers },
    { text: words.messages, isNumber: true },
    { text: words.applications, isNumber: true },
    { text: words.since },
  ];
  const rows = gaps.map((gap) =>
    blockRow(words.verdicts[gap.verdict], [
      cell(words.process, gap.process ?? "–", "font-monospace"),
      cell(words.channel, texts.channelNames[gap.channel]),
      cell(words.numbers, gap.numbers.replaceAll(",", ", ") || words.noName, "font-monospace"),
      cell(words.messages, count(gap.messages), "number"),
      cell(words.applications, count(gap.applications), "number"),
      cell(words.since, gap.since === undefined ? "–" : time(context, gap.since)),
    ]),
  );
  return html`${blocksTable(words.title, headings, rows, "table-wide gaps")}
    <p class="proof-help">${help(context, gaps)}</p>
    ${tailButtons(context, gaps)}`;
}

/** What to do, at the worst of them. */
function help({ texts }: Context, gaps: readonly Gap[]): string {
  const has = (wanted: Verdict): boolean => gaps.some(({ verdict }) => verdict === wanted);
  if (has("lost")) return texts.proof.lostHelp;
  return has("suspect") ? texts.proof.suspectHelp : texts.proof.openHelp;
}

/** A button for each open tail, below the table: it closes one at a time. */
function tailButtons(context: Context, gaps: readonly Gap[]): TemplateResult | typeof nothing {
  const tails = gaps.map(tailOf).filter((tail) => tail !== null);
  if (tails.length === 0) return nothing;
  return html`<p class="btn-group-actions">
    ${tails.map(
      (tail) =>
        html`<button
          class="btn btn-sm btn-outline-primary"
          type="button"
          @click=${() => context.ask(tailStep(context, tail))}
        >
          ${context.texts.proof.tail.close(tail.process, context.texts.channelNames[tail.channel])}
        </button>`,
    )}
  </p>`;
}

function byChannel(context: Context, equations: readonly Equation[]): TemplateResult {
  const { texts, formats } = context;
  const terms = [...LEFT, ...RIGHT, ...BESIDE];
  return html`<details>
    <summary>${texts.proof.byChannel}</summary>
    ${blocksTable(
      texts.proof.byChannel,
      [{ text: texts.channel }, ...terms.map((term) => ({ text: texts.proof.terms[term], isNumber: true }))],
      equations.map((equation) =>
        blockRow(
          texts.channelNames[equation.channel],
          terms.map((term) => cell(texts.proof.terms[term], formats.count(equation[term]), "number")),
        ),
      ),
      "table-wide",
    )}
  </details>`;
}
