/** Fills the numbers and states that the page shows with those of now. */

import { dayAndTime, exactTime, plainNumber } from "../common/format.js";
import type { Language } from "../common/language.js";
import type { Progress } from "./progress.js";
import { TEXTS } from "./texts.js";

type Shown = "received" | "registered" | "registered_last_minute" | "waiting_seconds" | "numbers_at";

/** What a place for a number shows: a dash for what is not known. */
export function shown(progress: Progress, name: Shown, language: Language): string {
  if (name === "numbers_at") {
    const { numbers_at: at } = progress;
    return at === null ? TEXTS[language].unknown : exactTime(at, language);
  }
  const value = progress[name];
  // a portal of another build may not tell it
  if (value === null || value === undefined) return "–";
  // half a second is not "0 seconds": nothing takes no time
  return plainNumber(name === "waiting_seconds" ? Math.max(1, Math.ceil(value)) : value, language);
}

/** Writes into the places of a page: `data-progress`, `data-progress-state`, `data-benefit`. */
export function fill(progress: Progress, language: Language, page: ParentNode = document): void {
  for (const place of page.querySelectorAll<HTMLElement>("[data-progress]")) {
    write(place, shown(progress, place.dataset["progress"] as Shown, language));
  }
  const texts = TEXTS[language];
  for (const place of page.querySelectorAll<HTMLElement>("[data-progress-state=intake]")) {
    const { answers } = progress.intake;
    place.className = `status ${answers ? "status-success" : "status-warning"}`;
    place.dataset["state"] = answers ? "open" : "waiting";
    write(place, answers ? texts.canSend : texts.sendingWaits);
  }
  for (const { id, citizen } of progress.benefits) {
    for (const place of page.querySelectorAll<HTMLElement>("[data-benefit]")) {
      if (place.dataset["benefit"] === id) openOrNot(place, citizen, language);
    }
  }
}

/** Changes the word for a benefit only where it was opened or closed since the page was made. */
function openOrNot(
  place: HTMLElement,
  { open, opens_at: opensAt }: { open: boolean; opens_at: string | null },
  language: Language,
): void {
  if (open === (place.dataset["state"] === "open")) return;
  const texts = TEXTS[language];
  place.dataset["state"] = open ? "open" : opensAt === null ? "over" : "paused";
  place.className = open ? "status status-success" : `status${opensAt === null ? "" : " status-primary status-next"}`;
  const closed = opensAt === null ? texts.closedNow : texts.opens(dayAndTime(opensAt, language));
  write(place, open ? texts.openNow : closed);
}

/** Touches a place only where its text changes, so that screen readers stay quiet. */
function write(place: HTMLElement, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}
