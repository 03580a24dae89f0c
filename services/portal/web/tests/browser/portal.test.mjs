/** All tests of the portal in a real browser: one system, one browser, one test after the other. */
import { after, before } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { startSystem } from "./support/system.mjs";
import javascriptOff from "./cases/javascript_off.mjs";
import newBenefit from "./cases/new_benefit.mjs";
import onlyOnce from "./cases/only_once.mjs";
import stopped from "./cases/stopped.mjs";
import wholeWay from "./cases/whole_way.mjs";

const lab = {};

before(async () => {
  lab.system = await startSystem();
  lab.browser = await startBrowser();
});

after(async () => {
  await lab.browser?.close();
  await lab.system?.end();
});

wholeWay(lab);
onlyOnce(lab);
javascriptOff(lab);
newBenefit(lab);
stopped(lab);
