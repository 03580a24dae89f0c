/** Closes the open tail of a killed process, on an operator's word. */

import type { Tail } from "../api/decisions.js";
import type { Gap } from "../api/now.js";
import type { Context } from "../context.js";
import type { StepRequest } from "../step/step.js";

/** Returns the open tail that a gap is; `null` where it is another gap. */
export function tailOf({ verdict, channel, process, numbers }: Gap): Tail | null {
  const from = /^(\d+)-$/.exec(numbers)?.[1];
  if (verdict !== "open" || process === undefined || from === undefined) return null;
  return { channel, process, from: Number(from) };
}

/** Returns the second step: its words, and the process to be typed. */
export function tailStep(context: Context, tail: Tail): StepRequest<Tail> {
  const { texts, formats } = context;
  const words = texts.proof.tail;
  const { channel, process } = tail;
  return {
    title: words.title(process),
    effects: (found) => {
      const { from } = (found as Tail | null) ?? tail;
      return [words.effect(formats.count(from), texts.channelNames[channel]), words.first, words.forEver];
    },
    act: words.act,
    isDanger: true,
    word: process,
    method: "POST",
    path: `/v1/ledger/tails/${channel}/${process}/close`,
    version: tail.from,
    body: (reason) => ({ reason }),
    describe: (current) => words.now(formats.count((current as Tail).from)),
    done: () => {
      context.refresh();
      context.say(words.done);
    },
  };
}
