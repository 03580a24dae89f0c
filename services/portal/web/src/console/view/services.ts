/** The processes and the broker's nodes: their health, versions and queues. */

import { html, nothing, type TemplateResult } from "lit-html";
import { known, type Node, type Now, type Service } from "../api/now.js";
import type { Context } from "../context.js";
import { blocksTable, cell, healthView, reading } from "./parts.js";

/** `isShort`: without versions, for the section of what is now. */
export function serviceList(context: Context, now: Now, isShort: boolean): TemplateResult {
  const words = context.texts.services;
  return html`<div class=${isShort ? "two-columns equal-columns" : ""}>
    <div class="table-responsive" tabindex="0" role="region" aria-label=${words.processes}>
      <table class="table ${isShort ? "" : "table-wide"}">
        <caption class="visually-hidden">
          ${words.processes}
        </caption>
        <thead>
          <tr>
            <th scope="col">${words.process}</th>
            <th scope="col">${words.healthTitle}</th>
            ${isShort
              ? nothing
              : html`<th scope="col">${words.version}</th>
                  <th scope="col">${words.catalogue}</th>`}
          </tr>
        </thead>
        <tbody>
          ${now.services.map((service) => serviceRow(context, service, isShort))}
        </tbody>
      </table>
    </div>
    ${blocksTable(
      words.nodes,
      [
        { text: words.node },
        { text: words.queue },
        { text: words.messages, isNumber: true },
        { text: words.consumers, isNumber: true },
      ],
      now.nodes.map((node) => nodeRows(context, node, isShort)),
    )}
  </div>`;
}

function serviceRow(context: Context, service: Service, isShort: boolean): TemplateResult {
  const { texts } = context;
  const catalogue = service.catalogue;
  return html`<tr>
    <th scope="row">
      ${service.service}
      <div class="small text-secondary font-monospace">${service.address}</div>
    </th>
    <td>
      ${healthView(context, service.health)}
      ${service.checks.map(
        (check) => html`<p class="small check"><strong>${check.name}</strong> ${check.output}</p>`,
      )}
    </td>
    ${isShort
      ? nothing
      : html`<td class="font-monospace">${reading(context, service.version, String)}</td>
          <td class="font-monospace">
            ${catalogue === undefined ? html`<span class="text-secondary">${texts.services.none}</span>` : reading(context, catalogue, String)}
          </td>`}
  </tr>`;
}

function nodeRows(context: Context, { address, queues }: Node, isShort: boolean): TemplateResult {
  const { formats, texts } = context;
  const found = known(queues);
  const first = (rows: number): TemplateResult =>
    html`<th scope="rowgroup" role="rowheader" rowspan=${rows} class="font-monospace">${address}</th>`;
  if (found === null) {
    return html`<tr role="row">
      ${first(1)} ${cell("", reading(context, queues, () => ""), "", 3)}
    </tr>`;
  }
  const shown = isShort ? found.filter(({ queue }) => /^applications\.[a-z-]+$/.test(queue)) : found;
  if (shown.length === 0) {
    return html`<tr role="row">
      ${first(1)} ${cell("", texts.services.noQueues, "text-secondary", 3)}
    </tr>`;
  }
  return html`${shown.map(
    ({ queue, messages, consumers }, index) =>
      html`<tr role="row">
        ${index === 0 ? first(shown.length) : nothing} ${cell(texts.services.queue, queue, "font-monospace")}
        ${cell(texts.services.messages, formats.count(messages), "number")}
        ${cell(texts.services.consumers, formats.count(consumers), "number")}
      </tr>`,
  )}`;
}
