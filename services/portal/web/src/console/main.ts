/** The operators' console: what is now, and what operators decide. */

import { mount } from "../common/island.js";
import { load } from "../common/language.js";
import { Session } from "../common/session.js";
import { COMMON_TEXTS } from "../common/texts/load.js";
import { readConsoleConfig } from "./config.js";
import { Console } from "./console.js";
import { consoleLanguage } from "./language.js";
import { CONSOLE_TEXTS } from "./texts/load.js";

async function start(): Promise<void> {
  const config = readConsoleConfig();
  const language = consoleLanguage(config.language);
  const [texts, common] = await Promise.all([
    CONSOLE_TEXTS[language]().then((loaded) => loaded.default),
    load(COMMON_TEXTS, language),
  ]);
  const console = new Console(config, language, texts, common, new Session(config), mount());
  // the header's link to sign in
  document.querySelector(".btn-access")?.addEventListener("click", (event) => {
    event.preventDefault();
    void console.signIn();
  });
  await console.start();
}

void start();
