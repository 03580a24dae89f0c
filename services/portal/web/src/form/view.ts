import { type TemplateResult, html, nothing } from "lit-html";
import type { Form } from "./form.js";
import { draftNote, stepper } from "./shell.js";
import { type InformationActions, information } from "./steps/information.js";
import { type OutcomeActions, outcome } from "./steps/outcome.js";
import { general, specific } from "./steps/questions.js";
import { type ReviewActions, review } from "./steps/review.js";
import { waiting } from "./steps/waiting.js";
import type { Drawn } from "./qr.js";

export interface Actions extends InformationActions, ReviewActions {
  readonly save: () => void;
  readonly outcome: OutcomeActions;
}

/** The whole island. */
export function view(form: Form, qr: Drawn, actions: Actions): TemplateResult {
  const { sent, sending } = form.model;
  if (sent !== null) return html`${stepper(form, null)}${outcome(form, sent, qr, actions.outcome)}`;
  if (sending !== null) return html`${stepper(form, null)}${waiting(form, actions.signIn)}`;
  const submit = (event: Event): void => {
    event.preventDefault();
    // the review has buttons of its own
    if (form.model.step !== "review") form.next();
  };
  return html`${stepper(form, actions.save)}${draftNote(form)}
    <form novalidate autocomplete="off" @submit=${submit}>${step(form, actions)}</form>`;
}

function step(form: Form, actions: Actions): TemplateResult | typeof nothing {
  switch (form.model.step) {
    case "information":
      return information(form, actions);
    case "general":
      return general(form);
    case "specific":
      return specific(form);
    case "review":
      return review(form, actions);
    case "outcome":
      return nothing;
  }
}
