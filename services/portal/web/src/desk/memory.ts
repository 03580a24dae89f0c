/**
 * What this device keeps of batches: the digest of the file, counts, receipts, and which rows were
 * refused for which reason, as the API words it without what was sent. Neither the file nor its
 * name. Gone after its term, at the sign-out, and on request.
 */

import { DESK } from "../common/device.js";
import type { RowError } from "./answer.js";

const VERSION = 2;
const BATCHES = "batches";
const PARTS = "parts";
/** Apart from the parts, since they are by far the most bytes. */
const RECEIPTS = "receipts";
type StoreName = typeof BATCHES | typeof PARTS | typeof RECEIPTS;
/** How long a batch is remembered. */
export const DAYS = 30;
/** Longest time for the device to keep something: the sending does not wait for its disk. */
const LONGEST_MS = 5000;

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

/** The receipts of a part's accepted rows, as lines of a table. */
export interface StoredReceipts {
  readonly number: number;
  readonly lines: Blob;
}

export interface Memory {
  batches(): Promise<readonly StoredBatch[]>;
  parts(digest: string): Promise<readonly StoredPart[]>;
  receipts(digest: string): Promise<readonly StoredReceipts[]>;
  keepBatch(batch: StoredBatch): Promise<void>;
  /** Returns whether it is kept. */
  keepPart(digest: string, part: StoredPart, lines: Blob): Promise<boolean>;
  forget(digest: string): Promise<void>;
  /** Keeps nothing from now on: somebody has signed out. */
  end(): void;
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
  let hasEnded = false;
  const read = async <T>(name: StoreName, range?: IDBKeyRange): Promise<T[]> => {
    if (hasEnded) return [];
    return inStores("readonly", (store) => store(name).getAll(range) as IDBRequest<T[]>).catch(
      () => [],
    );
  };
  const write = async (run: (store: (name: StoreName) => IDBObjectStore) => IDBRequest) => {
    if (hasEnded) return false;
    return inStores("readwrite", run).then(
      () => true,
      () => false,
    );
  };
  return {
    async batches() {
      const all = await read<StoredBatch>(BATCHES);
      const over = all.filter(({ endsAt }) => !(endsAt > now()));
      for (const { digest } of over) await this.forget(digest);
      return all.filter(({ endsAt }) => endsAt > now()).sort((a, b) => b.startedAt - a.startedAt);
    },
    parts: (digest) => read<StoredPart>(PARTS, partsOf(digest)),
    receipts: (digest) => read<StoredReceipts>(RECEIPTS, partsOf(digest)),
    async keepBatch(batch) {
      await write((store) => store(BATCHES).put(batch, batch.digest));
    },
    keepPart: (digest, part, lines) =>
      write((store) => {
        const key = [digest, part.number];
        const receipts: StoredReceipts = { number: part.number, lines };
        store(RECEIPTS).put(receipts, key);
        return store(PARTS).put(part, key);
      }),
    async forget(digest) {
      await write((store) => {
        for (const name of [PARTS, RECEIPTS] as const) store(name).delete(partsOf(digest));
        return store(BATCHES).delete(digest);
      });
    },
    end: () => (hasEnded = true),
  };
}

function partsOf(digest: string): IDBKeyRange {
  return IDBKeyRange.bound([digest, 0], [digest, Infinity]);
}

function inStores<T>(
  mode: IDBTransactionMode,
  run: (store: (name: StoreName) => IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("IndexedDB is silent")), LONGEST_MS);
    const opening = indexedDB.open(DESK, VERSION);
    opening.onupgradeneeded = () => {
      const database = opening.result;
      for (const name of [BATCHES, PARTS, RECEIPTS]) {
        if (!database.objectStoreNames.contains(name)) database.createObjectStore(name);
      }
    };
    opening.onerror = () => reject(opening.error ?? new Error("IndexedDB"));
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction([BATCHES, PARTS, RECEIPTS], mode);
      const request = run((name) => transaction.objectStore(name));
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
