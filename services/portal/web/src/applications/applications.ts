import { render } from "lit-html";
import type { Answer } from "../common/api.js";
import type { Config } from "../common/config.js";
import { showAccount } from "../common/account.js";
import { afterPaint } from "../common/island.js";
import { delaySeconds, pause } from "../common/retry.js";
import type { Session } from "../common/session.js";
import { noteWithdrawn } from "../common/withdrawn.js";
import type { Part } from "./card_view.js";
import { Catalogue } from "./catalogue.js";
import { Client } from "./client.js";
import type { Listed, Page } from "./model.js";
import { added, type Card, cardOf, changed, EMPTY, type Phase, type State, withFound } from "./state.js";
import { stands } from "./timeline.js";
import { type PageActions, type PageTexts, view } from "./view.js";

/** Seconds after a request to withdraw at which the page looks whether it has been done. */
const LOOKS = [2, 4, 9, 15];

/** The page of one's own applications. */
export class Applications {
  readonly #config: Config;
  readonly #texts: PageTexts;
  readonly #session: Session;
  readonly #client: Client;
  readonly #catalogue: Catalogue;
  readonly #place: HTMLElement;
  #state: State = EMPTY;

  constructor(config: Config, texts: PageTexts, session: Session, place: HTMLElement) {
    this.#config = config;
    this.#texts = texts;
    this.#session = session;
    this.#client = new Client(config, session);
    this.#catalogue = new Catalogue(config);
    this.#place = place;
  }

  async start(): Promise<void> {
    this.#phase({ is: "loading" });
    const resumed = await this.#session.resume();
    if (resumed !== "signed-in") {
      return this.#phase({ is: "signed-out", why: resumed === "failed" ? "failed" : "" });
    }
    showAccount(this.#session, this.#texts.common, () => this.#show(EMPTY));
    await this.#list();
  }

  readonly #actions: PageActions = {
    signIn: () => void this.signIn(),
    refresh: () => void this.#list(),
    more: () => void this.#more(),
    open: (id, part) => void this.#open(id, part),
    moreAccesses: (id) => void this.#moreAccesses(id),
    ask: (id, isAsking) => this.#ask(id, isAsking),
    withdraw: (id) => void this.#withdraw(id),
  };

  /** Leaves for the identity provider: nothing on this page can be lost. */
  async signIn(): Promise<void> {
    try {
      await this.#session.redirect();
    } catch {
      this.#phase({ is: "signed-out", why: "provider-away" });
    }
  }

  #show(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    render(view(this.#config, this.#texts, this.#state, this.#actions), this.#place);
  }

  #phase(phase: Phase): void {
    this.#show({ phase });
  }

  #change(id: string, change: Partial<Card>): void {
    this.#show({ cards: changed(this.#state.cards, id, change) });
  }

  #card(id: string): Card | undefined {
    return this.#state.cards.find(({ listed }) => listed.id === id);
  }

  /** Reads the list from its beginning, and again until status answers. */
  async #list(): Promise<void> {
    this.#phase({ is: "loading" });
    for (let failures = 1; ; failures += 1) {
      const answer = await this.#client.list(undefined);
      if (answer.kind === "ok") return this.#listed(answer.body);
      if (this.#isOver(answer)) return;
      this.#phase({ is: "away" });
      const atLeast = Math.max(2, answer.kind === "problem" ? answer.retryAfter : 0);
      await pause(delaySeconds(failures, atLeast), atLeast);
    }
  }

  async #listed(page: Page<Listed>): Promise<void> {
    const cards = await this.#cards(page);
    this.#show({ phase: { is: "list" }, cards, next: page.next });
    await this.#explain(cards);
  }

  async #cards(page: Page<Listed>): Promise<Card[]> {
    return Promise.all(
      page.items.map(async (listed) => cardOf(listed, await this.#catalogue.get(listed.benefit))),
    );
  }

  /** An application that does not stand says why without being asked. */
  async #explain(cards: readonly Card[]): Promise<void> {
    for (const { listed } of cards.filter(({ listed }) => listed.status !== "registered").slice(0, 5)) {
      await this.#open(listed.id, "found");
    }
  }

  async #more(): Promise<void> {
    const { next, cards, isLoadingMore } = this.#state;
    if (next === undefined || isLoadingMore) return;
    this.#show({ isLoadingMore: true });
    const answer = await this.#client.list(next);
    this.#show({ isLoadingMore: false });
    if (answer.kind !== "ok") return void this.#isOver(answer);
    const page = await this.#cards(answer.body);
    this.#show({ cards: added(cards, page), next: answer.body.next });
    const first = page[0]?.listed.id ?? "";
    afterPaint(() => document.getElementById(`title-${first}`)?.focus());
    await this.#explain(page);
  }

  async #open(id: string, part: Part): Promise<void> {
    const before = this.#card(id)?.[part];
    if (before !== null && before !== "away") return;
    this.#change(id, { [part]: "loading" });
    const answer = await this.#fetch(id, part);
    if (answer.kind !== "ok") {
      this.#change(id, { [part]: "away" });
      return void this.#isOver(answer);
    }
    this.#change(id, { [part]: answer.body });
    if (part === "found") this.#found(id);
  }

  #fetch(id: string, part: Part): Promise<Answer<unknown>> {
    switch (part) {
      case "found":
        return this.#client.find(id);
      case "content":
        return this.#client.content(id);
      case "accesses":
        return this.#client.accesses(id, undefined);
    }
  }

  #found(id: string): void {
    const card = this.#card(id);
    if (card === undefined || typeof card.found !== "object" || card.found === null) return;
    const { status, content_digest: digest } = card.found;
    if (status === "withdrawn" && digest !== undefined) noteWithdrawn(id, digest);
    this.#change(id, withFound(card, card.found));
  }

  async #moreAccesses(id: string): Promise<void> {
    const known = this.#card(id)?.accesses;
    if (typeof known !== "object" || known === null || known?.next === undefined) return;
    const answer = await this.#client.accesses(id, known.next);
    if (answer.kind !== "ok") return void this.#isOver(answer);
    const items = [...known.items, ...answer.body.items];
    this.#change(id, { accesses: { ...answer.body, items } });
  }

  #ask(id: string, isAsking: boolean): void {
    this.#change(id, { withdrawal: isAsking ? "asking" : "no" });
    afterPaint(() => document.getElementById(isAsking ? `ask-${id}` : `withdraw-${id}`)?.focus());
  }

  async #withdraw(id: string): Promise<void> {
    if (this.#card(id)?.withdrawal === "sending") return;
    this.#change(id, { withdrawal: "sending" });
    const answer = await this.#client.withdraw(id);
    this.#change(id, { withdrawal: answer.kind === "ok" ? "sent" : "failed" });
    if (answer.kind !== "ok") return void this.#isOver(answer);
    for (const seconds of LOOKS) {
      await pause(seconds, seconds);
      const now = await this.#client.find(id);
      if (now.kind !== "ok" || stands(now.body.status)) continue;
      this.#change(id, { found: now.body, withdrawal: "no", accesses: null });
      this.#found(id);
      return afterPaint(() => document.getElementById(`title-${id}`)?.focus());
    }
  }

  /** Whether the token has ended: then what is shown goes, as at a sign-out. */
  #isOver(answer: Answer<unknown>): boolean {
    const isOver = answer.kind === "problem" && answer.problem.status === 401;
    if (isOver) this.#show({ ...EMPTY, phase: { is: "signed-out", why: "over" } });
    return isOver;
  }
}
