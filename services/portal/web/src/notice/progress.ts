/** How it is going, as the portal tells it at `/data/progress.json`. */
export interface Progress {
  /** When the portal wrote this; all its times are the server's. */
  readonly at: string;
  readonly intake: { readonly answers: boolean };
  /** The registered, and those that wait to be. */
  readonly received: number | null;
  readonly registered: number | null;
  readonly registered_last_minute: number | null;
  readonly waiting_seconds: number | null;
  /** When status last reported the numbers. */
  readonly numbers_at: string | null;
  readonly benefits: readonly BenefitProgress[];
}

export interface BenefitProgress {
  readonly id: string;
  readonly citizen: { readonly open: boolean; readonly opens_at: string | null };
}

/** What the notice says: nothing while all is well. */
export type State = "well" | "sending-waits" | "unknown";

/** Longest wait for the document, so that the notice is there within five seconds. */
export const LONGEST_WAIT = 4000;

/** Returns the milliseconds until the next look: about ten seconds, never all pages at once. */
export function nextLook(random = Math.random): number {
  return 8000 + 4000 * random();
}

/**
 * Returns what the notice says after a look. A page that knew that all is well does not speak up
 * for one look that failed: phones lose their network for a moment all the time.
 */
export function stateAfter(progress: Progress | null, before: State | null, failures: number): State {
  if (progress !== null) return progress.intake.answers ? "well" : "sending-waits";
  return before === "well" && failures < 2 ? "well" : "unknown";
}

/** Reads the document; `null` where it is something else, such as a page of a proxy. */
export function readProgress(document: unknown): Progress | null {
  if (typeof document !== "object" || document === null) return null;
  const { intake, benefits } = document as Partial<Progress>;
  const answers = (intake as Partial<Progress["intake"]> | undefined)?.answers;
  return typeof answers === "boolean" && Array.isArray(benefits) ? (document as Progress) : null;
}
