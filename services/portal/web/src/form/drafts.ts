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

  get #person(): string | null {
    return this.#form.model.session.person?.taxCode ?? null;
  }

  /** Looks for a draft: when the form opens, and when somebody has signed in. */
  async find(): Promise<void> {
    const { model } = this.#form;
    const found = await findDraft(model.benefit.id, this.#person);
    // sent meanwhile: a draft that this person took over goes, too
    if (model.sent !== null) return deleteDraft(model.benefit.id);
    model.draft = found === "wiped" ? null : found;
    if (found === "wiped") model.draftNote = model.texts.draftWiped;
  }

  async save(): Promise<void> {
    const { model } = this.#form;
    const { texts, language, step, typed } = model;
    const person = this.#person;
    try {
      const { endsAt } = await saveDraft(model.benefit.id, { step, typed }, person);
      const until = longDate(endsAt.toISOString().slice(0, 10), language);
      this.#say(person === null ? texts.draftSavedHere(until) : texts.draftSaved(until));
    } catch {
      this.#say(texts.draftFailed);
    }
  }

  async resume(): Promise<void> {
    const { model } = this.#form;
    const draft = await openDraft(model.benefit.id, this.#person);
    model.draft = null;
    if (draft === null) return this.#say(model.texts.draftWiped);
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
