/**
 * What the portal keeps on this device, in IndexedDB: drafts and the desk's batches. All of it goes
 * at every sign-out, on whichever page, since the device may be shared.
 */

/** Drafts of forms. */
export const DRAFTS = "portal";
/** The intermediary's desk. */
export const DESK = "desk";

const LONGEST_MS = 3000;
const CHANNEL = "sign-out";

/** Removes everything. A page that still writes delays it; after three seconds nothing waits. */
export async function forgetDevice(): Promise<void> {
  const removed = Promise.all([DRAFTS, DESK].map(remove));
  const late = new Promise<void>((resolve) => setTimeout(resolve, LONGEST_MS));
  await Promise.race([removed, late]);
}

function remove(database: string): Promise<void> {
  return new Promise((resolve) => {
    try {
      const removing = indexedDB.deleteDatabase(database);
      removing.onsuccess = removing.onerror = () => resolve();
    } catch {
      resolve(); // a browser that keeps nothing
    }
  });
}

/** Tells the other pages of the portal on this device that somebody has signed out. */
export function tellSignOut(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage("");
  channel.close();
}

/** Runs when somebody signs out on a page of the portal, this one included. */
export function onSignOut(run: () => void): void {
  new BroadcastChannel(CHANNEL).addEventListener("message", run);
}
