/** Sends one part of a file, once. */

import type { Problem } from "../common/api.js";
import type { Language } from "../common/language.js";
import { type Cause, causeOf, isTransient, retryAfterSeconds } from "../common/retry.js";
import { type AcceptedRow, type BatchEnd, type Line, linesOf, type RowError } from "./answer.js";
import type { Part } from "./plan.js";

export type PartOutcome =
  | {
      readonly kind: "done";
      readonly end: BatchEnd;
      readonly accepted: readonly AcceptedRow[];
      readonly errors: readonly RowError[];
    }
  | { readonly kind: "again"; readonly retryAfter: number; readonly cause: Cause }
  | { readonly kind: "signed-out" }
  | { readonly kind: "closed"; readonly opensAt: string | null }
  | { readonly kind: "refused"; readonly problem: Problem };

export interface PartRequest {
  readonly intake: string;
  readonly token: string;
  readonly language: Language;
  /** The digest of the file. */
  readonly key: string;
  readonly part: Part;
  readonly isLast: boolean;
  readonly body: Blob;
  readonly signal: AbortSignal;
}

/** Seconds without a byte of the answer after which the connection counts as cut. */
const SILENT_SECONDS = 60;
/** Seconds after an answer that ended early, which names none. */
const EARLY_SECONDS = 2;
const PROBLEM = "urn:sportello:problem:";
const UNREACHABLE: PartOutcome = { kind: "again", retryAfter: 0, cause: "unreachable" };

/** Sends a part; `onRow` hears of each row as its answer comes. Never throws. */
export async function sendPart(
  request: PartRequest,
  onRow: (isAccepted: boolean) => void,
): Promise<PartOutcome> {
  const cut = new AbortController();
  const abort = (): void => cut.abort();
  let timer = setTimeout(abort, SILENT_SECONDS * 1000);
  request.signal.addEventListener("abort", abort, { once: true });
  if (request.signal.aborted) abort();
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(abort, SILENT_SECONDS * 1000);
  };
  try {
    const response = await fetch(`${request.intake}/v1/batches`, {
      method: "POST",
      headers: headersOf(request),
      body: request.body,
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: cut.signal,
    });
    heard();
    if (!response.ok || response.body === null) return await refusalOf(response);
    return await read(linesOf(response.body), (isAccepted) => {
      heard();
      onRow(isAccepted);
    });
  } catch {
    return UNREACHABLE;
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener("abort", abort);
  }
}

function headersOf({ token, language, key, part, isLast }: PartRequest): Record<string, string> {
  return {
    Authorization: `Bearer ${token}`,
    "Accept-Language": language,
    "Content-Type": "text/csv",
    "Idempotency-Key": key,
    "Batch-Part": `${part.number}${isLast ? ";end" : ""}`,
    "Row-Offset": String(part.rowsBefore),
  };
}

async function read(
  lines: AsyncIterable<Line>,
  onRow: (isAccepted: boolean) => void,
): Promise<PartOutcome> {
  const accepted: AcceptedRow[] = [];
  const errors: RowError[] = [];
  for await (const line of lines) {
    switch (line.kind) {
      case "accepted":
        accepted.push(line.accepted);
        onRow(true);
        break;
      case "refused":
        errors.push(...line.errors);
        onRow(false);
        break;
      case "closed":
        return { kind: "closed", opensAt: line.opensAt };
      case "again":
        return { kind: "again", retryAfter: EARLY_SECONDS, cause: "crowded" };
      case "end":
        return { kind: "done", end: line.end, accepted, errors };
    }
  }
  return UNREACHABLE;
}

async function refusalOf(response: Response): Promise<PartOutcome> {
  const { headers, status } = response;
  const retryAfter = retryAfterSeconds(headers.get("Retry-After"), headers.get("Date"));
  if (status === 401) return { kind: "signed-out" };
  const read = (await response.json().catch(() => ({}))) as Partial<Record<string, unknown>>;
  const text = (name: string): string => (typeof read[name] === "string" ? read[name] : "");
  const name = text("type").startsWith(PROBLEM) ? text("type").slice(PROBLEM.length) : "";
  if (isTransient(status)) return { kind: "again", retryAfter, cause: causeOf(name) };
  // sent again, a body that was damaged on its way arrives whole
  if (name === "broken-body") return UNREACHABLE;
  if (name === "channel-closed") return { kind: "closed", opensAt: text("opens_at") || null };
  const violations = Array.isArray(read["violations"]) ? read["violations"] : [];
  const problem: Problem = {
    name,
    status,
    title: text("title"),
    detail: text("detail"),
    violations,
    opens_at: null,
  };
  return { kind: "refused", problem };
}
