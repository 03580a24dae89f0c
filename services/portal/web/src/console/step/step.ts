/**
 * The second step of every change: says in figures what will happen, takes a reason, and the number
 * typed where it is more than one. Sends once, whatever is pressed how often. What another operator
 * did meanwhile is shown; no text is lost.
 */

import type { TemplateResult } from "lit-html";
import type { Answer } from "../../common/api.js";
import { type Client, type Conflict, conflictOf, type Write } from "../api/client.js";
import { isCount } from "../selection.js";

export const REASON_LENGTH = { least: 10, most: 200 } as const;

export interface StepRequest<T> {
  readonly title: string;
  /** What will happen, in figures. `found`: what another operator made of it meanwhile. */
  readonly effects: (found: unknown) => readonly (string | TemplateResult)[];
  /** The name of the button. */
  readonly act: string;
  readonly isDanger?: boolean;
  /** How many objects change: typed where it is more than one. */
  readonly count?: number;
  /** A word that is typed to confirm, where a number would say nothing. */
  readonly word?: string;
  readonly method: Write["method"];
  readonly path: string;
  readonly body: (reason: string) => unknown;
  readonly version: number | null;
  /** What is there now, in words, at a conflict. */
  readonly describe?: (current: unknown) => string;
  readonly done: (result: T) => void;
}

/** Why the last attempt did not do it. */
export type Trouble =
  | { readonly is: "conflict"; readonly conflict: Conflict }
  | { readonly is: "problem"; readonly text: string; readonly details: readonly string[] }
  | { readonly is: "silent" }
  | { readonly is: "signed-out" };

interface Open {
  readonly request: StepRequest<unknown>;
  readonly version: number | null;
  readonly reason: string;
  readonly typed: string;
  readonly isSending: boolean;
  /** Whether it was pressed: only then it says what is missing. */
  readonly isTried: boolean;
  readonly trouble: Trouble | null;
  readonly key: string;
  /** What was sent with the key: other content gets another key. */
  readonly sent: string;
}

export class Step {
  readonly #client: Client;
  readonly #changed: () => void;
  #open: Open | null = null;

  constructor(client: Client, changed: () => void) {
    this.#client = client;
    this.#changed = changed;
  }

  get open(): Open | null {
    return this.#open;
  }

  ask<T>(request: StepRequest<T>): void {
    this.#open = {
      request: request as StepRequest<unknown>,
      version: request.version,
      reason: "",
      typed: "",
      isSending: false,
      isTried: false,
      trouble: null,
      key: crypto.randomUUID(),
      sent: "",
    };
    this.#changed();
  }

  close(): void {
    if (this.#open?.isSending === true) return;
    this.#open = null;
    this.#changed();
  }

  type(change: Partial<Pick<Open, "reason" | "typed">>): void {
    this.#change(change);
  }

  /** What keeps it from being sent. */
  get missing(): readonly ("reason" | "typed")[] {
    if (this.#open === null) return [];
    const { reason, typed, request } = this.#open;
    const { length } = [...oneLine(reason)];
    const isReason = length >= REASON_LENGTH.least && length <= REASON_LENGTH.most;
    return [...(isReason ? [] : (["reason"] as const)), ...(isConfirmed(request, typed) ? [] : (["typed"] as const))];
  }

  async send(): Promise<void> {
    const open = this.#open;
    if (open === null || open.isSending) return;
    if (this.missing.length > 0) return this.#change({ isTried: true });
    const { method, path, body, done } = open.request;
    const content = body(oneLine(open.reason));
    const sent = JSON.stringify([content, open.version]);
    const key = open.sent === "" || open.sent === sent ? open.key : crypto.randomUUID();
    this.#change({ isSending: true, isTried: true, trouble: null, key, sent });
    const answer = await this.#client.write({ method, path, body: content, version: open.version, key });
    if (answer.kind === "ok") {
      this.#open = null;
      this.#changed();
      return done(answer.body);
    }
    this.#change({ isSending: false, ...failed(answer, open.version) });
  }

  #change(change: Partial<Open>): void {
    if (this.#open === null) return;
    this.#open = { ...this.#open, ...change };
    this.#changed();
  }
}

function isConfirmed({ count = 1, word }: StepRequest<unknown>, typed: string): boolean {
  if (word !== undefined) return typed.trim().toLowerCase() === word.toLowerCase();
  return count <= 1 || isCount(typed, count);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function failed(answer: Answer<unknown>, version: number | null): Pick<Open, "trouble" | "version"> {
  if (answer.kind !== "problem") return { version, trouble: { is: "silent" } };
  const { problem } = answer;
  const conflict = conflictOf(answer);
  if (conflict !== null) {
    return { version: versionOf(conflict.current) ?? version, trouble: { is: "conflict", conflict } };
  }
  if (problem.status === 401) return { version, trouble: { is: "signed-out" } };
  const text = problem.detail || problem.title || String(problem.status);
  const details = problem.violations.map(({ message }) => message);
  return { version, trouble: { is: "problem", text, details } };
}

/** The version that is there now: who goes on, goes on knowing it. */
function versionOf(current: unknown): number | null {
  const there = current as { version?: unknown; from?: unknown } | null | undefined;
  // an open tail's version is its first number
  const version = there?.version ?? there?.from;
  return typeof version === "number" ? version : null;
}
