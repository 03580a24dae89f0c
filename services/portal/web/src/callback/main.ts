/**
 * The return from the identity provider. Hands the answer to the page that asked: by storage where
 * the sign-in took the whole window, by a channel where this is the popup of a page with a form.
 */

import { handOver, takeStored } from "../common/attempt.js";

const answer = location.search.slice(1);
const state = new URLSearchParams(answer).get("state") ?? "";
// the code must not stay in the address
history.replaceState(null, "", location.pathname);

const stored = takeStored();
if (stored !== null && stored.state === state) {
  handOver(stored, answer);
  location.replace(pathOf(stored.path));
} else if (state !== "") {
  const channel = new BroadcastChannel(`sign-in:${state}`);
  channel.postMessage(answer);
  channel.close();
  setTimeout(() => window.close(), 100);
} else {
  location.replace("/");
}

/** Only a path of this site: what is in the storage is not trusted. */
function pathOf(path: string): string {
  return /^\/(?![/\\])/.test(path) ? path : "/";
}
