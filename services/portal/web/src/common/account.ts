import { html, nothing, render } from "lit-html";
import type { CommonTexts } from "./texts/it.js";
import type { Session } from "./session.js";

/** Shows in the header who is signed in, and how to sign out. `wipe` empties the page. */
export function showAccount(
  session: Session,
  texts: CommonTexts,
  wipe: () => void,
): void {
  const place = document.getElementById("session");
  if (place === null) return;
  const { person } = session;
  if (place.dataset["island"] === undefined) {
    // what the server put there: a link to sign in
    place.dataset["island"] = "account";
    place.replaceChildren();
  }
  const name = [person?.givenName, person?.familyName].filter(Boolean).join(" ");
  render(
    person === null
      ? nothing
      : html`<span class="session-name"><span class="visually-hidden">${texts.signedInAs} </span>${name}</span>
          <button type="button" class="btn btn-sm btn-outline-light" @click=${() => session.signOut(wipe)}>
            ${texts.signOut}
          </button>`,
    place,
  );
}
