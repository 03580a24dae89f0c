/** Tests of the portal in a real browser: one system, one browser, one test after the other. */
import { after, before } from "node:test";
import { startBrowser } from "./support/browser.mjs";
import { IN_FULL } from "./support/select.mjs";
import { startSystem } from "./support/system.mjs";
import accessible from "./cases/accessible.mjs";
import again from "./cases/again.mjs";
import crowded from "./cases/crowded.mjs";
import desk from "./cases/desk.mjs";
import deskFiles from "./cases/desk_files.mjs";
import deskStates from "./cases/desk_states.mjs";
import crowd from "./cases/crowd.mjs";
import devices from "./cases/devices.mjs";
import drafts from "./cases/drafts.mjs";
import hostile from "./cases/hostile.mjs";
import javascriptOff from "./cases/javascript_off.mjs";
import mistakes from "./cases/mistakes.mjs";
import newBenefit from "./cases/new_benefit.mjs";
import newBuild from "./cases/new_build.mjs";
import onlyOnce from "./cases/only_once.mjs";
import paper from "./cases/paper.mjs";
import privateData from "./cases/private.mjs";
import slowNetwork from "./cases/slow_network.mjs";
import states from "./cases/states.mjs";
import stopped from "./cases/stopped.mjs";
import threeSites from "./cases/three_sites.mjs";
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
again(lab);
mistakes(lab);
privateData(lab);
drafts(lab);
javascriptOff(lab);
newBenefit(lab);
newBuild(lab);
hostile(lab);
accessible(lab);
states(lab);
desk(lab);
deskFiles(lab);
if (IN_FULL) {
  crowded(lab);
  paper(lab);
  slowNetwork(lab);
  devices(lab);
  deskStates(lab);
}
stopped(lab);
if (IN_FULL) {
  threeSites();
  crowd();
}
