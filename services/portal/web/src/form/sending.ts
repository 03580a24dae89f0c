/** From *Accedi* and *Invia* to the receipt. */

import { afterPaint, setTitle } from "../common/island.js";
import { delaySeconds, pause } from "../common/retry.js";
import type { Problem } from "../common/api.js";
import { timesWithdrawn } from "../common/withdrawn.js";
import { bodyOf, digestOf, type Filled, keyOf } from "./body.js";
import { loadNewest } from "./benefit.js";
import { changes } from "./changes.js";
import { deleteDraft } from "./draft.js";
import type { Form } from "./form.js";
import { ofApi } from "./mistakes.js";
import { titleOf } from "./names.js";
import { type Message, type Sent, stepOf } from "./model.js";
import { wasWithdrawnBefore } from "./registration.js";
import { type Outcome, send } from "./send.js";

/** Openings are spread, so that not everybody sends in the same millisecond. */
const SPREAD_SECONDS = 30;
/** Nobody leaves a page open for longer to wait for an opening. */
const A_DAY = 86_400;

export class Sending {
  readonly #form: Form;
  readonly #received: (sent: Sent) => void;
  /** Guards at once, before anything is rendered. */
  #busy = false;
  #preparing = false;

  constructor(form: Form, received: (sent: Sent) => void) {
    this.#form = form;
    this.#received = received;
  }

  /** Keeps an attempt to sign in ready while the review is shown, so that the click opens it at once. */
  async prepare(): Promise<void> {
    const { model } = this.#form;
    if (this.#preparing) return;
    this.#preparing = true;
    const needed = (): boolean =>
      model.session.token === null && (model.step !== "information" || model.sending !== null);
    for (
      let failures = 1;
      needed() && (model.prepared === null || model.prepared === "away");
      failures += 1
    ) {
      try {
        model.prepared = await model.session.prepare();
      } catch {
        model.prepared = "away";
        this.#form.render();
        await pause(delaySeconds(failures, 2), 2);
      }
    }
    this.#preparing = false;
    this.#form.render();
  }

  /** Says why nobody is signed in, and makes the next attempt ready. */
  #note(note: "popupClosed" | "popupBlocked" | "popupRefused" | "anotherPerson"): void {
    this.#form.model.popupNote = note;
    this.#form.render();
    void this.prepare();
  }

  async #prepareOnce(): Promise<void> {
    const { model } = this.#form;
    model.prepared = await model.session.prepare().catch(() => "away" as const);
    this.#form.render();
  }

  /** *Accedi*: the popup; then, where the sending had been cut short by it, on with it. */
  async signIn(): Promise<void> {
    const { model } = this.#form;
    // a click opens windows for some seconds: long enough to ask the provider where it is
    if (model.prepared === null || model.prepared === "away") await this.#prepareOnce();
    const { prepared } = model;
    if (prepared === null || prepared === "away") return void this.prepare();
    const opening = model.session.popup(prepared, () => this.#note("popupClosed"));
    model.prepared = null;
    const result = await opening;
    if (result === "replaced") return;
    const notes = {
      "signed-in": model.session.person?.taxCode === null ? "notACitizen" : null,
      closed: "popupClosed",
      blocked: "popupBlocked",
      refused: "popupRefused",
      "another-person": "anotherPerson",
    } as const;
    if (result !== "signed-in") return this.#note(notes[result]);
    model.popupNote = notes[result];
    this.#form.render();
    if (model.sending?.signedOut === true) return void this.#goOn();
    afterPaint(() =>
      document.querySelector<HTMLElement>("#island .steppers-nav .btn-primary")?.focus(),
    );
  }

  /** *Invia*. */
  async send(): Promise<void> {
    const { model } = this.#form;
    if (this.#busy || model.sent !== null) return;
    const { mistakes } = this.#form.checked;
    if (mistakes.length > 0) return this.#backTo(mistakes);
    if (performance.now() < model.notBefore) return this.#focusMessage();
    this.#busy = true;
    model.message = null;
    this.#begin();
    await this.#goOn();
  }

  /** Sends the same as a new application: the earlier one had been withdrawn. */
  async sendAgain(): Promise<void> {
    const { model } = this.#form;
    // its receipt was on the page: the person is told that another one takes its place
    model.replaces ||= model.sent !== null;
    model.counter += 1;
    model.sent = null;
    model.step = "review";
    this.#begin();
    await this.#goOn();
  }

  /** Locks the form, and says that it is being sent. */
  #begin(): void {
    const { model } = this.#form;
    model.sending = { cause: null, signedOut: false };
    history.replaceState({ step: "review", unsure: true, counter: model.counter }, "");
    this.#form.render();
    setTitle(titleOf(model));
    afterPaint(() => document.querySelector<HTMLElement>("#island h1")?.focus());
  }

  async #goOn(): Promise<void> {
    const { model } = this.#form;
    const { person } = model.session;
    if (person?.taxCode === null || person === null) return this.#unlock("notACitizen");
    const body = bodyOf(model.benefit.id, person, this.#form.checked.value as Filled);
    const digest = await digestOf(body);
    model.counter = Math.max(model.counter, 1 + timesWithdrawn(digest));
    const key = keyOf(digest, model.counter);
    model.sending = { cause: model.sending?.cause ?? null, signedOut: false };
    this.#form.render();
    const outcome = await send({
      url: `${model.config.intake}/v1/applications`,
      body,
      key,
      token: () => model.session.token,
      language: () => model.language,
      waiting: (cause) => {
        // said once: not again at each try
        if (model.sending?.cause !== null) return;
        model.sending = { cause, signedOut: false };
        this.#form.render();
      },
    });
    await this.#take(outcome);
  }

  async #take(outcome: Outcome): Promise<void> {
    const { model } = this.#form;
    switch (outcome.kind) {
      case "unauthorised":
        model.session.expire();
        model.sending = { cause: model.sending?.cause ?? null, signedOut: true };
        this.#form.render();
        return this.prepare();
      case "refused":
        return this.#refused(outcome.problem, outcome.retryAfter);
      case "accepted": {
        const { id, received_at, receipt, warnings = [] } = outcome.accepted;
        const { title, id: benefit } = model.benefit;
        const messages = warnings.map(({ message }) => message);
        const { location } = outcome;
        const replaces = model.replaces ? { replaces: true as const } : {};
        const sent = { id, received_at, receipt, title, warnings: messages, location, ...replaces };
        // no receipt of an application that does not stand, not even for a moment
        if (await wasWithdrawnBefore(this.#form, sent)) return this.sendAgain();
        model.sending = null;
        model.sent = sent;
        await deleteDraft(benefit);
        return this.#received(sent);
      }
    }
  }

  /** An answer that counts: the form can be changed again. */
  async #refused(problem: Problem, retryAfter: number): Promise<void> {
    const { model } = this.#form;
    this.#busy = false;
    model.sending = null;
    history.replaceState({ step: "review", counter: model.counter }, "");
    if (problem.name === "channel-closed") return this.#closed(problem, retryAfter);
    if (problem.name === "not-own-application") return this.#problem("notOwn");
    if (problem.violations.length === 0) return this.#problem("unknownProblem", problem.detail);
    const mistakes = problem.violations.map(ofApi);
    // the form finds all mistakes but those against rules: others are of a newer form
    const rules = new Set(model.benefit.rules?.map(({ code }) => code));
    if (mistakes.some(({ code }) => !rules.has(code))) await this.#takeNewest();
    this.#backTo(mistakes);
  }

  #closed(problem: Problem, retryAfter: number): void {
    const { model } = this.#form;
    model.message = { kind: "closed", opensAt: problem.opens_at };
    // by the server's clock: the device's may be wrong
    const spread = Math.random() * SPREAD_SECONDS;
    model.notBefore =
      problem.opens_at === null ? 0 : performance.now() + (retryAfter + spread) * 1000;
    this.#form.render();
    setTitle(titleOf(model));
    this.#focusMessage();
    if (model.notBefore > 0 && retryAfter < A_DAY) void this.#opening(model.message);
  }

  /** Says when it is open: at another moment to each person. */
  async #opening(closed: Message): Promise<void> {
    const { model } = this.#form;
    const seconds = Math.max(0, (model.notBefore - performance.now()) / 1000);
    await pause(seconds, seconds);
    if (model.message !== closed) return;
    model.message = { kind: "open" };
    this.#form.render();
  }

  #problem(text: "notOwn" | "unknownProblem" | "notACitizen", detail = ""): void {
    const { model } = this.#form;
    model.message = { kind: "problem", text, ...(detail === "" ? {} : { detail }) };
    this.#form.render();
    setTitle(titleOf(model));
    this.#focusMessage();
  }

  #unlock(text: "notACitizen"): void {
    this.#busy = false;
    this.#form.model.sending = null;
    this.#problem(text);
  }

  #focusMessage(): void {
    afterPaint(() => document.getElementById("message")?.focus());
  }

  /** Back at the step of the first mistake, with all of them; what has no field is in the summary. */
  #backTo(mistakes: Parameters<Form["showMistakes"]>[0]): void {
    const form = this.#form;
    const [first] = mistakes;
    if (first === undefined) return;
    const { message } = form.model;
    form.go(stepOf(first.pointer));
    form.model.fromReview = true;
    form.model.message = message;
    form.showMistakes(mistakes);
  }

  /** The form changed since the page was loaded: take the new one, keep the answers, say what changed. */
  async #takeNewest(): Promise<void> {
    const { model } = this.#form;
    const newest = await loadNewest(model.config);
    if (newest === null || newest.version === model.benefit.version) return;
    const before = this.#form.schema;
    model.benefit = newest;
    this.#form.recheck();
    model.message = { kind: "changed", ...changes(before, this.#form.schema) };
  }
}
