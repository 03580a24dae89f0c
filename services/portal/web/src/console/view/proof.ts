/** The first line of the console: the proof that nothing is lost. */

import { html, nothing, type TemplateResult } from "lit-html";
import { icon } from "../../common/icon.js";
import { type Equation, type Gap, known, type Ledger, type Now, type Verdict } from "../api/now.js";
import type { Context } from "../context.js";
import { reading, time } from "./parts.js";

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
  return html`<div class="table-responsive" tabindex="0" role="region" aria-label=${words.title}>
      <table class="table table-wide gaps">
        <thead>
          <tr>
            <th scope="col">${words.verdict}</th>
            <th scope="col">${words.process}</th>
            <th scope="col">${words.channel}</th>
            <th scope="col">${words.numbers}</th>
            <th scope="col" class="number">${words.messages}</th>
            <th scope="col" class="number">${words.applications}</th>
            <th scope="col">${words.since}</th>
          </tr>
        </thead>
        <tbody>
          ${gaps.map(
            (gap) =>
              html`<tr>
                <th scope="row">${words.verdicts[gap.verdict]}</th>
                <td class="font-monospace">${gap.process ?? "–"}</td>
                <td>${texts.channelNames[gap.channel]}</td>
                <td class="font-monospace">${gap.numbers.replaceAll(",", ", ") || words.noName}</td>
                <td class="number">${count(gap.messages)}</td>
                <td class="number">${count(gap.applications)}</td>
                <td>${gap.since === undefined ? "–" : time(context, gap.since)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="proof-help">${gaps.some(({ verdict }) => verdict === "lost") ? texts.proof.lostHelp : texts.proof.suspectHelp}</p>`;
}

function byChannel(context: Context, equations: readonly Equation[]): TemplateResult {
  const { texts, formats } = context;
  const terms = [...LEFT, ...RIGHT, ...BESIDE];
  return html`<details>
    <summary>${texts.proof.byChannel}</summary>
    <div class="table-responsive" tabindex="0" role="region" aria-label=${texts.proof.byChannel}>
      <table class="table table-wide">
        <thead>
          <tr>
            <th scope="col">${texts.channel}</th>
            ${terms.map((term) => html`<th scope="col" class="number">${texts.proof.terms[term]}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${equations.map(
            (equation) =>
              html`<tr>
                <th scope="row">${texts.channelNames[equation.channel]}</th>
                ${terms.map((term) => html`<td class="number">${formats.count(equation[term])}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}
