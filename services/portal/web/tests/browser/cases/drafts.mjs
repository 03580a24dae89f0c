/** A draft opens for its holder alone, and is gone when it is no longer needed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inProfile, picture } from "../support/browser.mjs";
import { IBAN, INDEMNITY, PEOPLE, atStep, fillIndemnity, onProvider, receiptNumber, signIn } from "../support/citizen.mjs";
import { testInFull } from "../support/select.mjs";
import { records, spoil } from "../support/storage.mjs";

const RESUME = "Resume the draft";
/** Longer than a draft is kept. */
const EIGHT_DAYS = 8 * 86_400_000;

export default function drafts(lab) {
  const form = `${INDEMNITY}apply/`;
  const open = async (context) => {
    const page = await context.newPage();
    await page.goto(lab.system.portal + form);
    await page.getByRole("button", { name: "Begin" }).waitFor();
    return page;
  };

  test("a draft saved before the sign-in opens in that tab after a reload, and in no other", async () => {
    await inProfile(lab.browser, async (context) => {
      const page = await saved(context, lab.system.portal);
      await page.reload();
      await page.getByRole("button", { name: RESUME }).waitFor();
      await picture(page, "form-draft-found");
      const other = await open(context);
      await offersNothing(other);
      await page.getByRole("button", { name: RESUME }).click();
      await atStep(page, "Specific data");
      assert.ok(await page.getByRole("radio", { name: "Collaborator" }).isChecked());
      await page.reload();
      await page.getByRole("button", { name: "Delete the draft" }).click();
      await page.getByRole("button", { name: RESUME }).waitFor({ state: "detached" });
      assert.deepEqual(await records(page), []);
    });
  });

  testInFull("a draft saved before the sign-in opens for nobody who signs in in another tab", async () => {
    await inProfile(lab.browser, async (context) => {
      await saved(context, lab.system.portal);
      const other = await open(context);
      await signInFirst(other, PEOPLE.luca);
      await offersNothing(other);
    });
  });

  testInFull("who signs in after saving takes the draft along, and only they open it", async () => {
    await inProfile(lab.browser, async (context) => {
      const page = await saved(context, lab.system.portal);
      await signIn(page, PEOPLE.pietro);
      await untilHeldBy(page, "person");
      // the same person, in another tab: the provider still knows them
      const other = await open(context);
      await other.getByText("There is a draft on this device. If it is yours, sign in to open it.").waitFor();
      await picture(other, "form-draft-of-a-person");
      await other.getByRole("main").getByRole("button", { name: "Sign in" }).click();
      await other.getByRole("button", { name: RESUME }).click();
      await atStep(other, "Specific data");
      assert.ok(await other.getByRole("radio", { name: "Collaborator" }).isChecked());
    });
  });

  test("another person who signs in is not offered the draft, and it is gone", async () => {
    await inProfile(lab.browser, async (context) => {
      const page = await saved(context, lab.system.portal);
      await signIn(page, PEOPLE.pietro);
      await untilHeldBy(page, "person");
      await page.close();
      // the provider forgets them, as on a device that is handed on
      await context.clearCookies();
      const other = await open(context);
      await signInFirst(other, PEOPLE.luca);
      await other.getByText("There was a draft on this device of another person").waitFor();
      await offersNothing(other);
      assert.deepEqual(await records(other), []);
    });
  });

  testInFull("a draft is gone after the sending, after the sign-out and after its term", async () => {
    await inProfile(lab.browser, async (context) => {
      const page = await saved(context, lab.system.portal);
      await signIn(page, PEOPLE.pietro);
      await page.getByRole("button", { name: "Send the application" }).click();
      await receiptNumber(page);
      assert.deepEqual(await records(page), []);
    });
    await inProfile(lab.browser, async (context) => {
      const page = await saved(context, lab.system.portal);
      await signIn(page, PEOPLE.pietro);
      await untilHeldBy(page, "person");
      // on another page than the form
      await page.goto(`${lab.system.portal}/en/applications/`);
      await page.getByRole("button", { name: "Sign in with SPID, CIE or CNS" }).click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Yes, sign out" }).click();
      await page.waitForURL(`${lab.system.portal}/`);
      assert.deepEqual(await records(page), []);
    });
    await inProfile(lab.browser, async (context) => {
      const page = await saved(context, lab.system.portal);
      await page.clock.setSystemTime(Date.now() + EIGHT_DAYS);
      await page.reload();
      await page.getByRole("button", { name: "Begin" }).waitFor();
      await offersNothing(page);
      assert.deepEqual(await records(page), []);
    });
  });

  for (const how of ["bytes", "text", "dates", "nothing"]) {
    testInFull(`a draft whose record is spoilt (${how}) is none, and the form works`, async () => {
      await inProfile(lab.browser, async (context) => {
        const page = await saved(context, lab.system.portal);
        await spoil(page, how);
        await page.reload();
        await page.getByRole("button", { name: "Begin" }).waitFor();
        await offersNothing(page);
        await page.getByRole("button", { name: "Begin" }).click();
        await atStep(page, "General data");
        await page.getByRole("textbox", { name: "IBAN" }).fill(IBAN);
      });
    });
  }
}

/** Fills in the form and saves a draft, signed out. */
async function saved(context, portal) {
  const page = await context.newPage();
  // the question whether to leave what was typed
  page.on("dialog", (dialog) => void dialog.accept());
  await fillIndemnity(page, portal);
  await page.getByRole("button", { name: "Save draft" }).click();
  await page.getByText(/It opens in this tab of the browser alone/).waitFor();
  return page;
}

/** Signs in with the whole window, before the form is begun. */
async function signInFirst(page, taxCode) {
  await page.getByRole("link", { name: "Sign in" }).first().click();
  await onProvider(page, taxCode);
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

/** The form looks for drafts before it is shown. */
async function offersNothing(page) {
  await page.getByRole("button", { name: "Begin" }).waitFor();
  assert.equal(await page.getByRole("button", { name: RESUME }).count(), 0);
}

async function untilHeldBy(page, holder) {
  await page.waitForFunction(
    (holder) =>
      new Promise((resolve) => {
        const opening = indexedDB.open("portal");
        opening.onsuccess = () => {
          const all = opening.result.transaction("drafts").objectStore("drafts").getAll();
          all.onsuccess = () => {
            opening.result.close();
            resolve(all.result.some((draft) => draft.holder === holder));
          };
        };
      }),
    holder,
  );
}
