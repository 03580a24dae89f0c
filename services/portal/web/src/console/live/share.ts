/**
 * One stream for all tabs of a browser, since HTTP/1.1 has six connections a host: the tab that
 * holds a lock reads, all others listen. A tab that closes or is hidden lets the lock go, and
 * another one takes it.
 */

/** What `navigator.locks` does here. */
export interface Locks {
  request(
    name: string,
    options: { signal: AbortSignal },
    work: () => Promise<void>,
  ): Promise<unknown>;
}

/** What `BroadcastChannel` does here: it does not hear itself. */
export interface Channel<T> {
  postMessage(message: T): void;
  onmessage: ((event: MessageEvent<T>) => unknown) | null;
  close(): void;
}

export interface ShareParts<T> {
  readonly name: string;
  /** `null` where the browser has none: then each tab reads for itself. */
  readonly locks: Locks | null;
  readonly open: (name: string) => Channel<T>;
}

/** Reads until `signal` aborts, or ends by itself. */
export type Lead<T> = (publish: (message: T) => void, signal: AbortSignal) => Promise<void>;

/** Takes part until `signal` aborts: leads when the lock is free, listens until then. */
export async function share<T>(
  parts: ShareParts<T>,
  lead: Lead<T>,
  hear: (message: T) => void,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const channel = parts.open(parts.name);
  channel.onmessage = (event) => hear(event.data);
  const publish = (message: T): void => {
    if (signal.aborted) return;
    hear(message);
    channel.postMessage(message);
  };
  const work = (): Promise<void> => lead(publish, signal);
  try {
    await (parts.locks === null ? work() : parts.locks.request(parts.name, { signal }, work));
  } catch (error) {
    // the wait for the lock was given up
    if (!signal.aborted) throw error;
  } finally {
    channel.close();
  }
}
