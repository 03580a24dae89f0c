/**
 * What this device keeps of batches: the digest of the file, counts, receipts of parts, and which
 * rows were refused for which reason, as the API words it without what was sent. Neither the file
 * nor its name. Gone after its term, at the sign-out, and on request.
 */

import type { RowError } from "./answer.js";

const DATABASE = "desk";
const BATCHES = "batches";
const PARTS = "parts";
/** How long a batch is remembered. */
export const DAYS = 30;

/** A batch, as this device knows it. */
export interface StoredBatch {
  /** Of the file, and of the way in which it is cut. */
  readonly digest: string;
  readonly rows: number;
  readonly startedAt: number;
  readonly endsAt: number;
  /** Pairs of a `RowMap`. */
  readonly map: readonly number[];
  /** The batch's id at the API; empty until a part has its last line. */
  readonly id: string;
  /** The receipt of the whole; empty until every part has its last line. */
  readonly receipt: string;
  readonly accepted: number;
  readonly refused: number;
}

/** A part with its last line. */
export interface StoredPart {
  readonly number: number;
  readonly rows: number;
  readonly accepted: number;
  readonly refused: number;
  readonly receipt: string;
  readonly errors: readonly RowError[];
}

export interface Memory {
  batches(): Promise<readonly StoredBatch[]>;
  parts(digest: string): Promise<readonly StoredPart[]>;
  keepBatch(batch: StoredBatch): Promise<void>;
  keepPart(digest: string, part: StoredPart): Promise<void>;
  forget(digest: string): Promise<void>;
  forgetAll(): Promise<void>;
}

/** When a batch that begins now is forgotten. */
export function termOf(startedAt: number): number {
  return startedAt + DAYS * 86_400_000;
}

/**
 * Opens the memory of this device. A browser that keeps nothing, such as in a private window,
 * forgets: then a reload begins anew, and each row still counts once.
 */
export function deviceMemory(now = Date.now): Memory {
  return {
    async batches() {
      const all = (await inStores("readonly", (batches) => batches.getAll()).catch(() => [])) as StoredBatch[];
      const over = all.filter(({ endsAt }) => !(endsAt > now()));
      for (const { digest } of over) await this.forget(digest);
      return all.filter(({ endsAt }) => endsAt > now()).sort((a, b) => b.startedAt - a.startedAt);
    },
    async parts(digest) {
      const range = partsOf(digest);
      return (await inStores("readonly", (_, parts) => parts.getAll(range)).catch(() => [])) as StoredPart[];
    },
    async keepBatch(batch) {
      await inStores("readwrite", (batches) => batches.put(batch, batch.digest)).catch(() => undefined);
    },
    async keepPart(digest, part) {
      const key = [digest, part.number];
      await inStores("readwrite", (_, parts) => parts.put(part, key)).catch(() => undefined);
    },
    async forget(digest) {
      await inStores("readwrite", (batches, parts) => {
        parts.delete(partsOf(digest));
        return batches.delete(digest);
      }).catch(() => undefined);
    },
    async forgetAll() {
      await inStores("readwrite", (batches, parts) => {
        parts.clear();
        return batches.clear();
      }).catch(() => undefined);
    },
  };
}

function partsOf(digest: string): IDBKeyRange {
  return IDBKeyRange.bound([digest, 0], [digest, Infinity]);
}

function inStores<T>(
  mode: IDBTransactionMode,
  run: (batches: IDBObjectStore, parts: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(BATCHES);
      opening.result.createObjectStore(PARTS);
    };
    opening.onerror = () => reject(opening.error ?? new Error("IndexedDB"));
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction([BATCHES, PARTS], mode);
      const request = run(transaction.objectStore(BATCHES), transaction.objectStore(PARTS));
      transaction.oncomplete = () => {
        database.close();
        resolve(request.result);
      };
      transaction.onabort = () => {
        database.close();
        reject(transaction.error ?? new Error("IndexedDB"));
      };
    };
  });
}
