import { html, type TemplateResult } from "lit-html";
import { known } from "../api/now.js";
import type { Context, Section } from "../context.js";
import { serviceList } from "../view/services.js";

/** Health, version and catalogue of each process, and the broker's queues. */
export class ServicesSection implements Section {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  readonly enter = (): void => undefined;

  readonly view = (): TemplateResult => {
    const { texts, live } = this.#context;
    const { now } = live;
    if (now === null) return html`<p class="text-secondary">${texts.connecting}</p>`;
    const catalogues = new Set(
      now.services.map(({ catalogue }) => known(catalogue)).filter((version) => version !== null),
    );
    return html`<h2 class="visually-hidden">${texts.nav.services}</h2>
      ${catalogues.size > 1
        ? html`<div class="callout warning"><p>${texts.services.differ}</p></div>`
        : ""}
      ${serviceList(this.#context, now, false)}`;
  };
}
