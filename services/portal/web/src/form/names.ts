import type { Model } from "./model.js";

/** The id of the element that takes the focus for a field. */
export function elementId(pointer: string): string {
  return `f${pointer.replaceAll("/", "-")}`;
}

/** The title of a step. */
export function titleOf(model: Model): string {
  const { texts, step, benefit, language, sending, sent } = model;
  const titles = {
    information: texts.application(benefit.title[language]),
    general: texts.generalTitle,
    specific: texts.specificTitle,
    review: sending === null ? texts.reviewTitle : texts.sendingTitle,
    outcome: texts.receiptTitle,
  };
  return titles[sent === null ? step : "outcome"];
}
