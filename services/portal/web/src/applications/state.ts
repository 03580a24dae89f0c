import type { Benefit } from "./catalogue.js";
import type { Access, Content, Found, Listed, Page } from "./model.js";

/** Something that is fetched when somebody wants to see it. */
export type Fetched<T> = null | "loading" | "away" | T;

/** One application, and what was fetched of it. */
export interface Card {
  readonly listed: Listed;
  readonly benefit: Benefit | null;
  readonly found: Fetched<Found>;
  readonly content: Fetched<Content>;
  readonly accesses: Fetched<Page<Access>>;
  readonly withdrawal: "no" | "asking" | "sending" | "sent" | "failed";
}

export type Phase =
  /** `failed`: an attempt to sign in did not work; `over`: the token has ended. */
  | { readonly is: "signed-out"; readonly why: "" | "failed" | "over" | "provider-away" }
  | { readonly is: "loading" }
  /** The list can't be read now. */
  | { readonly is: "away" }
  | { readonly is: "list" };

export interface State {
  readonly phase: Phase;
  readonly cards: readonly Card[];
  /** Leads to the page of the list behind these. */
  readonly next: string | undefined;
  readonly isLoadingMore: boolean;
}

export const EMPTY: State = {
  phase: { is: "signed-out", why: "" },
  cards: [],
  next: undefined,
  isLoadingMore: false,
};

/** Makes the card of a line of the list. */
export function cardOf(listed: Listed, benefit: Benefit | null): Card {
  return { listed, benefit, found: null, content: null, accesses: null, withdrawal: "no" };
}

/** Returns the cards, one of them changed. */
export function changed(cards: readonly Card[], id: string, change: Partial<Card>): readonly Card[] {
  return cards.map((card) => (card.listed.id === id ? { ...card, ...change } : card));
}

/** Adds a page of the list; a line that came before (the list has moved on) stays one. */
export function added(cards: readonly Card[], page: readonly Card[]): readonly Card[] {
  const known = new Set(cards.map(({ listed }) => listed.id));
  return [...cards, ...page.filter(({ listed }) => !known.has(listed.id))];
}

/** What is read now counts more than the line of the list. */
export function withFound(card: Card, found: Found): Card {
  return { ...card, found, listed: { ...card.listed, status: found.status } };
}
