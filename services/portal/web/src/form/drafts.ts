/** Salva: a draft at any moment, and its return. */

import { longDate } from "../common/format.js";
import { deleteDraft, findDraft, openDraft, saveDraft } from "./draft.js";
import type { Form } from "./form.js";
import { STEPS, type Step } from "./model.js";

export class Drafts {
  readonly #form: Form;

  constructor(form: Form) {
    this.#form = form;
  }

  async find(): Promise<void> {
    const { model } = this.#form;
    model.draft = await findDraft(model.benefit.id);
    this.#form.render();
  }

  async save(): Promise<void> {
    const { model } = this.#form;
    const owner = model.session.person?.taxCode ?? null;
    try {
      const { endsAt } = await saveDraft(model.benefit.id, {
        step: model.step,
        typed: model.typed,
        owner,
      });
      this.#say(
        model.texts.draftSaved(longDate(endsAt.toISOString().slice(0, 10), model.language)),
      );
    } catch {
      this.#say(model.texts.draftFailed);
    }
  }

  async resume(): Promise<void> {
    const { model } = this.#form;
    const draft = await openDraft(model.benefit.id, model.session.person?.taxCode ?? null);
    if (draft === "another-person") return this.#say(model.texts.draftOfAnother);
    model.draft = null;
    if (draft === null) return this.#say(model.texts.draftSpoilt);
    model.typed = draft.typed;
    this.#form.recheck();
    const step =
      STEPS.find((step): step is Step => step === draft.step && step !== "outcome") ?? "general";
    this.#form.go(step === "information" ? "general" : step === "review" ? "specific" : step);
  }

  async discard(): Promise<void> {
    const { model } = this.#form;
    await deleteDraft(model.benefit.id);
    model.draft = null;
    this.#form.render();
  }

  #say(note: string): void {
    this.#form.model.draftNote = note;
    this.#form.render();
  }
}
