/** An attempt to sign in, and its place in the storage while it takes the whole window. */

import type { AuthorizationServer } from "oauth4webapi";

/** What an attempt to sign in must remember until the answer comes. */
export interface Attempt {
  /** The provider as it described itself: asked once an attempt. */
  readonly server?: AuthorizationServer;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** The place in `sessionStorage` of an attempt that takes the whole window. */
export const STORED = "sign-in";

export interface StoredAttempt extends Attempt {
  readonly path: string;
  /** The provider's answer, put there by the callback page. */
  readonly answer?: string;
}

/** Reads and removes the attempt that takes the whole window. */
export function takeStored(): StoredAttempt | null {
  const text = sessionStorage.getItem(STORED);
  sessionStorage.removeItem(STORED);
  try {
    return text === null ? null : (JSON.parse(text) as StoredAttempt);
  } catch {
    return null;
  }
}

/** Hands the provider's answer over to the page that asked. For the callback page. */
export function handOver(stored: StoredAttempt, answer: string): void {
  sessionStorage.setItem(STORED, JSON.stringify({ ...stored, answer } satisfies StoredAttempt));
}
