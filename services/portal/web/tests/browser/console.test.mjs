/** Tests of the operators' console in a browser: one system, one browser, one after the other. */
import { after, before } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { IN_FULL } from "./support/select.mjs";
import { startSystem } from "./support/system.mjs";
import states from "./cases/console/states.mjs";
import tail from "./cases/console/tail.mjs";
import twoOperators from "./cases/console/two_operators.mjs";
import wholeDay from "./cases/console/whole_day.mjs";

const lab = {};

before(async () => {
  lab.system = await startSystem("--hand");
  lab.browser = await startBrowser();
});

after(async () => {
  await lab.browser?.close();
  await lab.system?.end();
});

wholeDay(lab);
if (IN_FULL) {
  twoOperators(lab);
  tail(lab);
  states(lab);
}
