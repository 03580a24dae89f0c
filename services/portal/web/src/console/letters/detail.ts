/** Reads one dead letter, and what operators do with it. */

import type { Letter, LetterContent } from "../api/decisions.js";
import type { Context } from "../context.js";
import { REASON_LENGTH } from "../step/step.js";
import type { DetailActions } from "./detail_view.js";
import { changedLines, jsonProblem, packed, pretty } from "./json_text.js";
import { type DetailState, detailOf } from "./state.js";

export class LetterDetail {
  readonly #context: Context;
  state: DetailState;

  constructor(context: Context, id: string) {
    this.#context = context;
    this.state = detailOf(id);
  }

  readonly actions: DetailActions = {
    reason: (reason) => this.#set({ reason }),
    read: () => void this.#readContent(),
    mend: (mended) => this.#set({ mended }),
    undo: () => this.#set({ mended: null }),
    save: () => this.#save(),
    requeue: () => this.#requeue(),
    discard: () => this.#discard(),
  };

  get #path(): string {
    return `/v1/dead-letters/${encodeURIComponent(this.state.id)}`;
  }

  /** Reads what has become of it, without its content. */
  async read(): Promise<void> {
    const answer = await this.#context.client.read<Letter>(this.#path);
    if (answer.kind === "ok") return this.#set({ letter: answer.body, isMissing: false });
    if (answer.kind === "problem" && answer.problem.status === 404) this.#set({ isMissing: true });
  }

  #set(change: Partial<DetailState>): void {
    this.state = { ...this.state, ...change };
    this.#context.refresh();
  }

  async #readContent(): Promise<void> {
    const reason = this.state.reason.replace(/\s+/g, " ").trim();
    const { length } = [...reason];
    this.#set({ isTried: true, trouble: "" });
    if (length < REASON_LENGTH.least || length > REASON_LENGTH.most) return;
    const answer = await this.#context.client.read<LetterContent>(`${this.#path}/content`, {
      "Access-Reason": asHeader(reason),
    });
    const words = this.#context.texts.letters;
    if (answer.kind === "ok") {
      this.#set({ content: answer.body });
      return this.#context.say(words.contentThere);
    }
    const trouble = answer.kind === "problem" ? answer.problem.detail || answer.problem.title : "";
    this.#set({ trouble: trouble || words.away });
  }

  #save(): void {
    const { content, mended, letter } = this.state;
    if (content?.text === undefined || mended === null || letter === null) return;
    if (mended === pretty(content.text) || jsonProblem(mended) !== "") return;
    const words = this.#context.texts.letters;
    const before = content.text;
    const lines = changedLines(pretty(before), mended);
    const text = packed(mended);
    this.#context.ask<Letter>({
      title: words.mendTitle,
      effects: () => [
        words.effects.mend(this.#context.formats.count(lines)),
        words.effects.digests,
        words.effects.holder,
      ],
      act: words.mend,
      method: "PUT",
      path: `${this.#path}/content`,
      version: letter.version,
      body: (reason) => ({ text, reason }),
      describe: (current) => words.states[(current as Letter).state],
      done: (changed) => {
        this.#set({ letter: changed, content: { ...content, text, version: changed.version }, mended: null });
        this.#context.say(words.mendDone);
      },
    });
  }

  #requeue(): void {
    const { letter } = this.state;
    if (letter === null) return;
    const words = this.#context.texts.letters;
    this.#context.ask<Letter>({
      title: words.requeueTitle(1, "1"),
      effects: () => [words.effects.one(letter.application ?? letter.letter), words.effects.once],
      act: words.requeue,
      method: "POST",
      path: `${this.#path}/requeue`,
      version: letter.version,
      body: (reason) => ({ reason }),
      describe: (current) => words.states[(current as Letter).state],
      done: (changed) => {
        this.#set({ letter: changed });
        this.#context.say(words.requeued);
      },
    });
  }

  #discard(): void {
    const { letter } = this.state;
    if (letter === null) return;
    const words = this.#context.texts.letters;
    this.#context.ask<Letter>({
      title: words.discardTitle,
      effects: () => [words.effects.discard(letter.application ?? letter.letter), words.effects.forEver],
      act: words.discard,
      isDanger: true,
      method: "POST",
      path: `${this.#path}/discard`,
      version: letter.version,
      body: (reason) => ({ reason }),
      describe: (current) => words.states[(current as Letter).state],
      done: (changed) => {
        this.#set({ letter: changed });
        this.#context.say(words.discarded);
      },
    });
  }
}

/** Writes a text as the bytes of its UTF-8, one character each, as headers are sent. */
export function asHeader(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}
