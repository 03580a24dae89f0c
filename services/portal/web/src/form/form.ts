/** What happens in the form: typing, moving between steps, mistakes. Rendering is `view.ts`'s. */

import { afterPaint, setTitle } from "../common/island.js";
import type { Schema } from "./check/schema.js";
import { type Checked, type Mistake, check, inOrder, words } from "./mistakes.js";
import { type Model, STEPS, type Step, stepOf, wholeSchema } from "./model.js";
import { type Path, type Typed, get, set, without } from "./typed.js";
import { withoutHidden } from "./hidden.js";
import { elementId, titleOf } from "./names.js";

export class Form {
  readonly model: Model;
  readonly #render: () => void;
  /** Signs in, wherever the form is. */
  signIn: () => void = () => undefined;
  #checked: { typed: Typed; result: Checked } | null = null;

  constructor(model: Model, render: () => void) {
    this.model = model;
    this.#render = render;
  }

  render(): void {
    this.#render();
  }

  /** The whole form as it is now: the category decides on the answers. */
  get schema(): Schema {
    const { benefit, typed, texts, language } = this.model;
    return wholeSchema(benefit, get(typed, ["category"]), texts, language);
  }

  /** What was typed, read and checked. */
  get checked(): Checked {
    const { typed } = this.model;
    if (this.#checked === null || this.#checked.typed !== typed) {
      this.#checked = { typed, result: check(this.schema, typed) };
    }
    return this.#checked.result;
  }

  /** Forgets what was checked: the benefit has changed. */
  recheck(): void {
    this.#checked = null;
  }

  words(mistake: Mistake): string {
    const { texts, language, benefit } = this.model;
    return words(mistake, texts, language, benefit.rules);
  }

  mistakeAt(pointer: string): Mistake | undefined {
    return this.model.mistakes.find((mistake) => mistake.pointer === pointer);
  }

  /** Takes what was typed into a field. Its mistake goes as soon as it is right. */
  type(path: Path, pointer: string, value: Typed): void {
    const { model } = this;
    if (model.sending !== null || model.sent !== null) return;
    const before = model.mistakes;
    model.typed = set(model.typed, path, value);
    model.typed = withoutHidden(this.schema, model.typed);
    const still = this.checked.mistakes;
    model.mistakes = before.flatMap((shown) => {
      if (shown.pointer === pointer)
        return still.filter((now) => now.pointer === pointer).slice(0, 1);
      // a field that is hidden now has no mistake any more; what the API said of others stays
      const stays = shown.by === "api" || still.some((now) => now.pointer === shown.pointer);
      return stays ? [shown] : [];
    });
    this.render();
  }

  /** Shows what is wrong with a field that was filled in, once it is left. */
  leave(pointer: string): void {
    const { model } = this;
    if (this.mistakeAt(pointer) !== undefined) return;
    const found = this.checked.mistakes.find((mistake) => mistake.pointer === pointer);
    if (found === undefined || found.code === "required") return;
    model.mistakes = [...model.mistakes, found];
    this.render();
  }

  /** Adds an element to a list, and puts the focus into it. */
  add(path: Path, pointer: string, index: number, element: Typed): void {
    this.type([...path, index], pointer, element);
    afterPaint(() => focusFirst(`${elementId(pointer)}-${index}`));
  }

  remove(path: Path, pointer: string, index: number): void {
    const { model } = this;
    model.typed = without(model.typed, path, index);
    model.mistakes = model.mistakes.filter((mistake) => !mistake.pointer.startsWith(pointer));
    this.render();
    afterPaint(() => document.getElementById(`${elementId(pointer)}-add`)?.focus());
  }

  /** *Avanti*: only a step without mistakes lets pass. */
  next(): void {
    const { model } = this;
    const step = STEPS.indexOf(model.step);
    const mistakes = this.checked.mistakes.filter(({ pointer }) => this.#isIn(pointer, model.step));
    if (mistakes.length > 0) return this.showMistakes(mistakes);
    const target = model.fromReview && this.#allRight() ? "review" : STEPS[step + 1];
    if (target !== undefined) this.go(target);
  }

  /** Shows mistakes in the summary, which takes the focus. */
  showMistakes(mistakes: readonly Mistake[]): void {
    const { model } = this;
    model.mistakes = inOrder(this.schema, mistakes);
    model.summary = true;
    this.render();
    setTitle(model.texts.errorTitle(titleOf(model)));
    afterPaint(() => document.getElementById("error-summary")?.focus());
  }

  #isIn(pointer: string, step: Step): boolean {
    return step !== "information" && stepOf(pointer) === step;
  }

  #allRight(): boolean {
    return this.checked.mistakes.length === 0;
  }

  /** Goes to a step, as a new entry of the browser's history. */
  go(step: Step, how: "push" | "stay" = "push"): void {
    const { model } = this;
    if (how === "push") history.pushState({ step, counter: model.counter }, "");
    if (step === "review") model.fromReview = false;
    if (step !== model.step) model.message = null;
    model.step = step;
    model.reached = Math.max(model.reached, STEPS.indexOf(step));
    model.mistakes = model.mistakes.filter((mistake) => mistake.by === "api");
    model.summary = false;
    this.render();
    setTitle(titleOf(model));
    afterPaint(() => {
      scrollTo({ top: 0 });
      document.querySelector<HTMLElement>("#island h1")?.focus({ preventScroll: true });
    });
  }

  /** *Modifica*: to the field, and back to the review. */
  change(pointer: string, step = stepOf(pointer)): void {
    this.go(step);
    this.model.fromReview = true;
    this.render();
    if (pointer !== "") afterPaint(() => focusField(pointer));
  }
}

/** Focuses a field with its label in view. */
export function focusField(pointer: string): void {
  const id = elementId(pointer);
  const field = document.getElementById(id);
  (field?.closest(".form-group, .form-list-item") ?? field)?.scrollIntoView({ block: "center" });
  focusFirst(id);
}

function focusFirst(id: string): void {
  const place = document.getElementById(id);
  const inside = place?.matches("input, select, textarea, button, [tabindex]")
    ? place
    : place?.querySelector<HTMLElement>("input, select, textarea, button");
  (inside as HTMLElement | null | undefined)?.focus({ preventScroll: true });
}
