/** The receipt's code, read by a real reader from the screen and from paper. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { FAILED_REQUEST, inProfile } from "../support/browser.mjs";
import { INDEMNITY, PEOPLE, fillIndemnity, receiptNumber, signIn } from "../support/citizen.mjs";
import { changed, otherKey, receiptOf } from "../support/receipts.mjs";

const run = promisify(execFile);
/** What a cheap office printer does. */
const DOTS_PER_INCH = "150";

export default function paper(lab) {
  test("the receipt's code is read from a phone's screen and from paper, and opens a valid check", async () => {
    await inProfile(lab.browser, async (context) => {
      const page = await context.newPage();
      await fillIndemnity(page, lab.system.portal);
      await signIn(page, PEOPLE.pietro);
      await page.getByRole("button", { name: "Send the application" }).click();
      const number = await receiptNumber(page);
      await page.getByRole("img", { name: /opens the check/ }).waitFor();
      for (const read of await codesOf(page)) await saysValid(lab, read, number);
    });
  });

  test("the code is read as well after a reload, also in forced colours", async () => {
    const receipt = await receiptOf(lab.system);
    for (const forcedColors of ["none", "active"]) {
      await inProfile(
        lab.browser,
        async (context) => {
          const page = await context.newPage();
          await showReceipt(page, lab.system.portal, receipt);
          for (const read of await codesOf(page)) assert.equal(new URL(read).hash.slice(1), receipt);
        },
        { forcedColors },
      );
    }
  });

  test("a page that is open checks without network, and tells what is changed from what it can't know", async () => {
    const receipt = await receiptOf(lab.system);
    await inProfile(
      lab.browser,
      async (context) => {
        const page = await context.newPage();
        await page.goto(`${lab.system.portal}/en/check/#${receipt}`);
        await page.getByRole("heading", { name: "The receipt is valid" }).waitFor();
        await context.setOffline(true);
        const says = async (text, verdict) => {
          await page.evaluate((hash) => (location.hash = hash), text);
          await page.getByRole("heading", { name: verdict }).waitFor();
        };
        await says(otherKey(receipt), "It can’t be checked now");
        await says(receipt, "The receipt is valid");
        // behind the header, which names the key
        for (let at = receipt.indexOf(".") + 1; at < receipt.length; at += 37) {
          if (receipt[at] === ".") continue;
          await says(changed(receipt, at), "The receipt is not valid");
          await says(receipt, "The receipt is valid");
        }
      },
      { allowed: [FAILED_REQUEST] },
    );
  });
}

/** The receipt's page, as it is after a reload: the receipt is in this entry of the history. */
async function showReceipt(page, portal, receipt) {
  await page.goto(`${portal}${INDEMNITY}apply/`);
  await page.getByRole("button", { name: "Begin" }).waitFor();
  await page.evaluate((receipt) => {
    const title = { it: "Indennità", en: "Indemnity", de: "Entschädigung" };
    const sent = { id: "00000000-0000-8000-8000-000000000000", received_at: "2026-04-01T08:42:07Z", receipt, title, warnings: [], location: null, protocol: "2026-0000001", registered_at: "2026-04-01T08:42:09Z" };
    history.replaceState({ step: "outcome", sent }, "");
  }, receipt);
  await page.reload();
  await page.getByRole("img", { name: /opens the check/ }).waitFor();
}

/** What a reader finds on a phone's screen of 320 px, and on paper. */
async function codesOf(page) {
  const folder = await mkdtemp(join(tmpdir(), "receipt-"));
  try {
    const [screen, pdf, print] = ["screen.png", "receipt.pdf", "print"].map((name) => join(folder, name));
    await page.setViewportSize({ width: 320, height: 640 });
    await page.screenshot({ path: screen, fullPage: true });
    await writeFile(pdf, await page.pdf({ format: "A4", preferCSSPageSize: true }));
    await run("pdftoppm", ["-r", DOTS_PER_INCH, "-png", "-singlefile", pdf, print]);
    return [await codeIn(screen), await codeIn(`${print}.png`)];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function codeIn(picture) {
  const { stdout } = await run("zbarimg", ["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture]).catch(
    async ({ stderr }) => assert.fail(`no code in ${picture} (${(await readFile(picture)).length} bytes): ${stderr}`),
  );
  return stdout.trim();
}

/** Opens what a code says on another device, online and without network. */
async function saysValid(lab, read, number) {
  await inProfile(lab.browser, async (context) => {
    const page = await context.newPage();
    await page.goto(read);
    await page.getByRole("heading", { name: "The receipt is valid" }).waitFor();
    await page.getByText(number).waitFor();
  });
}
