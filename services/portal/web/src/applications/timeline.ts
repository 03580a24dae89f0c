/** The history of an application as a person tells it: received, registered, and what came then. */

import type { ApplicationStatus, Found, HistoryEvent } from "./model.js";
import type { ApplicationsTexts } from "./texts/it.js";

export interface Step {
  readonly title: string;
  /** Absent for what has not happened yet. */
  readonly at?: string;
  readonly text?: string;
}

/** Statuses after which the office still examines the application. */
const STANDING: ReadonlySet<ApplicationStatus> = new Set(["registered", "reserve"]);

export function stands(status: ApplicationStatus): boolean {
  return STANDING.has(status);
}

/** Returns the steps, oldest first; the last one of an application that stands lies ahead. */
export function timeline(found: Found, texts: ApplicationsTexts): Step[] {
  const steps: Step[] = [];
  if (found.received_at !== undefined) steps.push({ title: texts.received, at: found.received_at });
  for (const event of found.history ?? []) steps.push(stepOf(event, found, texts));
  if (found.status === "queued") steps.push({ title: texts.statuses.registered, text: texts.soonRegistered });
  if (stands(found.status)) steps.push({ title: texts.outcome, text: texts.outcomeHere });
  return steps;
}

function stepOf(event: HistoryEvent, found: Found, texts: ApplicationsTexts): Step {
  const step = (title: string, text: string | undefined): Step =>
    text === undefined ? { title, at: event.at } : { title, at: event.at, text };
  switch (event.event) {
    case "registered": {
      const number = found.protocol_number === undefined ? undefined : texts.protocol(found.protocol_number);
      const reason = event.reason === "regular" ? undefined : reasonOf(event, texts);
      return step(texts.statuses.registered, [number, reason].filter(Boolean).join(". ") || undefined);
    }
    case "received_earlier":
      return step(texts.receivedEarlier, undefined);
    case "conflict":
      return step(texts.conflict, texts.reasons["key_reused"]);
    case "replaced":
      return step(texts.replaced, undefined);
    case "mended":
      return step(texts.mended, undefined);
    default:
      return step(event.status === undefined ? texts.changed : texts.statuses[event.status], reasonOf(event, texts));
  }
}

function reasonOf(event: HistoryEvent, texts: ApplicationsTexts): string | undefined {
  return event.reason === undefined ? undefined : texts.reasons[event.reason];
}
