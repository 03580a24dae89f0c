import assert from "node:assert/strict";
import { test } from "node:test";
import { inProfile, picture } from "../support/browser.mjs";
import { INDEMNITY, PEOPLE, atStep, fillIndemnity, receiptNumber, signIn } from "../support/citizen.mjs";

/** What no storage, address or log may hold: typed data, and what the sign-in told. */
const CANARIES = ["IT60X0542811101000000123456", PEOPLE.pietro, "De Santis", "Pietro"];

export default function privateData(lab) {
  test("what a citizen types is in no storage, no address and no console", async () => {
    await inProfile(lab.browser, async (context, said) => {
      const addresses = [];
      context.on("request", (request) => addresses.push(request.url(), request.headers().referer ?? ""));
      const page = await context.newPage();
      await fillIndemnity(page, lab.system.portal);
      await signIn(page, PEOPLE.pietro);
      await holdsNothing(page, "review");

      await page.getByRole("button", { name: "Save draft" }).click();
      await page.getByText("Draft saved, on this device only").waitFor();
      await picture(page, "review-draft-saved");
      await holdsNothing(page, "draft");
      const drafts = await records(page);
      assert.ok(drafts.some(({ key }) => key === "key, not extractable"), "the draft has a key that no script reads");

      await page.getByRole("button", { name: "Send the application" }).click();
      await receiptNumber(page);
      await holdsNothing(page, "receipt");
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Yes, sign out" }).click();
      await page.waitForURL(`${lab.system.portal}/`);
      const places = [...addresses, ...said];
      for (const canary of CANARIES)
        for (const place of places) assert.ok(!decoded(place).includes(canary), `${canary} in ${place}`);
    });
  });

  test("a draft comes back after a reload, and is gone after it was deleted", async () => {
    await inProfile(lab.browser, async (context) => {
      const page = await context.newPage();
      await fillIndemnity(page, lab.system.portal);
      await page.getByRole("button", { name: "Save draft" }).click();
      await page.getByText("Draft saved, on this device only").waitFor();
      const again = await context.newPage();
      await again.goto(`${lab.system.portal}${INDEMNITY}apply/`);
      await again.getByRole("button", { name: "Resume the draft" }).waitFor();
      await picture(again, "form-draft-found");
      await again.getByRole("button", { name: "Resume the draft" }).click();
      await atStep(again, "Specific data");
      assert.ok(await again.getByRole("radio", { name: "Collaborator" }).isChecked());
      await again.reload();
      await again.getByRole("button", { name: "Delete the draft" }).click();
      await again.getByRole("button", { name: "Resume the draft" }).waitFor({ state: "detached" });
      assert.deepEqual(await records(again), []);
    });
  });
}

/** An address with its tokens opened: what a log keeps, a reader can decode. */
function decoded(text) {
  const parts = text.split(/[.&=?/#]/).filter((part) => /^eyJ[\w-]{20,}$/.test(part));
  return [decodeURIComponent(text), ...parts.map((part) => Buffer.from(part, "base64url").toString())].join(" ");
}

async function holdsNothing(page, when) {
  const held = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, document.cookie, location.href]));
  const all = decoded(held) + JSON.stringify(await records(page));
  for (const canary of CANARIES) assert.ok(!all.includes(canary), `${canary} at ${when}: ${all}`);
}

/** Everything that IndexedDB holds; bytes as texts, keys that can't be read as their kind. */
async function records(page) {
  return page.evaluate(async () => {
    const done = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const readable = (value) => {
      if (value instanceof CryptoKey) return `key, ${value.extractable ? "extractable" : "not extractable"}`;
      if (value instanceof ArrayBuffer || ArrayBuffer.isView(value))
        return new TextDecoder("latin1").decode(value);
      if (value instanceof Date || typeof value !== "object" || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, readable(inner)]));
    };
    const found = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames)
        found.push(...(await done(database.transaction(store).objectStore(store).getAll())).map(readable));
      database.close();
    }
    return found;
  });
}
