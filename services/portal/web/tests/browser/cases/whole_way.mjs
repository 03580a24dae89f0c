import assert from "node:assert/strict";
import { test } from "node:test";
import { inProfile, picture } from "../support/browser.mjs";
import { IBAN, PEOPLE, atStep, fillIndemnity, onProvider, press, signIn, take, type } from "../support/citizen.mjs";

const PROTOCOL = /^Protocol number \S+$/;

export default function wholeWay(lab) {
  test("a citizen goes the whole way by keyboard alone, and withdraws", async () => {
    await inProfile(lab.browser, async (context) => {
      const page = await context.newPage();
      const by = (role, name) => page.getByRole(role, { name });
      await page.goto(`${lab.system.portal}/en/`);
      await picture(page, "home");
      await press(page, page.getByRole("main").getByRole("link", { name: "Indemnity of 600 euro for March 2020" }));
      await page.waitForURL("**/en/benefits/indemnity-march-2020/");
      await picture(page, "benefit");
      await press(page, by("link", "Apply for the benefit"));

      await by("button", "Begin").waitFor();
      await picture(page, "form-information");
      await press(page, by("button", "Begin"));
      await atStep(page, "General data");
      await take(page, by("radio", "Professionals with a VAT number and collaborators"));
      await type(page, by("textbox", "IBAN"), IBAN);
      await picture(page, "form-general");
      await press(page, by("button", "Next"));

      await atStep(page, "Specific data");
      await take(page, by("checkbox", "I declare that I have no pension"));
      await take(page, by("checkbox", "citizenship income"));
      await take(page, by("radio", "Professional with an active VAT number"));
      await type(page, by("textbox", "VAT number"), "12345670157");
      await picture(page, "form-specific");
      await press(page, by("button", "Next"));

      await atStep(page, "Check and send");
      await picture(page, "review-signed-out");
      const opens = page.waitForEvent("popup");
      await press(page, page.getByRole("main").getByRole("button", { name: /^Sign in/ }).last());
      await onProvider(await opens, PEOPLE.marta);
      await by("button", "Send the application").waitFor();
      await page.getByRole("main").getByText("Marta Rinaldi").waitFor();
      await picture(page, "review");
      await press(page, by("button", "Send the application"));

      await by("heading", "Your application is safe").waitFor();
      const protocol = page.getByRole("listitem").getByText(PROTOCOL);
      await protocol.waitFor();
      await picture(page, "receipt");
      const number = (await protocol.innerText()).replace("Protocol number ", "");

      await press(page, page.getByRole("main").getByRole("link", { name: "Go to my applications" }));
      await by("button", "Sign in with SPID, CIE or CNS").waitFor();
      await picture(page, "applications-signed-out");
      await press(page, by("button", "Sign in with SPID, CIE or CNS"));
      const card = page.getByRole("article").filter({ hasText: number });
      await card.getByText("It is registered and will be examined.").waitFor();
      await picture(page, "applications");
      await press(page, card.getByRole("button", { name: "Withdraw the application" }));
      await by("heading", "Do you want to withdraw this application?").waitFor();
      await picture(page, "applications-withdraw");
      await press(page, by("button", "Yes, withdraw it"));
      await card.getByText("Withdrawn", { exact: true }).first().waitFor();
      await picture(page, "applications-withdrawn");
      await card.getByRole("link", { name: "Apply again" }).click();
      await page.waitForURL("**/en/benefits/indemnity-march-2020/apply/");
    });
  });

  test("the same can be sent again after it was withdrawn, as a new application", async () => {
    const first = await sendAs(lab, PEOPLE.giulia);
    await withdraw(lab, PEOPLE.giulia);
    const second = await sendAs(lab, PEOPLE.giulia);
    assert.notEqual(second, first);
  });
}

/** Sends the indemnity in a fresh profile; returns its protocol number. */
async function sendAs(lab, taxCode) {
  let protocol = "";
  await inProfile(lab.browser, async (context) => {
    const page = await context.newPage();
    await fillIndemnity(page, lab.system.portal);
    await signIn(page, taxCode);
    await page.getByRole("button", { name: "Send the application" }).click();
    protocol = await page.getByRole("listitem").getByText(PROTOCOL).innerText();
  });
  return protocol;
}

async function withdraw(lab, taxCode) {
  await inProfile(lab.browser, async (context) => {
    const page = await context.newPage();
    await page.goto(`${lab.system.portal}/en/applications/`);
    await page.getByRole("button", { name: "Sign in with SPID, CIE or CNS" }).click();
    await onProvider(page, taxCode);
    await page.getByRole("button", { name: "Withdraw the application" }).click();
    await page.getByRole("button", { name: "Yes, withdraw it" }).click();
    await page.getByRole("article").getByText("Withdrawn", { exact: true }).first().waitFor();
  });
}
