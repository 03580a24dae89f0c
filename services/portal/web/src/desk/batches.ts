/** The batches that this device remembers, and what became of them. */

import { pause } from "../common/retry.js";
import type { Client, Outcome, PlacedRow } from "./client.js";
import { quoted } from "./error_files.js";
import type { Memory, StoredBatch } from "./memory.js";
import { receiptsFile } from "./receipts.js";
import { RowMap } from "./row_map.js";
import { save } from "../common/save.js";
import type { BatchCard } from "./state.js";
import type { DeskTexts } from "./texts/it.js";

/** Most rows that are shown of a list. */
export const SHOWN = 100;
/** Most batches about which the page asks by itself. */
const LOOKED_AT = 10;
/** Seconds after which a batch with queued rows is looked at again. */
const LOOKS = [2, 5, 10, 20, 30, 60];

export class Batches {
  readonly #memory: Memory;
  readonly #client: Client;
  readonly #texts: DeskTexts;
  readonly #changed: (cards: readonly BatchCard[]) => void;
  #cards: readonly BatchCard[] = [];
  #reading = new AbortController();

  constructor(
    memory: Memory,
    client: Client,
    texts: DeskTexts,
    changed: (cards: readonly BatchCard[]) => void,
  ) {
    this.#memory = memory;
    this.#client = client;
    this.#texts = texts;
    this.#changed = changed;
  }

  /** Reads what the device remembers; what was asked about a batch stays. */
  async load(): Promise<void> {
    const known = new Map(this.#cards.map((card) => [card.batch.digest, card]));
    const batches = await this.#memory.batches();
    this.#cards = batches.map((batch) => ({
      ...(known.get(batch.digest) ?? cardOf(batch)),
      batch,
    }));
    this.#changed(this.#cards);
  }

  /** Asks how many rows became what. */
  async look(digest: string): Promise<void> {
    const card = this.#card(digest);
    if (card === undefined || card.reading === "loading" || card.batch.id === "") return;
    this.#change(digest, { reading: "loading" });
    const answer = await this.#client.counts(card.batch.id, await this.#receiptOf(card.batch));
    if (answer.kind === "ok") return this.#change(digest, { counts: answer.body, reading: "no" });
    const isGone = answer.kind === "problem" && answer.problem.status === 404;
    this.#change(digest, { reading: isGone ? "not-found" : "away" });
  }

  /** Asks about complete batches of which nothing is known, the newest first. */
  async lookAtAll(): Promise<void> {
    const unknown = this.#cards.filter(({ batch, counts }) => batch.receipt !== "" && counts === null);
    for (const { batch } of unknown.slice(0, LOOKED_AT)) {
      await this.look(batch.digest);
      if (this.#card(batch.digest)?.reading !== "no") return;
    }
  }

  /** Looks again by itself while rows are queued, ever more seldom. */
  async follow(digest: string): Promise<void> {
    for (const seconds of LOOKS) {
      await this.look(digest);
      const card = this.#card(digest);
      if (card?.counts == null || card.counts.queued === 0) return;
      await pause(seconds, seconds);
    }
  }

  /** Lists the rows with an outcome. */
  async list(digest: string, outcome: Outcome | "all"): Promise<void> {
    this.#change(digest, { listing: { outcome, rows: null, count: 0 } });
    const rows: PlacedRow[] = [];
    let count = 0;
    try {
      for await (const row of this.#placed(digest, outcome)) {
        count += 1;
        if (rows.length < SHOWN) rows.push(row);
      }
      this.#change(digest, { listing: { outcome, rows, count } });
    } catch {
      if (this.#card(digest)?.listing?.outcome === outcome) {
        this.#change(digest, { listing: null, reading: "away" });
      }
    }
  }

  /** Saves the list as a table, with the rows of the spreadsheet. */
  async download(digest: string, outcome: Outcome | "all"): Promise<void> {
    const { row, outcomeColumn, explanation, outcomes, outcomesFile } = this.#texts;
    const line = (...cells: string[]): string => `${cells.map(quoted).join(";")}\r\n`;
    const pieces: Blob[] = [new Blob(["\ufeff", line(row, outcomeColumn, explanation)])];
    try {
      let lines: string[] = [];
      for await (const placed of this.#placed(digest, outcome)) {
        lines.push(line(String(placed.row), outcomes[placed.status], placed.explanation));
        if (lines.length < 1000) continue;
        pieces.push(new Blob(lines));
        lines = [];
      }
      save(
        new Blob([...pieces, ...lines], { type: "text/csv;charset=utf-8" }),
        `${outcomesFile}.csv`,
      );
    } catch {
      this.#change(digest, { reading: "away" });
    }
  }

  /** Saves the receipts of the rows that were accepted, so far. */
  async downloadReceipts(digest: string): Promise<void> {
    const kept = await this.#memory.receipts(digest);
    const file = receiptsFile(kept.map(({ lines }) => lines), this.#texts);
    const id = this.#card(digest)?.batch.id ?? "";
    save(file, `${this.#texts.receiptsFile}-${id.slice(0, 8)}.csv`);
  }

  async forget(digest: string): Promise<void> {
    await this.#memory.forget(digest);
    await this.load();
  }

  /** Forgets what is shown, and remembers nothing any more. */
  end(): void {
    this.#reading.abort();
    this.#cards = [];
    this.#memory.end();
  }

  async *#placed(digest: string, outcome: Outcome | "all"): AsyncGenerator<PlacedRow> {
    this.#reading.abort();
    this.#reading = new AbortController();
    const card = this.#card(digest);
    if (card === undefined) return;
    const map = new RowMap(card.batch.map);
    const receipt = await this.#receiptOf(card.batch);
    for await (const placed of this.#client.placed(card.batch.id, receipt, this.#reading.signal)) {
      if (outcome === "all" || placed.status === outcome) {
        yield { ...placed, row: map.toSheet(placed.row) };
      }
    }
  }

  /** The receipt of the whole; of a batch that was interrupted, that of any part. */
  async #receiptOf({ digest, receipt }: StoredBatch): Promise<string> {
    return receipt !== "" ? receipt : ((await this.#memory.parts(digest))[0]?.receipt ?? "");
  }

  #card(digest: string): BatchCard | undefined {
    return this.#cards.find(({ batch }) => batch.digest === digest);
  }

  #change(digest: string, change: Partial<BatchCard>): void {
    this.#cards = this.#cards.map((card) =>
      card.batch.digest === digest ? { ...card, ...change } : card,
    );
    this.#changed(this.#cards);
  }
}

function cardOf(batch: StoredBatch): BatchCard {
  return { batch, counts: null, reading: "no", listing: null };
}
