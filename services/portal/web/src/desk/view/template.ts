/** The file to fill in. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Config } from "../../common/config.js";
import { icon } from "../../common/icon.js";
import { templateUrl } from "../catalogue.js";
import type { State } from "../state.js";
import type { DeskTexts } from "../texts/it.js";
import type { Actions } from "./page.js";

export function templateCard(config: Config, texts: DeskTexts, state: State, actions: Actions): TemplateResult {
  const { benefits, benefit, category } = state;
  return html`<section class="it-card" aria-labelledby="template">
    <h2 class="h3" id="template">${texts.templateTitle}</h2>
    <p>${texts.templateText}</p>
    ${benefits === null
      ? nothing
      : benefits.length === 0
        ? html`<p>${texts.templateAway}</p>`
        : html`${choices(config, texts, state, actions)}
            <a class="btn btn-outline-primary w-100" href=${templateUrl(config, benefit, category)} download>
              ${icon(config, "download")}${texts.downloadTemplate}
            </a>`}
  </section>`;
}

function choices(config: Config, texts: DeskTexts, state: State, actions: Actions): TemplateResult {
  const { benefits, benefit, category } = state;
  const { language } = config;
  const categories = benefits?.find(({ id }) => id === benefit)?.categories ?? [];
  const pickBenefit = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement;
    actions.pick(value, benefits?.find(({ id }) => id === value)?.categories?.[0]?.id ?? "");
  };
  const pickCategory = (event: Event): void => actions.pick(benefit, (event.target as HTMLSelectElement).value);
  return html`<div class="form-group">
      <label class="form-label" for="benefit">${texts.benefit}</label>
      <select class="form-select" id="benefit" @change=${pickBenefit}>
        ${benefits?.map(
          ({ id, title }) => html`<option value=${id} ?selected=${id === benefit}>${title[language]}</option>`,
        )}
      </select>
    </div>
    ${categories.length === 0
      ? nothing
      : html`<div class="form-group">
          <label class="form-label" for="category">${texts.category}</label>
          <select class="form-select" id="category" @change=${pickCategory}>
            ${categories.map(
              ({ id, title }) =>
                html`<option value=${id} ?selected=${id === category}>${title[language]}</option>`,
            )}
          </select>
        </div>`}`;
}
