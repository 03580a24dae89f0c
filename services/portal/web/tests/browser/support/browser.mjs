/** The real browser, with an eye on its console, its network and its reports. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { IN_FULL } from "./select.mjs";
import { ROOT } from "./system.mjs";

export const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];
/** A machine that does other work, too, is slow: what is waited for comes all the same. */
export const DEADLINE = 120_000;
export const WIDTHS = [320, 1280];
const PICTURES = join(ROOT, "target/portal-screenshots");

/** What Chromium itself logs of a request that a stopped service did not answer. */
export const FAILED_REQUEST = /^Failed to load resource: /;

/** What a service answers where the machine has no room; the pages come back by themselves. */
const NO_ROOM = /^Failed to load resource: the server responded with a status of (429|503) /;
/**
 * Benefits that a test has taken away. The gateway keeps for a minute which benefits there are, so a
 * page may ask for one of them.
 */
export const takenAway = new Set();
const NOT_FOUND = /^Failed to load resource: .* 404 .*: \/data\/benefits\/([\w-]+)\.json$/;

export async function startBrowser(more = []) {
  mkdirSync(PICTURES, { recursive: true });
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: [...ARGS, ...more] });
}

/** Opens an empty profile. Scripts of the page can't see that they are tested. */
export async function openProfile(browser, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    timezoneId: "Europe/Rome",
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(DEADLINE);
  return context;
}

/**
 * Runs `work` in a profile of its own, then looks at what its pages logged: nothing but `allowed`,
 * and no report of the content security policy.
 */
export async function inProfile(browser, work, { allowed = [], ...options } = {}) {
  const context = await openProfile(browser, options);
  const said = [];
  watch(context, said);
  try {
    await work(context, said);
    const expected = [NO_ROOM, ...allowed];
    const surprising = said.filter(
      (line) => !expected.some((pattern) => pattern.test(line)) && !takenAway.has(NOT_FOUND.exec(line)?.[1]),
    );
    assert.deepEqual(surprising, []);
  } finally {
    await context.close();
  }
}

function watch(context, said) {
  // Chromium logs each violation of the policy as an error, too
  context.on("console", (message) => said.push(message.text() + whereIfNotLoaded(message)));
  context.on("weberror", (error) => said.push(`uncaught: ${error.error().message}`));
}

/** The path of what was not loaded: Chromium's text does not say it. */
function whereIfNotLoaded(message) {
  const { url } = message.location();
  return message.text().startsWith("Failed to load resource") && url ? `: ${new URL(url).pathname}` : "";
}

/** Takes a picture of a state at each width, for a person to look at, where all tests run. */
export async function picture(page, name) {
  if (!IN_FULL) return;
  const before = page.viewportSize();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width === 320 ? 640 : 900 });
    await page.screenshot({ path: join(PICTURES, `${name}-${width}.png`), fullPage: true });
  }
  await page.setViewportSize(before);
}

/** Waits until `look` returns something true; fails with `what` after two minutes. */
export async function until(what, look, deadline = DEADLINE) {
  const end = performance.now() + deadline;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`not within ${deadline / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
