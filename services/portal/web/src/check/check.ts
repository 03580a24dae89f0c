import { render } from "lit-html";
import type { Config } from "../common/config.js";
import { afterPaint, setTitle } from "../common/island.js";
import { checkReceipt, type Verdict } from "../common/receipt.js";
import { benefitTitle } from "../common/titles.js";
import { findReceipt, LONGEST_FILE } from "./find.js";
import { Keys } from "./keys.js";
import { codesIn, readsPictures } from "./picture.js";
import type { CheckTexts } from "./texts/it.js";
import { type Actions, type State, view } from "./view.js";

/** Parts of the page to which its own links lead: no receipts. */
const PARTS = new Set(["", "#", "#main", "#menu"]);

/** The check of one receipt after the other. */
export class Check {
  readonly #config: Config;
  readonly #texts: CheckTexts;
  readonly #place: HTMLElement;
  readonly #keys: Keys;
  readonly #title = document.title.split(" - ")[0] ?? "";
  /** The receipt whose verdict is shown or awaited. */
  #receipt = "";
  #state: State = {
    verdict: null,
    benefit: "",
    textError: "",
    fileError: "",
    readsPictures: false,
    isDragging: false,
  };

  constructor(config: Config, texts: CheckTexts, keys: Keys, place: HTMLElement) {
    this.#config = config;
    this.#texts = texts;
    this.#keys = keys;
    this.#place = place;
  }

  start(): void {
    this.#show({});
    void readsPictures().then((reads) => this.#show({ readsPictures: reads }));
    addEventListener("hashchange", () => this.#checkAddress());
    this.#checkAddress();
  }

  readonly #actions: Actions = {
    checkText: (event) => this.#checkText(event),
    checkFile: (file) => void this.#checkFile(file),
    again: () => void this.#check(this.#receipt, true),
    drag: (isDragging) => this.#show({ isDragging }),
  };

  #show(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    render(view(this.#config, this.#texts, this.#state, this.#actions), this.#place);
  }

  async #check(receipt: string, isAgain = false): Promise<void> {
    this.#receipt = receipt;
    let verdict = await checkReceipt(receipt, isAgain ? await this.#keys.again() : await this.#keys.known());
    if (verdict.verdict === "unknown-key" && !isAgain) {
      // keys change: perhaps this one is newer than the page
      verdict = await checkReceipt(receipt, await this.#keys.again());
    }
    if (receipt !== this.#receipt) return; // another one came meanwhile
    this.#tell(verdict);
    if (verdict.verdict !== "valid") return;
    const benefit = await benefitTitle(this.#config, verdict.receipt.benefit);
    if (receipt === this.#receipt) this.#show({ benefit });
  }

  #tell(verdict: Verdict): void {
    const texts = this.#texts;
    const titles = { valid: texts.validTitle, invalid: texts.invalidTitle, "unknown-key": texts.unknownTitle };
    const benefit = verdict.verdict === "valid" ? verdict.receipt.benefit : "";
    this.#show({ verdict, benefit, textError: "", fileError: "", isDragging: false });
    setTitle(titles[verdict.verdict]);
    afterPaint(() => document.getElementById("verdict")?.focus());
  }

  /** Says what is wrong with what was given. The verdict of before would belong to nothing here. */
  #refuse(change: Partial<State>): void {
    this.#receipt = "";
    this.#show({ verdict: null, textError: "", fileError: "", isDragging: false, ...change });
    setTitle(this.#title);
  }

  #checkText(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const field = form.elements.namedItem("receipt") as HTMLTextAreaElement;
    const found = findReceipt(field.value);
    leaveAddress();
    if (found !== null) return void this.#check(found);
    const isEmpty = field.value.trim() === "";
    this.#refuse({ textError: isEmpty ? this.#texts.pasteFirst : this.#texts.noReceiptInText });
    field.focus();
  }

  async #checkFile(file: File | undefined): Promise<void> {
    if (file === undefined) return this.#show({ isDragging: false });
    leaveAddress();
    const isPicture = file.type.startsWith("image/");
    if (isPicture && !this.#state.readsPictures) {
      return this.#refuse({ fileError: this.#texts.pictureNotRead });
    }
    const read = isPicture ? await codesIn(file) : [await textOf(file)];
    for (const found of read.map(findReceipt)) if (found !== null) return this.#check(found);
    const { noReceiptInPicture, noReceiptInFile } = this.#texts;
    this.#refuse({ fileError: isPicture ? noReceiptInPicture : noReceiptInFile });
  }

  #checkAddress(): void {
    keepInLanguages();
    if (PARTS.has(location.hash)) return;
    const found = findReceipt(location.hash);
    if (found === null) return this.#tell({ verdict: "invalid" });
    void this.#check(found);
  }
}

/** Returns the beginning of a file as text; nothing where it can't be read any more. */
function textOf(file: File): Promise<string> {
  return file.slice(0, LONGEST_FILE).text().catch(() => "");
}

/** The receipt in the address is not the one that is checked now. */
function leaveAddress(): void {
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  keepInLanguages();
}

/** The other languages show the same receipt. */
function keepInLanguages(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".nav-languages a")) {
    link.hash = location.hash;
  }
}
