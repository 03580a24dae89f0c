/**
 * A draft, kept on this device at the person's request only: AES-GCM under a key that no script
 * can read out. Gone after the sending, the sign-out and its term.
 *
 * It opens for its holder alone. The key is derived (HKDF) from one in IndexedDB and from the
 * holder: the tax code of the person who was signed in; before a sign-in, a secret of the tab.
 */

import { toBase64Url } from "../common/base64url.js";
import { inDrafts } from "../common/draft_store.js";
import type { Typed } from "./typed.js";

const DAYS = 7;
/** The place in `sessionStorage` of the tab's secret. It says nothing of anybody. */
const TAB = "draft-tab";

/** What a draft holds. */
export interface Draft {
  readonly step: string;
  readonly typed: Typed;
}

/** Whom a draft belongs to. */
type Holder = "person" | "tab";

interface Stored {
  readonly root: CryptoKey;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly sealed: ArrayBuffer;
  readonly holder: Holder;
  readonly savedAt: number;
  readonly endsAt: number;
}

/** When a draft was saved, until when it is kept, and what it takes to open it. */
export interface Kept {
  readonly savedAt: Date;
  readonly endsAt: Date;
  /** `sign-in` where it belongs to a person, and nobody is signed in. */
  readonly opens: "now" | "sign-in";
}

/** Saves a draft in place of the one before. Throws where the browser keeps nothing. */
export async function saveDraft(
  benefit: string,
  draft: Draft,
  person: string | null,
  now = Date.now(),
): Promise<Kept> {
  const root = await newRoot();
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const key = await keyOf(root, benefit, person ?? tabSecret("new"));
  const plain = new TextEncoder().encode(JSON.stringify(draft));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain);
  const endsAt = now + DAYS * 86_400_000;
  const holder = person === null ? "tab" : "person";
  const stored: Stored = { root, iv, sealed, holder, savedAt: now, endsAt };
  await inDrafts("readwrite", (store) => store.put(stored, benefit));
  return { savedAt: new Date(now), endsAt: new Date(endsAt), opens: "now" };
}

/**
 * Finds the draft that this person, or this tab, may open. Removes drafts whose term is over, and
 * once somebody is signed in, one of another person: `wiped`, as is one that can't be read.
 */
export async function findDraft(
  benefit: string,
  person: string | null,
  now = Date.now(),
): Promise<Kept | "wiped" | null> {
  await removeEnded(now);
  const stored = await load(benefit);
  if (stored === null) return null;
  const { holder } = stored;
  const kept = { savedAt: new Date(stored.savedAt), endsAt: new Date(stored.endsAt) };
  if (holder === "person" && person === null) return { ...kept, opens: "sign-in" };
  const draft = await unseal(stored, benefit, person);
  if (draft === null) {
    // another tab's may still be opened there
    if (holder === "tab") return null;
    await deleteDraft(benefit);
    return "wiped";
  }
  // what this tab saved belongs to the person who has now signed in
  return holder === "tab" && person !== null ? saveDraft(benefit, draft, person, now) : { ...kept, opens: "now" };
}

/** Opens a draft. `null` where it is not this holder's, or spoilt. */
export async function openDraft(benefit: string, person: string | null): Promise<Draft | null> {
  const stored = await load(benefit);
  return stored === null ? null : unseal(stored, benefit, person);
}

export async function deleteDraft(benefit: string): Promise<void> {
  await inDrafts("readwrite", (store) => store.delete(benefit)).catch(() => undefined);
}

async function unseal(
  { root, iv, sealed, holder }: Stored,
  benefit: string,
  person: string | null,
): Promise<Draft | null> {
  const secret = holder === "tab" ? tabSecret("known") : person;
  if (secret === null) return null;
  try {
    const key = await keyOf(root, benefit, secret);
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed);
    const draft = JSON.parse(new TextDecoder().decode(plain)) as Draft;
    return typeof draft.typed === "object" ? draft : null;
  } catch {
    return null;
  }
}

async function newRoot(): Promise<CryptoKey> {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]);
}

/** Derives the key for one benefit's draft and one holder. */
async function keyOf(root: CryptoKey, benefit: string, holder: string): Promise<CryptoKey> {
  const utf8 = new TextEncoder();
  const derivation = {
    name: "HKDF",
    hash: "SHA-256",
    salt: utf8.encode(holder),
    info: utf8.encode(`draft ${benefit}`),
  };
  const kind = { name: "AES-GCM", length: 256 };
  return crypto.subtle.deriveKey(derivation, root, kind, false, ["encrypt", "decrypt"]);
}

/** Returns the tab's secret. It ends with the tab, and survives a reload. */
function tabSecret(which: "new"): string;
function tabSecret(which: "known"): string | null;
function tabSecret(which: "new" | "known"): string | null {
  const known = sessionStorage.getItem(TAB);
  if (known !== null || which === "known") return known;
  const made = toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
  sessionStorage.setItem(TAB, made);
  return made;
}

async function load(benefit: string): Promise<Stored | null> {
  const stored: unknown = await inDrafts("readonly", (store) => store.get(benefit)).catch(() => null);
  return isStored(stored) ? stored : null;
}

/** Removes the drafts of all benefits whose term is over, and records that are no drafts. */
async function removeEnded(now: number): Promise<void> {
  const keys = await inDrafts("readonly", (store) => store.getAllKeys()).catch(() => []);
  for (const key of keys) {
    // one that can't be read now may be read later: it stays
    const read: unknown[] = await inDrafts("readonly", (store) => store.get(key)).then(
      (stored: unknown) => [stored],
      () => [],
    );
    if (!read.every((stored) => isInTerm(stored, now))) await deleteDraft(String(key));
  }
}

function isInTerm(value: unknown, now: number): boolean {
  return isStored(value) && value.endsAt > now && value.savedAt <= now + DAYS * 86_400_000;
}

function isStored(value: unknown): value is Stored {
  if (typeof value !== "object" || value === null) return false;
  const { root, iv, sealed, holder, savedAt, endsAt } = value as Partial<Stored>;
  return (
    root instanceof CryptoKey &&
    iv instanceof Uint8Array &&
    sealed instanceof ArrayBuffer &&
    (holder === "person" || holder === "tab") &&
    Number.isFinite(savedAt) &&
    Number.isFinite(endsAt)
  );
}
