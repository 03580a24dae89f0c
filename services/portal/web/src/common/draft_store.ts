/** Where drafts lie: IndexedDB, a record a benefit. Nothing else of the portal's forms is there. */

import { DRAFTS } from "./device.js";

const STORE = "drafts";

/** Runs one request on the drafts; rejects where the browser keeps nothing. */
export function inDrafts<T>(
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
