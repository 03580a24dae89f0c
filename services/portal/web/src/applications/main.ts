/** My applications: what became of them, who read them, withdrawing one. */

import { readConfig } from "../common/config.js";
import { mount } from "../common/island.js";
import { load } from "../common/language.js";
import { Session } from "../common/session.js";
import { COMMON_TEXTS } from "../common/texts/load.js";
import { Applications } from "./applications.js";
import { APPLICATIONS_TEXTS } from "./texts/load.js";

async function start(): Promise<void> {
  const config = readConfig();
  const [own, common] = await Promise.all([
    load(APPLICATIONS_TEXTS, config.language),
    load(COMMON_TEXTS, config.language),
  ]);
  const applications = new Applications(config, { ...own, common }, new Session(config), mount());
  // the header's link to sign in leads to this page: here it signs in
  document.querySelector(".btn-access")?.addEventListener("click", (event) => {
    event.preventDefault();
    void applications.signIn();
  });
  await applications.start();
}

void start();
