/**
 * Many citizens in one browser, each in a profile of their own, for `loadtests`: reads what they
 * fill in from the first line of the input, prints `ready` once all are signed in at the review,
 * clicks `send` when the next line comes, and prints what each sent and got.
 */
import { createInterface } from "node:readline";
import { openProfile, startBrowser } from "./support/browser.mjs";
import { fillIndemnity, signIn } from "./support/citizen.mjs";

/** A machine that is filled with load is slow. */
const DEADLINE = 180_000;
/** So many profiles are filled in at once. */
const AT_ONCE = 4;

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => (await lines.next()).value;

const { portal, citizens, deadline_s: deadline } = JSON.parse(await next());
const browser = await startBrowser();
try {
  const tabs = await prepared();
  console.log("ready");
  await next();
  const begun = Date.now();
  await Promise.all(tabs.map(({ page }) => click(page)));
  const receipts = await Promise.all(tabs.map((tab) => receipt(tab)));
  console.log(JSON.stringify(tabs.map((tab, index) => report(tab, receipts[index], begun))));
} finally {
  await browser.close();
  // an open input would keep this process alive
  process.stdin.destroy();
}

async function prepared() {
  const tabs = [];
  const waiting = [...citizens];
  const work = async () => {
    for (let citizen = waiting.shift(); citizen !== undefined; citizen = waiting.shift()) {
      tabs.push(await atReview(citizen));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return tabs;
}

async function atReview({ tax_code: taxCode, iban }) {
  const context = await openProfile(browser);
  context.setDefaultTimeout(DEADLINE);
  const page = await context.newPage();
  const tries = [];
  context.on("request", (request) => {
    if (request.method() !== "POST" || !request.url().endsWith("/v1/applications")) return;
    const entry = { request, response: request.response().catch(() => null) };
    tries.push(entry);
    void entry.response.then((answer) => {
      entry.answer = answer;
    });
  });
  await fillIndemnity(page, portal, iban);
  await signIn(page, taxCode);
  return { page, tries };
}

function click(page) {
  return page.getByRole("button", { name: "Send the application" }).click();
}

/** The number on the page with the receipt; `null` where none comes. */
async function receipt({ page }) {
  try {
    const heading = page.getByRole("heading", { level: 1, name: "Your application is safe" });
    await heading.waitFor({ timeout: deadline * 1000 });
    const number = page.getByRole("definition").filter({ hasText: /[0-9a-f]{8}-[0-9a-f]{4}-/ });
    return /[0-9a-f-]{36}/.exec(await number.innerText())[0];
  } catch {
    return null;
  }
}

/** Times are those of the browser's network, in seconds since the click. */
function report({ tries }, number, begun) {
  return { receipt: number, tries: tries.map((entry) => attempt(entry, begun)) };
}

function attempt({ request, answer }, begun) {
  const { startTime, responseStart } = request.timing();
  const seconds = (milliseconds) => (startTime + milliseconds - begun) / 1000;
  return {
    key: request.headers()["idempotency-key"],
    sent_s: seconds(0),
    status: answer?.status() ?? null,
    answered_s: answer === null || answer === undefined ? null : seconds(Math.max(0, responseStart)),
    retry_after_s: Number(answer?.headers()["retry-after"] ?? 0),
  };
}
