/** A slow phone far from a mast. */

/** "Slow 4G" of the browser's developer tools. */
const SLOW_4G = { offline: false, latency: 562.5, downloadThroughput: 180_000, uploadThroughput: 84_375 };
const SLOWER_PROCESSOR = 4;

/** Opens a page with a slow network and a slow processor. */
export async function slowPage(context) {
  const page = await context.newPage();
  const tools = await context.newCDPSession(page);
  await tools.send("Network.enable");
  await tools.send("Network.emulateNetworkConditions", SLOW_4G);
  await tools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER_PROCESSOR });
  return { page, tools };
}

/** Counts what comes over the network from now on: not what the browser has kept. */
export function countRequests(tools) {
  const counted = { bytes: 0, requests: 0 };
  const kept = new Set();
  tools.on("Network.requestWillBeSent", ({ request }) => {
    if (!request.url.startsWith("data:")) counted.requests += 1;
  });
  tools.on("Network.requestServedFromCache", ({ requestId }) => {
    kept.add(requestId);
    counted.requests -= 1;
  });
  tools.on("Network.responseReceived", ({ requestId, response }) => {
    if (response.fromDiskCache && !kept.has(requestId)) counted.requests -= 1;
  });
  tools.on("Network.loadingFinished", ({ encodedDataLength }) => (counted.bytes += encodedDataLength));
  return counted;
}
