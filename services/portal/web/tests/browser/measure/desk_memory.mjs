/**
 * Measures what a file of 100,000 rows takes of a browser's memory, from its check to its receipt:
 * `npm run measure:desk`. ROWS sets another number of rows.
 *
 * Playwright is away while the file is sent: a debugger that follows the network makes the browser
 * keep every answer.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { ARGS, until } from "../support/browser.mjs";
import { DESK, fileOf, signInAtDesk } from "../support/intermediary.mjs";
import { startSystem } from "../support/system.mjs";

const ROWS = Number(process.env.ROWS ?? 100_000);
const HOUR = 3_600_000;
const MIB = 1024 * 1024;

const system = await startSystem();
const folder = await mkdtemp(join(tmpdir(), "desk-"));
const browser = spawn("/usr/bin/chromium", [
  "--headless=new",
  ...ARGS,
  "--remote-debugging-port=0",
  `--user-data-dir=${folder}`,
  "about:blank",
]);
try {
  await measure();
} finally {
  browser.kill();
  await new Promise((resolve) => browser.once("exit", resolve));
  await rm(folder, { recursive: true, force: true });
  await system.end();
}

async function measure() {
  const path = join(folder, "centomila.csv");
  const { buffer } = fileOf("", ROWS, { isBad: (row) => row % 1000 < 3 });
  await writeFile(path, buffer);
  const port = await until("the debugger's port", async () => {
    const text = await readFile(join(folder, "DevToolsActivePort"), "utf8").catch(() => "");
    return text.split("\n")[0];
  });
  const address = `http://127.0.0.1:${port}`;
  const renderers = await signIn(address);
  const tools = await follow(address);
  const most = { memory: 0, heap: 0 };
  const wait = (what, expression) =>
    until(what, async () => {
      const { memory, heap } = await sizes(renderers, tools);
      most.memory = Math.max(most.memory, memory);
      most.heap = Math.max(most.heap, heap);
      return tools.evaluate(expression);
    }, HOUR);
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 1000);
  await tools.choose(path);
  await wait("the check", "document.querySelector('article .btn-primary') !== null");
  console.log(`${ROWS} rows, ${(buffer.length / MIB).toFixed(1)} MiB, checked in ${seconds()} s`);
  await tools.evaluate("document.querySelector('article .btn-primary').click()");
  await wait("the end", "/applications are safe/.test(document.body.textContent)");
  tools.close();
  console.log(`every row has its answer after ${seconds()} s`);
  console.log(`renderer: at most ${most.memory} MiB of its own, of it scripts ${most.heap} MiB`);
}

/** Signs in at the desk; returns the processes of pages. */
async function signIn(address) {
  const driver = await chromium.connectOverCDP(address);
  const page = await driver.contexts()[0].newPage();
  await page.goto(system.portal + DESK);
  await signInAtDesk(page);
  // browsers tidy up behind pages that nobody sees only later
  await page.bringToFront();
  const session = await driver.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await driver.close();
  return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
}

/** Asks the desk's page, and follows nothing of it. */
async function follow(address) {
  const pages = await (await fetch(`${address}/json/list`)).json();
  const { webSocketDebuggerUrl } = pages.find(({ url }) => url.endsWith(DESK));
  const socket = new WebSocket(webSocketDebuggerUrl);
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  const waiting = new Map();
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(data);
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  let last = 0;
  const send = (method, params = {}) => new Promise((resolve) => {
    last += 1;
    waiting.set(last, resolve);
    socket.send(JSON.stringify({ id: last, method, params }));
  });
  const evaluate = async (expression) => (await send("Runtime.evaluate", { expression })).result.value;
  const choose = async (path) => {
    const { root } = await send("DOM.getDocument");
    const { nodeId } = await send("DOM.querySelector", { nodeId: root.nodeId, selector: "input[type=file]" });
    await send("DOM.setFileInputFiles", { files: [path], nodeId });
  };
  return { send, evaluate, choose, close: () => socket.close() };
}

/** The private memory of the largest page, and what its scripts hold of it, in MiB. */
async function sizes(renderers, tools) {
  const all = await Promise.all(renderers.map(privateMemory));
  const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = await tools.send("Runtime.getHeapUsage");
  const heap = Math.round((usedSize + embedderHeapUsedSize + backingStorageSize) / MIB);
  return { memory: Math.max(...all), heap };
}

/** Anonymous resident memory of a process: without programs and files that all share. */
async function privateMemory(id) {
  const status = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
  return Math.round(Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}
