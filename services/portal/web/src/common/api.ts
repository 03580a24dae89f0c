import type { Language } from "./language.js";
import { retryAfterSeconds } from "./retry.js";

/** A mistake in what was sent, in the reader's language. */
export interface ApiViolation {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

/** A problem document (RFC 9457). */
export interface Problem {
  /** The name behind `urn:sportello:problem:`, or empty where the answer is none of the API's. */
  readonly name: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly violations: readonly ApiViolation[];
  /** When a closed channel opens, where it is known. */
  readonly opens_at: string | null;
  /** The whole document, for members that only one page knows. */
  readonly document?: Readonly<Record<string, unknown>>;
}

/** An answer of the API, or why there was none. */
export type Answer<T> =
  | { readonly kind: "ok"; readonly status: number; readonly body: T; readonly headers: Headers }
  | { readonly kind: "problem"; readonly problem: Problem; readonly retryAfter: number }
  | { readonly kind: "silent" };

export interface Call {
  readonly method?: "GET" | "POST" | "PUT";
  readonly token?: string | undefined;
  readonly language: Language;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for the answer. */
  readonly seconds?: number;
}

const PROBLEM = "urn:sportello:problem:";

/** Calls the API once. Never throws: a connection that is cut or silent is an answer too. */
export async function call<T>(url: string, options: Call): Promise<Answer<T>> {
  const timeout = AbortSignal.timeout((options.seconds ?? 10) * 1000);
  try {
    const response = await fetch(url, {
      method: options.method ?? "GET",
      headers: headersOf(options),
      ...(options.body === undefined ? {} : { body: options.body }),
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: both(timeout, options.signal),
    });
    if (!response.ok) return await problemOf(response);
    const body = (await response.json()) as T;
    return { kind: "ok", status: response.status, body, headers: response.headers };
  } catch {
    return { kind: "silent" };
  }
}

function headersOf(options: Call): Record<string, string> {
  return {
    "Accept-Language": options.language,
    ...(options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` }),
    ...(options.body === undefined ? {} : { "Content-Type": "application/json" }),
    ...options.headers,
  };
}

/** As `AbortSignal.any`, which older phones lack. */
function both(timeout: AbortSignal, other: AbortSignal | undefined): AbortSignal {
  if (other === undefined) return timeout;
  const controller = new AbortController();
  for (const signal of [timeout, other]) {
    if (signal.aborted) controller.abort(signal.reason);
    signal.addEventListener("abort", () => controller.abort(signal.reason), { once: true });
  }
  return controller.signal;
}

async function problemOf(response: Response): Promise<Answer<never>> {
  const { headers, status } = response;
  const retryAfter = retryAfterSeconds(headers.get("Retry-After"), headers.get("Date"));
  const read = (await response.json().catch(() => ({}))) as Partial<Record<string, unknown>>;
  const text = (name: string): string => (typeof read[name] === "string" ? read[name] : "");
  const problem: Problem = {
    name: text("type").startsWith(PROBLEM) ? text("type").slice(PROBLEM.length) : "",
    status,
    title: text("title"),
    detail: text("detail"),
    violations: Array.isArray(read["violations"]) ? (read["violations"] as ApiViolation[]) : [],
    opens_at: text("opens_at") || null,
    document: read,
  };
  return { kind: "problem", problem, retryAfter };
}
