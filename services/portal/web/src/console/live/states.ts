import { known } from "../api/now.js";
import type { Formats } from "../formats.js";
import type { ConsoleTexts } from "../texts/it.js";
import type { Live } from "./live.js";
import type { Speaker } from "./speaker.js";

/** Notes the states whose changes are said aloud: the verdict, the connection, the backlog. */
export function noteStates(speaker: Speaker, live: Live, texts: ConsoleTexts, formats: Formats): void {
  const words = texts.said;
  const { now } = live;
  const link = live.isStale || live.link !== "live" ? "interrupted" : "live";
  if (live.link !== "connecting") speaker.note("link", link, words.link[link]);
  if (now === null || live.isStale) return;
  const verdict = known(now.ledger.verdict) ?? "unknown";
  speaker.note("verdict", verdict, words.verdict[verdict]);
  const { state } = now.time_to_drain;
  if (state !== "unknown") speaker.note("drain", state, words.drain[state]);
  const letters = known(now.dead_letters);
  if (letters !== null) {
    speaker.note("letters", letters === 0 ? "none" : "some", letters === 0 ? words.noLetters : words.letters(letters, formats.count(letters)));
  }
}
