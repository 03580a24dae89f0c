import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { FAILED_REQUEST, inProfile, takenAway, until } from "../support/browser.mjs";
import { HEADER, answered, choose, fileOf, rowOf, signInAtDesk, signInBeside, textFile } from "../support/intermediary.mjs";
import { see } from "../support/look.mjs";

const WORDS = {
  it: {
    path: "/it/patronati/",
    signIn: "Accedi",
    signInToSend: "Accedi per inviare",
    send: /^Invia/,
    pause: "Pausa",
    resume: "Riprendi",
    paused: "In pausa.",
    waiting: "La pagina riprova da sola",
    safe: /domande sono al sicuro/,
    closed: "Il canale per gli intermediari è chiuso",
    refused: "Questo file non si può inviare così",
    duplicate: "Vale un’altra domanda",
    interrupted: "Interrotto",
  },
  en: {
    path: "/en/intermediaries/",
    signIn: "Sign in",
    signInToSend: "Sign in to send",
    send: /^Send/,
    pause: "Pause",
    resume: "Go on",
    paused: "Paused.",
    waiting: "The page tries again by itself",
    safe: /applications are safe/,
    closed: "The channel for intermediaries is closed",
    refused: "This file can't be sent as it is",
    duplicate: "Another application counts",
    interrupted: "Interrupted",
  },
  de: {
    path: "/de/patronate/",
    signIn: "Anmelden",
    signInToSend: "Anmelden und senden",
    send: /senden$/,
    pause: "Pause",
    resume: "Weiter",
    paused: "Angehalten.",
    waiting: "Die Seite versucht es von selbst wieder",
    safe: /Anträge sind sicher/,
    closed: "Der Weg für Vermittlungsstellen ist geschlossen",
    refused: "Diese Datei lässt sich so nicht senden",
    duplicate: "Ein anderer Antrag gilt",
    interrupted: "Unterbrochen",
  },
};
const ROWS = 6000;
const isBad = (row) => row % 120 === 7;
/** A benefit that opens in the year 2099. */
const LATER = "indemnity-later";

export default function deskStates(lab) {
  for (const [at, [language, words]] of Object.entries(WORDS).entries()) {
    test(`no state of the desk has anything that axe finds wrong (${language})`, async () => {
      await withLaterBenefit(lab.system, () =>
        inProfile(lab.browser, (context) => states(context, lab.system, { language, words, at }), {
          allowed: [FAILED_REQUEST],
        }),
      );
    });
  }
}

async function states(context, system, { language, words, at }) {
  const page = await context.newPage();
  const button = (name) => page.getByRole("main").getByRole("button", { name, exact: true }).first();
  const look = (state) => see(page, `desk-${language}-${state}`);
  await page.addInitScript(slowFiles);
  await page.goto(system.portal + words.path);
  await button(words.signIn).waitFor();
  await look("empty");

  await choose(page, { ...textFile("workbook.xlsx", ""), buffer: Buffer.from("PK\x03\x04xl/workbook") });
  await page.getByText(words.refused).first().waitFor();
  await look("file");
  await choose(page, textFile("twice.csv", [HEADER, rowOf(1), rowOf(1), rowOf(1)].join("\n")));
  await page.getByRole("table").waitFor();
  await look("keys");

  const first = 30_000 + at * ROWS;
  const file = fileOf("patronato-aprile.csv", ROWS, { first, isBad });
  await page.evaluate(() => (globalThis.filesAreSlow = true));
  await choose(page, file);
  await page.getByRole("progressbar").waitFor();
  await look("checking");
  await page.getByRole("progressbar").waitFor();
  await page.evaluate(() => globalThis.goOn());
  await button(words.signInToSend).waitFor();
  await look("ready");
  await signInBeside(page, words.signInToSend);
  await sending(page, system, { words, button, look });

  await choose(page, later(first));
  await button(words.send).click();
  await page.getByText(words.closed).waitFor();
  await look("closed");
  await page.reload();
  await page.getByText(words.interrupted).first().waitFor();
  await look("batches-signed-out");
  await signInAtDesk(page, words.signIn);

  const twins = [rowOf(first), rowOf(first).replace("row-", "twin-"), rowOf(first + 1).replace("row-", "twin-")];
  await choose(page, textFile("gemelli.csv", [HEADER, ...twins].join("\n")));
  await button(words.send).click();
  await page.getByText(words.safe).first().waitFor();
  await button(words.duplicate).click({ timeout: 120_000 });
  await page.getByRole("table").waitFor();
  await look("batches");
}

/** On its way, paused, waiting, done. Intake is frozen while the page is looked at. */
async function sending(page, system, { words, button, look }) {
  await button(words.send).click();
  await until("a part has its mistakes", async () => (await page.getByRole("table").count()) > 0);
  await system.tell("freeze intake");
  try {
    await until("rows have no answer yet", async () => (await answered(page)) < ROWS);
    await look("sending");
  } finally {
    await system.tell("thaw intake");
  }
  await button(words.pause).click();
  await page.getByText(words.paused).first().waitFor();
  await look("paused");
  await system.without(["intake"], async () => {
    await button(words.resume).click();
    await page.getByText(words.waiting).first().waitFor();
    await look("waiting");
  });
  await page.getByText(words.safe).first().waitFor({ timeout: 120_000 });
  await look("done");
}

/** Drops a copy of the indemnity that opens in 2099 into the catalogue, while `work` runs. */
async function withLaterBenefit(system, work) {
  const dropped = join(system.catalogue, `${LATER}.toml`);
  const benefit = await readFile(join(system.catalogue, "indemnity-march-2020.toml"), "utf8");
  await writeFile(
    dropped,
    benefit
      .replace('id = "indemnity-march-2020"', `id = "${LATER}"`)
      .replace(/^opens = \S+/m, "opens = 2099-01-01T00:00:00+01:00"),
  );
  try {
    await until("a benefit of later", async () => (await fetch(`${system.intake}/v1/benefits/${LATER}`)).ok);
    await work();
  } finally {
    await rm(dropped);
    takenAway.add(LATER);
  }
}

/** A file for a benefit that is not open yet. */
function later(first) {
  const row = rowOf(first).replace("indemnity-march-2020", LATER).replace("row-", "later-");
  return textFile("domani.csv", `${HEADER}\n${row}\n`);
}

/** Makes a file of the page stop half-way until `goOn` is called, once `filesAreSlow` is said. */
function slowFiles() {
  const { stream } = Blob.prototype;
  Blob.prototype.stream = function slow() {
    const readable = stream.call(this);
    if (!globalThis.filesAreSlow) return readable;
    globalThis.filesAreSlow = false;
    const released = new Promise((resolve) => (globalThis.goOn = resolve));
    const transform = async (chunk, controller) => {
      const half = chunk.length >> 1;
      controller.enqueue(chunk.slice(0, half));
      await released;
      controller.enqueue(chunk.slice(half));
    };
    return readable.pipeThrough(new TransformStream({ transform }));
  };
}
