/**
 * What a newcomer does at a running system: `node newcomer.mjs http://127.0.0.1:8000` applies as one
 * of the invented people, and prints the protocol number that the page shows.
 */
import { FAILED_REQUEST, inProfile, picture, startBrowser } from "./support/browser.mjs";
import { PEOPLE, fillIndemnity, signIn } from "./support/citizen.mjs";

const [portal] = process.argv.slice(2);
const browser = await startBrowser();
try {
  await inProfile(browser, async (context) => {
    const page = await context.newPage();
    page.on("response", (answer) => {
      if (answer.status() >= 400) console.error(answer.status(), answer.request().method(), new URL(answer.url()).pathname);
    });
    await fillIndemnity(page, portal);
    await signIn(page, PEOPLE.marta);
    await page.getByRole("button", { name: "Send the application" }).click();
    const protocol = await page.getByRole("listitem").getByText(/^Protocol number \S+$/).innerText();
    await picture(page, "containers-receipt");
    console.log(protocol.replace("Protocol number ", ""));
    // on a busy machine the page is sent away at first, and comes again by itself
  }, { allowed: [FAILED_REQUEST] });
} finally {
  await browser.close();
}
