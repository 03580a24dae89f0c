import { svg, type TemplateResult } from "lit-html";
import { html } from "lit-html";
import type { Config } from "./config.js";

/** An icon of the set (`styles/images/icons.svg`), that says nothing by itself. */
export function icon(config: Config, name: string, size: "" | "sm" = ""): TemplateResult {
  const use = svg`<use href=${`${config.icons}#it-${name}`}></use>`;
  return html`<svg class=${size === "" ? "icon" : `icon icon-${size}`} aria-hidden="true">${use}</svg>`;
}
