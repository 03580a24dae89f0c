/** What a citizen sees on a bad day, and when it is done: each state in each language, by axe. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FAILED_REQUEST, inProfile } from "../support/browser.mjs";
import { bicycle, fillBicycle, hoursThatBeginLater, withBenefit } from "../support/catalogue.mjs";
import { INDEMNITY, PEOPLE, fillIndemnity, onProvider, signIn, signInButton, speak, throughPopup } from "../support/citizen.mjs";
import { see } from "../support/look.mjs";
import { LANGUAGES } from "../support/pages.mjs";
import { changed, otherKey, receiptOf } from "../support/receipts.mjs";
import { testInFull } from "../support/select.mjs";

/** The heading of each state. */
const HEADINGS = {
  it: { review: "Controlla e invia", waiting: "Stiamo inviando la tua domanda", receipt: "La tua domanda è al sicuro" },
  en: { review: "Check and send", waiting: "We are sending your application", receipt: "Your application is safe" },
  de: { review: "Prüfen und senden", waiting: "Wir senden Ihren Antrag", receipt: "Ihr Antrag ist in Sicherheit" },
};

const APPLICATIONS = {
  it: { path: "/it/domande/", signIn: "Accedi con SPID, CIE o CNS", none: "Non c’è ancora nessuna domanda", away: "In questo momento non possiamo mostrarle", withdraw: "Ritira la domanda", ask: "Vuoi ritirare questa domanda?", ticket: "Numero per il sorteggio" },
  en: { path: "/en/applications/", signIn: "Sign in with SPID, CIE or CNS", none: "There is no application yet", away: "We can’t show them at the moment", withdraw: "Withdraw the application", ask: "Do you want to withdraw this application?", ticket: "Ticket for the draw" },
  de: { path: "/de/antraege/", signIn: "Mit SPID, CIE oder CNS anmelden", none: "Es gibt noch keinen Antrag", away: "Wir können sie im Moment nicht zeigen", withdraw: "Antrag zurückziehen", ask: "Möchten Sie diesen Antrag zurückziehen?", ticket: "Losnummer" },
};

const CHECK = {
  it: { path: "/it/verifica/", label: "Testo della ricevuta", check: "Verifica", valid: "La ricevuta è valida", invalid: "La ricevuta non è valida", unknown: "Adesso non si può verificare", nothing: /^In questo testo non c’è una ricevuta/ },
  en: { path: "/en/check/", label: "Text of the receipt", check: "Check", valid: "The receipt is valid", invalid: "The receipt is not valid", unknown: "It can’t be checked now", nothing: /^There is no receipt in this text/ },
  de: { path: "/de/pruefen/", label: "Text der Quittung", check: "Prüfen", valid: "Die Quittung ist gültig", invalid: "Die Quittung ist nicht gültig", unknown: "Sie lässt sich jetzt nicht prüfen", nothing: /^In diesem Text ist keine Quittung/ },
};

export default function states(lab) {
  test("axe finds nothing wrong while it waits, when the sign-in ended, and on the receipt", async () => {
    await inProfile(lab.browser, (context) => waitingToReceipt(context, lab.system), { allowed: [FAILED_REQUEST] });
  });

  testInFull("axe finds nothing wrong where a sign-in is needed, and while it is away", async () => {
    await inProfile(lab.browser, (context) => signInNeeded(context, lab.system), { allowed: [FAILED_REQUEST] });
  });

  testInFull("axe finds nothing wrong where the channel is closed", async () => {
    const id = "closed-for-axe-2026";
    const text = await bicycle(id, (benefit) => benefit + hoursThatBeginLater());
    await withBenefit(lab.system, id, text, () =>
      inProfile(
        lab.browser,
        async (context) => {
          const page = await context.newPage();
          await fillBicycle(page, lab.system.portal, id);
          await signIn(page, PEOPLE.nicolo);
          await page.getByRole("button", { name: "Send the application" }).click();
          await page.getByText("It can't be sent now").waitFor();
          await everyLanguage(page, "review", "closed");
        },
        { allowed: [FAILED_REQUEST] },
      ),
    );
  });

  for (const language of LANGUAGES) {
    const declare = language === "it" ? test : testInFull;
    declare(`axe finds nothing wrong in my applications (${language})`, async () => {
      await applications(lab, language);
    });

    testInFull(`axe finds nothing wrong with what a check says (${language})`, async () => {
      const receipt = await receiptOf(lab.system);
      await inProfile(lab.browser, (context) => checks(context, lab.system.portal, language, receipt));
    });
  }
}

async function everyLanguage(page, heading, name) {
  for (const language of LANGUAGES) {
    await speak(page, language, HEADINGS[language][heading]);
    await see(page, `state-${name}-${language}`);
  }
  await speak(page, "en", HEADINGS.en[heading]);
}

async function waitingToReceipt(context, system) {
  const page = await context.newPage();
  await page.clock.install();
  await fillIndemnity(page, system.portal);
  await signIn(page, PEOPLE.elena);
  await system.without(["intake"], async () => {
    await page.getByRole("button", { name: "Send the application" }).click();
    await page.getByText("the page tries again by itself").waitFor();
    await everyLanguage(page, "waiting", "waiting");
    // longer than the token lasts
    await page.clock.fastForward("02:00:00");
    await page.getByText("Your sign-in has expired").waitFor();
    await everyLanguage(page, "waiting", "sign-in-ended");
  });
  await throughPopup(page, PEOPLE.elena);
  await page.getByRole("listitem").getByText(/^Protocol number \S+$/).waitFor();
  await everyLanguage(page, "receipt", "receipt");
}

async function signInNeeded(context, system) {
  const page = await context.newPage();
  await fillIndemnity(page, system.portal);
  await page.getByText("Sign in to send").waitFor();
  await everyLanguage(page, "review", "sign-in-needed");
  await page.evaluate(() => {
    globalThis.open = () => null;
  });
  await signInButton(page).click();
  await page.getByText(/The browser blocked the window/).waitFor();
  await everyLanguage(page, "review", "popup-blocked");
  await system.without(["identity-provider"], async () => {
    // the attempt that was ready is used up; the next one finds nobody
    await signInButton(page).click();
    await page.getByText(/The sign-in service does not answer/).waitFor();
    await everyLanguage(page, "review", "provider-away");
  });
  // a sign-in with the whole window that comes to nothing
  const other = await context.newPage();
  await other.goto(`${system.portal}${INDEMNITY}apply/`);
  await other.getByRole("button", { name: "Begin" }).waitFor();
  await other.route(`${system.issuer}/token`, (route) => route.abort());
  await other.getByRole("link", { name: "Sign in" }).first().click();
  await onProvider(other, PEOPLE.elena);
  await other.getByText("The sign-in did not succeed.").waitFor();
  await see(other, "state-sign-in-failed-en");
}

async function applications({ browser, system }, language) {
  const words = APPLICATIONS[language];
  const name = (state) => `state-applications-${state}-${language}`;
  const open = async (context, taxCode) => {
    const page = await context.newPage();
    await page.goto(system.portal + words.path);
    await page.getByRole("button", { name: words.signIn }).click();
    await onProvider(page, taxCode);
    return page;
  };
  await inProfile(browser, async (context) => {
    const page = await open(context, PEOPLE.franco);
    await page.getByText(words.none, { exact: true }).last().waitFor();
    await see(page, name("none"));
  });
  await inProfile(browser, async (context) => {
    await sendAs(context, system.portal, PEOPLE.elena);
    const page = await open(context, PEOPLE.elena);
    const card = page.getByRole("article").first();
    await card.waitFor();
    await see(page, name("list"));
    for (const part of await card.locator("summary").all()) await part.click();
    await card.locator("details[open] :is(ol, dl, ul)").nth(2).waitFor();
    await see(page, name("details"));
    // nothing is drawn by lot for this benefit
    assert.equal(await card.getByText(words.ticket).count(), 0);
    await card.getByRole("button", { name: words.withdraw }).click();
    await page.getByRole("heading", { name: words.ask }).waitFor();
    await see(page, name("withdraw"));
  });
  await inProfile(
    browser,
    (context) =>
      system.without(["status"], async () => {
        const page = await open(context, PEOPLE.elena);
        await page.getByText(words.away, { exact: true }).waitFor();
        await see(page, name("away"));
      }),
    { allowed: [FAILED_REQUEST] },
  );
}

/** Sends the indemnity, and waits until it is registered. */
async function sendAs(context, portal, taxCode) {
  const page = await context.newPage();
  await fillIndemnity(page, portal);
  await signIn(page, taxCode);
  await page.getByRole("button", { name: "Send the application" }).click();
  await page.getByRole("listitem").getByText(/^Protocol number \S+$/).waitFor();
  await page.close();
  // the provider asks again who it is
  await context.clearCookies();
}

async function checks(context, portal, language, receipt) {
  const words = CHECK[language];
  const page = await context.newPage();
  for (const [state, text] of [
    ["valid", receipt],
    ["invalid", changed(receipt)],
    ["unknown", otherKey(receipt)],
    ["nothing", "HC1:NCFOXN%TS3DH3ZSUZK+.V0ETD%65NL-AH%TAIOOW%I-1W1MA*P8"],
  ]) {
    await page.goto(portal + words.path);
    await page.getByRole("textbox", { name: words.label }).fill(text);
    await page.getByRole("button", { name: words.check, exact: true }).click();
    await page.getByText(words[state]).first().waitFor();
    await see(page, `state-check-${state}-${language}`);
  }
}
