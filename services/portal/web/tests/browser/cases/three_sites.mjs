import assert from "node:assert/strict";
import { X509Certificate, createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { inProfile, picture, startBrowser } from "../support/browser.mjs";
import { PEOPLE, fillIndemnity, receiptNumber, signIn } from "../support/citizen.mjs";
import { startSystem } from "../support/system.mjs";

/**
 * On ports of one host, pages, API and identity provider are one site to a browser. Here they are
 * three, with TLS: what passes between them needs leave, and no cookie goes along.
 */
export default function threeSites() {
  test("pages, API and identity provider work at three sites", async () => {
    const system = await startSystem("--three-sites");
    try {
      const browser = await startBrowser([
        "--host-resolver-rules=MAP *.test 127.0.0.1",
        `--ignore-certificate-errors-spki-list=${await fingerprint(system.certificate)}`,
      ]);
      try {
        await inProfile(browser, (context) => wholeWay(context, system));
      } finally {
        await browser.close();
      }
    } finally {
      await system.end();
    }
  });
}

/** The certificate's key, as the browser is told to trust it. */
async function fingerprint(file) {
  const { publicKey } = new X509Certificate(await readFile(file));
  const key = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}

async function wholeWay(context, system) {
  const sites = [system.portal, system.api, system.issuer].map((url) => new URL(url).hostname);
  assert.equal(new Set(sites).size, 3, `${sites}`);
  const page = await context.newPage();
  const sent = await network(page);
  await fillIndemnity(page, system.portal);
  await signIn(page, PEOPLE.elena);
  await page.getByRole("button", { name: "Send the application" }).click();
  await receiptNumber(page);
  const protocol = await page.getByRole("listitem").getByText(/^Protocol number \S+$/).innerText();
  await picture(page, "three-sites-receipt");

  // signed out by the reload: the whole window goes to the provider and comes back
  await page.goto(`${system.portal}/en/applications/`);
  await page.getByRole("button", { name: "Sign in with SPID, CIE or CNS" }).click();
  await page.getByRole("article").filter({ hasText: protocol.replace("Protocol number ", "") }).waitFor();
  await picture(page, "three-sites-applications");

  await page.goto(`${system.portal}/en/check/`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await judge(context, system, sent);
}

/** What goes over the network: the addresses, and the headers of each, which scripts don't see. */
async function network(page) {
  const urls = [];
  const headers = [];
  const session = await page.context().newCDPSession(page);
  session.on("Network.requestWillBeSent", ({ request }) => urls.push(new URL(request.url)));
  session.on("Network.requestWillBeSentExtraInfo", (sent) => {
    const entries = Object.entries(sent.headers);
    headers.push(Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value])));
  });
  await session.send("Network.enable");
  return { urls, headers };
}

async function judge(context, system, { urls, headers }) {
  const [pages, api] = [new URL(system.portal), new URL(system.api)];
  const to = ({ host }) => headers.filter((sent) => sent.host === host);
  assert.ok(to(pages).length > 0);
  const misled = urls.filter(({ host, pathname }) => host === pages.host && pathname.startsWith("/v1/"));
  assert.deepEqual(misled, []);
  assert.ok(urls.some(({ host, pathname }) => host === api.host && pathname.startsWith("/v1/tokens/")));

  const sendings = to(api).filter((sent) => sent["idempotency-key"] !== undefined);
  assert.equal(sendings.length, 1);
  assert.match(sendings[0].authorization, /^Bearer /);
  assert.equal(sendings[0].origin, system.portal);
  const asked = to(api).filter((sent) => sent["access-control-request-method"] === "POST");
  assert.equal(asked.length, 1, "the browser asks before it sends");
  assert.equal(asked[0].authorization, undefined);

  for (const sent of [...to(pages), ...to(api)]) assert.equal(sent.cookie, undefined);
  for (const sent of to(pages)) assert.equal(sent.authorization, undefined);
  assert.deepEqual(await context.cookies([system.portal, system.api]), []);
  assert.ok((await context.cookies(system.issuer)).length > 0, "the provider has its session");
}
