/** The whole console: who is signed in, which section is open, and the second step. */

import { render } from "lit-html";
import { showAccount } from "../common/account.js";
import { setTitle } from "../common/island.js";
import type { Language } from "../common/language.js";
import type { Prepared, Session } from "../common/session.js";
import type { CommonTexts } from "../common/texts/it.js";
import { Client } from "./api/client.js";
import { known } from "./api/now.js";
import type { ConsoleConfig } from "./config.js";
import { type Context, type Section, type SectionName, SECTIONS } from "./context.js";
import { Formats } from "./formats.js";
import type { ConsoleLanguage } from "./language.js";
import { Live } from "./live/live.js";
import { noteStates } from "./live/states.js";
import { Speaker } from "./live/speaker.js";
import { AuditSection } from "./sections/audit.js";
import { ChannelsSection } from "./sections/channels.js";
import { LettersSection } from "./sections/letters.js";
import { NowSection } from "./sections/now.js";
import { ServicesSection } from "./sections/services.js";
import { WorkersSection } from "./sections/workers.js";
import { Step, type Trouble } from "./step/step.js";
import { showStep } from "./step/view.js";
import type { ConsoleTexts } from "./texts/it.js";
import { showMenu } from "./view/menu.js";
import { page, type Access } from "./view/page.js";

export class Console {
  readonly #context: Context;
  readonly #session: Session;
  readonly #place: HTMLElement;
  readonly #step: Step;
  readonly #speaker: Speaker;
  readonly #sections: Readonly<Record<SectionName, Section>>;
  #access: Access = "starting";
  #section: SectionName = "now";
  #said = "";
  #trouble: Trouble | null = null;
  #isPainting = false;
  /** A sign-in that a click can open at once. */
  #prepared: Prepared | null = null;

  constructor(
    config: ConsoleConfig,
    language: ConsoleLanguage,
    texts: ConsoleTexts,
    common: CommonTexts,
    session: Session,
    place: HTMLElement,
  ) {
    const client = new Client(config.api, language satisfies Language, session);
    this.#session = session;
    this.#place = place;
    this.#step = new Step(client, () => this.#refresh());
    this.#speaker = new Speaker((text) => this.#say(text));
    this.#context = {
      config,
      texts,
      common,
      formats: new Formats(language),
      client,
      live: new Live(client, session, () => this.#heard()),
      refresh: () => this.#refresh(),
      ask: (request) => this.#step.ask(request),
      say: (text) => this.#say(text),
    };
    this.#sections = {
      now: new NowSection(this.#context),
      workers: new WorkersSection(this.#context),
      letters: new LettersSection(this.#context),
      channels: new ChannelsSection(this.#context),
      audit: new AuditSection(this.#context),
      services: new ServicesSection(this.#context),
    };
  }

  async start(): Promise<void> {
    this.#refresh();
    const resumed = await this.#session.resume();
    if (resumed !== "signed-in") {
      this.#access = resumed === "failed" ? "failed" : "signed-out";
      return this.#refresh();
    }
    this.#access = "in";
    showAccount(this.#session, this.#context.common, () => this.#context.live.stop());
    addEventListener("hashchange", () => this.#open());
    this.#context.live.start();
    this.#open();
  }

  /** Leaves for the identity provider, and comes back to the section that is open. */
  async signIn(): Promise<void> {
    try {
      await this.#session.redirect(`${location.pathname}${location.hash}`);
    } catch {
      this.#access = "provider-away";
      this.#refresh();
    }
  }

  /** Signs in again by a popup: what was typed stays. Call it inside a click. */
  readonly #signInAgain = (): void => {
    const prepared = this.#prepared;
    this.#prepared = null;
    if (prepared === null) return void this.#prepare();
    void this.#session.popup(prepared, () => undefined).then((result) => {
      if (result === "signed-in") {
        this.#access = "in";
        this.#context.live.start();
        this.#sections[this.#section].enter(this.#rest);
      } else void this.#prepare();
      this.#refresh();
    });
  };

  async #prepare(): Promise<void> {
    this.#prepared = await this.#session.prepare().catch(() => null);
    this.#refresh();
  }

  get #rest(): string {
    return location.hash.slice(1).split("/").slice(1).join("/");
  }

  /** Opens the section that the address names. */
  #open(): void {
    const name = location.hash.slice(1).split("/")[0] as SectionName;
    const next = SECTIONS.includes(name) ? name : "now";
    if (next !== this.#section) {
      this.#sections[this.#section].leave?.();
      this.#section = next;
    }
    this.#sections[next].enter(this.#rest);
    setTitle(this.#context.texts.nav[next]);
    this.#refresh();
    // not at the start, nor where the section puts the focus by itself
    if (this.#rest === "" && document.activeElement?.closest("#console-menu") != null) {
      document.getElementById("console-title")?.focus();
    }
  }

  #heard(): void {
    const { live, texts, formats } = this.#context;
    if (live.link === "signed-out" && this.#access === "in") {
      this.#access = "over";
      void this.#prepare();
    }
    if (live.link === "not-allowed") this.#access = "not-allowed";
    noteStates(this.#speaker, live, texts, formats);
    this.#refresh();
  }

  #say(text: string): void {
    this.#said = text;
    this.#refresh();
  }

  /** Shows the state, once for all that changes until the next frame. */
  #refresh(): void {
    if (this.#isPainting) return;
    this.#isPainting = true;
    requestAnimationFrame(() => {
      this.#isPainting = false;
      this.#paint();
    });
  }

  #paint(): void {
    const { live } = this.#context;
    const section = this.#sections[this.#section];
    const isIn = this.#access === "in" || this.#access === "over";
    const view = {
      access: this.#access,
      canSignIn: this.#prepared !== null,
      section: this.#section,
      said: this.#said,
      step: this.#step,
      signIn: () => void this.signIn(),
      signInAgain: this.#signInAgain,
    };
    render(page(this.#context, view, isIn ? section.view() : null), this.#place);
    if (isIn) section.rendered?.();
    showMenu(this.#context, this.#section, live.now === null ? null : known(live.now.dead_letters));
    this.#trouble = showStep(this.#step, this.#trouble);
  }
}
