/** The desk of intermediaries: many applications in one file. */

import { readConfig } from "../common/config.js";
import { mount } from "../common/island.js";
import { load } from "../common/language.js";
import { Session } from "../common/session.js";
import { COMMON_TEXTS } from "../common/texts/load.js";
import { Desk } from "./desk.js";
import { DESK_TEXTS } from "./texts/load.js";

async function start(): Promise<void> {
  const config = readConfig();
  const [own, common] = await Promise.all([
    load(DESK_TEXTS, config.language),
    load(COMMON_TEXTS, config.language),
  ]);
  const desk = new Desk(config, { ...own, common }, new Session(config), mount());
  // the header's link to sign in leads to the page of one's own applications: here it signs in
  document.addEventListener("click", (event) => {
    if ((event.target as Element | null)?.closest?.(".btn-access") == null) return;
    event.preventDefault();
    void desk.signIn();
  });
  await desk.start();
}

void start();
