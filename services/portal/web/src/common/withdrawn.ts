/**
 * Applications that this tab has seen withdrawn. The same content sent again is another application
 * then, and the form knows it without a question. A mark is a few characters of the content's
 * digest: it tells nothing of anybody. It goes with the tab, and at a sign-out.
 */

/** The place in `sessionStorage`: a mark by the application's id. */
const PLACE = "withdrawn";
/** Characters of base64url. What is mistaken for another is sent as a new application. */
const LENGTH = 6;

/** Notes an application, by its digest as the API writes it (RFC 9530): `sha-256=:…=:`. */
export function noteWithdrawn(id: string, contentDigest: string): void {
  const digest = /^sha-256=:([A-Za-z0-9+/]{43})=:$/.exec(contentDigest)?.[1];
  if (digest === undefined) return;
  const mark = digest.replaceAll("+", "-").replaceAll("/", "_").slice(0, LENGTH);
  sessionStorage.setItem(PLACE, JSON.stringify({ ...marks(), [id]: mark }));
}

/** Returns how many applications with a content, by its digest as base64url, were withdrawn. */
export function timesWithdrawn(digest: string): number {
  const mark = digest.slice(0, LENGTH);
  return Object.values(marks()).filter((known) => known === mark).length;
}

function marks(): Readonly<Record<string, unknown>> {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(PLACE) ?? "{}");
    return typeof stored === "object" && stored !== null ? (stored as Record<string, unknown>) : {};
  } catch {
    return {}; // another program wrote it
  }
}
