/**
 * A draft, kept on this device at the person's request only: AES-GCM under a key that no script
 * can read out, both in IndexedDB. Gone after the sending, the sign-out and its term.
 */

import { DRAFTS } from "../common/device.js";
import type { Typed } from "./typed.js";

const STORE = "drafts";
const DAYS = 7;

/** What a draft holds. */
export interface Draft {
  readonly step: string;
  readonly typed: Typed;
  /** The tax code of the person who was signed in, who alone can open it then. */
  readonly owner: string | null;
}

interface Stored {
  readonly key: CryptoKey;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly sealed: ArrayBuffer;
  readonly savedAt: number;
  readonly endsAt: number;
}

/** When a draft was saved, and until when it is kept. */
export interface Kept {
  readonly savedAt: Date;
  readonly endsAt: Date;
}

/** Saves a draft in place of the one before. Throws where the browser keeps nothing. */
export async function saveDraft(benefit: string, draft: Draft, now = Date.now()): Promise<Kept> {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(draft));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: name(benefit) },
    key,
    plain,
  );
  const endsAt = now + DAYS * 86_400_000;
  const stored: Stored = { key, iv, sealed, savedAt: now, endsAt };
  await inStore("readwrite", (store) => store.put(stored, benefit));
  return { savedAt: new Date(now), endsAt: new Date(endsAt) };
}

/** Returns when the draft was saved; removes drafts whose term is over. `null` where there is none. */
export async function findDraft(benefit: string, now = Date.now()): Promise<Kept | null> {
  const stored = await load(benefit);
  if (stored === null) return null;
  if (!(stored.endsAt > now)) {
    await deleteDraft(benefit);
    return null;
  }
  return { savedAt: new Date(stored.savedAt), endsAt: new Date(stored.endsAt) };
}

/** Opens a draft. A spoilt one is removed, and is none; another person's stays closed. */
export async function openDraft(
  benefit: string,
  person: string | null,
): Promise<Draft | "another-person" | null> {
  const stored = await load(benefit);
  if (stored === null) return null;
  try {
    const { key, iv, sealed } = stored;
    const plain = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv, additionalData: name(benefit) },
      key,
      sealed,
    );
    const draft = JSON.parse(new TextDecoder().decode(plain)) as Draft;
    return draft.owner !== null && draft.owner !== person ? "another-person" : draft;
  } catch {
    await deleteDraft(benefit);
    return null;
  }
}

export async function deleteDraft(benefit: string): Promise<void> {
  await inStore("readwrite", (store) => store.delete(benefit)).catch(() => undefined);
}

async function load(benefit: string): Promise<Stored | null> {
  const stored: unknown = await inStore("readonly", (store) => store.get(benefit)).catch(
    () => null,
  );
  return typeof stored === "object" && stored !== null && "key" in stored
    ? (stored as Stored)
    : null;
}

function name(benefit: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(benefit);
}

function inStore<T>(
  mode: IDBTransactionMode,
  run: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DRAFTS, 1);
    const fail = (event: Event): void =>
      reject((event.target as IDBRequest).error ?? new Error("IndexedDB"));
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = fail;
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(STORE, mode);
      const request = run(transaction.objectStore(STORE));
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
