import assert from "node:assert/strict";
import { test } from "node:test";
import { inProfile } from "../support/browser.mjs";
import { benefitPages } from "../support/pages.mjs";

/** "Slow 4G" of the browser's developer tools. */
const SLOW_4G = { offline: false, latency: 562.5, downloadThroughput: 180_000, uploadThroughput: 84_375 };
const SLOWER_PROCESSOR = 4;
const MOST_BYTES = 200_000;
const MOST_REQUESTS = 15;

export default function slowNetwork(lab) {
  test("home and a benefit are light enough for a slow phone", async () => {
    for (const path of ["/it/", benefitPages("it", "indemnity-march-2020").benefit]) {
      await inProfile(lab.browser, async (context) => {
        const measured = await measure(context, lab.system.portal + path);
        const { bytes, requests, shift, lcp } = measured;
        console.log(`${path}: ${bytes} bytes, ${requests} requests, CLS ${shift.toFixed(3)}, LCP ${Math.round(lcp)} ms`);
        assert.ok(bytes <= MOST_BYTES, `${path} has ${bytes} bytes`);
        assert.ok(requests <= MOST_REQUESTS, `${path} makes ${requests} requests`);
        assert.ok(shift < 0.1, `${path} shifts by ${shift}`);
      });
    }
  });
}

/** Loads a page with nothing cached; the largest paint depends on the machine and is only told. */
async function measure(context, url) {
  const page = await context.newPage();
  const tools = await context.newCDPSession(page);
  await tools.send("Network.enable");
  await tools.send("Network.setCacheDisabled", { cacheDisabled: true });
  await tools.send("Network.emulateNetworkConditions", SLOW_4G);
  await tools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER_PROCESSOR });
  let [bytes, requests] = [0, 0];
  tools.on("Network.requestWillBeSent", () => (requests += 1));
  tools.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await page.addInitScript(() => {
    globalThis.measured = { shift: 0, lcp: 0 };
    const observe = (type, take) =>
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
    observe("layout-shift", (entry) => (globalThis.measured.shift += entry.hadRecentInput ? 0 : entry.value));
    observe("largest-contentful-paint", (entry) => (globalThis.measured.lcp = entry.startTime));
  });
  // the last thing that a page asks for; it asks again and again, so the network is never idle
  const progress = page.waitForResponse((response) => response.url().endsWith("/data/progress.json"));
  await page.goto(url, { waitUntil: "load" });
  await progress;
  const { shift, lcp } = await page.evaluate(() => globalThis.measured);
  return { bytes, requests, shift, lcp };
}
