/**
 * On every page: says calmly when sending waits, and keeps numbers and openings up to date. Asks
 * the portal alone, whose answer is made from memory and may come from any cache.
 */

import { readConfig } from "../common/config.js";
import { fill } from "./fill.js";
import { LONGEST_WAIT, nextLook, type Progress, readProgress, type State, stateAfter } from "./progress.js";
import { TEXTS } from "./texts.js";

const config = readConfig();
let state: State | null = null;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let isLooking = false;

async function get(): Promise<Progress | null> {
  const controller = new AbortController();
  const wait = setTimeout(() => controller.abort(), LONGEST_WAIT);
  try {
    const answer = await fetch("/data/progress.json", { credentials: "omit", signal: controller.signal });
    return answer.ok ? readProgress(await answer.json()) : null;
  } catch {
    return null;
  } finally {
    clearTimeout(wait);
  }
}

async function look(): Promise<void> {
  if (isLooking) return;
  isLooking = true;
  clearTimeout(timer);
  const progress = await get();
  isLooking = false;
  failures = progress === null ? failures + 1 : 0;
  say(stateAfter(progress, state, failures));
  if (progress !== null) fill(progress, config.language);
  // a hidden page does not ask: it looks again when it is shown
  if (document.visibilityState === "visible") timer = setTimeout(look, nextLook());
}

function say(next: State): void {
  if (next === state) return;
  state = next;
  const place = document.getElementById("notice");
  place?.replaceChildren(...(next === "well" ? [] : [text(...TEXTS[config.language].states[next])]));
}

function text(what: string, then: string): HTMLElement {
  const paragraph = document.createElement("p");
  const strong = document.createElement("strong");
  const words = document.createElement("span");
  strong.textContent = what;
  words.append(strong, ` ${then}`);
  paragraph.append(clock(), words);
  return paragraph;
}

function clock(): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${config.icons}#it-clock`);
  icon.append(use);
  return icon;
}

for (const [target, name] of [
  [document, "visibilitychange"],
  [window, "online"],
  [window, "pageshow"],
] as const) {
  target.addEventListener(name, () => {
    if (document.visibilityState === "visible" && state !== null) void look();
  });
}
void look();
