/** The form's island: reads form and texts, then lives until the receipt. */

import { render } from "lit-html";
import { showAccount } from "../common/account.js";
import { type Config, readConfig } from "../common/config.js";
import { exactTime } from "../common/format.js";
import { type Language, load } from "../common/language.js";
import { afterPaint, islandPlace, setTitle } from "../common/island.js";
import { Session } from "../common/session.js";
import { COMMON_TEXTS } from "../common/texts/load.js";
import { readBenefit } from "./benefit.js";
import { Drafts } from "./drafts.js";
import { Form } from "./form.js";
import { frameOf, onLanguage, takeFrame } from "./languages.js";
import { type Model, STEPS, type Sent, type Step } from "./model.js";
import { titleOf } from "./names.js";
import type { Drawn } from "./qr.js";
import { registration } from "./registration.js";
import { Sending } from "./sending.js";
import { FORM_TEXTS } from "./texts/load.js";
import { view } from "./view.js";

/** What `history.state` holds: a step, or a receipt. Nothing that was typed. */
interface State {
  readonly step?: Step;
  readonly sent?: Sent;
  readonly counter?: number;
  /** A sending was on its way. */
  readonly unsure?: boolean;
}

/** Nobody waits for the form for longer than this because of a slow storage, in milliseconds. */
const LOOKING = 1000;

const config = readConfig();
void start(config);

async function start(config: Config): Promise<void> {
  const session = new Session(config);
  const [texts, common, resumed] = await Promise.all([
    load(FORM_TEXTS, config.language),
    load(COMMON_TEXTS, config.language),
    session.resume(),
  ]);
  const state = (history.state ?? {}) as State;
  const model: Model = {
    config,
    language: config.language,
    texts,
    common,
    session,
    benefit: readBenefit(),
    typed: {},
    step: "information",
    reached: 0,
    fromReview: false,
    mistakes: [],
    summary: false,
    message: state.unsure === true ? { kind: "unsure" } : null,
    draft: null,
    draftNote: resumed === "failed" ? texts.popupRefused : "",
    prepared: null,
    popupNote: null,
    sending: null,
    notBefore: 0,
    sent: state.sent ?? null,
    counter: state.counter ?? 1,
    replaces: false,
  };
  await new Island(model, islandPlace()).open();
}

class Island {
  readonly #model: Model;
  readonly #place: HTMLElement;
  readonly #form: Form;
  readonly #sending: Sending;
  readonly #drafts: Drafts;
  #qr: Drawn = null;
  #copied = false;

  constructor(model: Model, place: HTMLElement) {
    this.#model = model;
    this.#place = place;
    this.#form = new Form(model, () => this.#render());
    this.#sending = new Sending(this.#form, (sent) => this.#receive(sent));
    this.#drafts = new Drafts(this.#form);
  }

  async open(): Promise<void> {
    const model = this.#model;
    // before anything is shown, so that nothing moves when a draft is found
    const looking = model.sent === null ? this.#drafts.find() : Promise.resolve();
    await Promise.race([looking, new Promise((resolve) => setTimeout(resolve, LOOKING))]);
    this.#place.replaceChildren();
    if (model.sent === null)
      history.replaceState({ step: "information", counter: model.counter } satisfies State, "");
    model.session.onChange(() => {
      this.#account();
      this.#render();
      if (model.session.token !== null && model.sent === null) void this.#findDraft();
    });
    this.#form.signIn = () => void this.#signIn();
    document.addEventListener("click", (event) => {
      // the header's own link would leave the form
      if ((event.target as Element | null)?.closest?.(".btn-access") == null || model.sent !== null)
        return;
      event.preventDefault();
      void this.#signIn();
    });
    addEventListener("popstate", (event) => this.#moved((event.state ?? {}) as State));
    addEventListener("beforeunload", (event) => {
      const typed = Object.keys(model.typed as object).length > 0;
      if (model.sent === null && (typed || model.sending !== null) && !this.#leaving)
        event.preventDefault();
    });
    onLanguage((language, url) => void this.#speak(language, url));
    this.#account();
    this.#render();
    void looking.then(() => this.#render());
    if (model.sent !== null) void this.#showReceipt(model.sent);
  }

  #leaving = false;

  /** Somebody has signed in: a draft of this tab is theirs now, another person's goes. */
  async #findDraft(): Promise<void> {
    await this.#drafts.find();
    this.#render();
  }

  /** Signs in before the review: with the whole window while nothing was typed, else by a popup. */
  async #signIn(): Promise<void> {
    const model = this.#model;
    if (model.step !== "information") return this.#sending.signIn();
    this.#leaving = true;
    try {
      await model.session.redirect();
    } catch {
      this.#leaving = false;
      model.draftNote = model.common.cannotSignIn;
      this.#render();
    }
  }

  #account(): void {
    showAccount(this.#model.session, this.#model.common, () => {
      this.#leaving = true;
      this.#model.typed = {};
      this.#place.replaceChildren();
    });
  }

  #render(): void {
    if (this.#leaving) return;
    const { benefit } = this.#model;
    render(
      view(this.#form, this.#qr, {
        save: () => void this.#drafts.save(),
        resume: () => void this.#drafts.resume(),
        discard: () => void this.#drafts.discard(),
        signIn: () => void this.#sending.signIn(),
        send: () => void this.#sending.send(),
        outcome: {
          copied: this.#copied,
          copy: () => void this.#copy(),
          download: () => void this.#download(),
          another: benefit.one_per.length === 0 ? () => this.#another() : null,
        },
      }),
      this.#place,
    );
    const { step, session, prepared } = this.#model;
    if (step === "review" && session.token === null && prepared === null)
      void this.#sending.prepare();
  }

  /** The browser's Back and Forward: a step, never a form that was sent or is being sent. */
  #moved(state: State): void {
    const model = this.#model;
    if (model.sent !== null || model.sending !== null) {
      // forward again: the receipt stays in one entry, so that the sign-out removes it
      if (state.sent === undefined && state.unsure !== true) history.forward();
      return;
    }
    const step = state.step ?? "information";
    model.fromReview = false;
    if (STEPS.indexOf(step) <= model.reached) this.#form.go(step, "stay");
  }

  #receive(sent: Sent): void {
    const model = this.#model;
    model.mistakes = [];
    model.sent = sent;
    [this.#qr, this.#copied] = [null, false];
    model.step = "outcome";
    history.replaceState({ step: "outcome", sent } satisfies State, "");
    void this.#showReceipt(sent);
  }

  async #showReceipt(sent: Sent): Promise<void> {
    this.#model.step = "outcome";
    this.#render();
    setTitle(titleOf(this.#model));
    afterPaint(() => {
      scrollTo({ top: 0 });
      document.querySelector<HTMLElement>("#island h1")?.focus({ preventScroll: true });
    });
    void this.#draw(sent);
    if (sent.protocol !== undefined) return;
    const registered = await registration(this.#form, sent);
    if (this.#leaving) return;
    if (registered === "withdrawn-before") return this.#sending.sendAgain();
    this.#model.typed = {};
    if (registered === null) return;
    this.#model.sent = registered;
    history.replaceState({ step: "outcome", sent: registered } satisfies State, "");
    this.#render();
  }

  /** Draws the code. A page that was open for longer than its build is kept can't. */
  async #draw(sent: Sent): Promise<void> {
    const parts = await import("./receipt_parts.js").catch(() => null);
    if (this.#model.sent?.receipt !== sent.receipt) return;
    this.#qr = parts === null ? "missing" : parts.qrOf(`${this.#checkUrl}#${sent.receipt}`);
    this.#render();
  }

  get #checkUrl(): string {
    return new URL(this.#model.config.paths.check ?? "/", location.origin).href;
  }

  async #copy(): Promise<void> {
    await navigator.clipboard.writeText(this.#model.sent?.id ?? "").catch(() => undefined);
    this.#copied = true;
    this.#render();
  }

  async #download(): Promise<void> {
    const { sent, texts, language } = this.#model;
    if (sent === null || this.#qr === null || this.#qr === "missing") return;
    const { receiptFile } = await import("./receipt_parts.js");
    const when = exactTime(sent.received_at, language);
    const file = receiptFile(sent, when, this.#qr, this.#checkUrl, texts, language);
    const url = URL.createObjectURL(file);
    const link = Object.assign(document.createElement("a"), {
      href: url,
      download: `${texts.fileName}-${sent.id.slice(0, 8)}.html`,
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  /** A second application, where the benefit allows it: the next counter makes it another one. */
  #another(): void {
    const counter = this.#model.counter + 1;
    history.pushState({ step: "information", counter } satisfies State, "");
    location.reload();
  }

  /** Another language, with everything as it was. */
  async #speak(language: Language, url: string): Promise<void> {
    const model = this.#model;
    if (language === model.language) return;
    try {
      const [texts, common, frame] = await Promise.all([
        load(FORM_TEXTS, language),
        load(COMMON_TEXTS, language),
        frameOf(url),
      ]);
      // all or nothing: never a frame in another language than the form
      Object.assign(model, { texts, common, config: takeFrame(frame, url), language });
    } catch {
      model.draftNote = model.texts.languageLater;
      return this.#render();
    }
    this.#form.recheck();
    this.#account();
    this.#render();
    const title = titleOf(model);
    setTitle(model.summary ? model.texts.errorTitle(title) : title);
  }
}
