/** The intermediary's desk: a file is checked, sent, mended; what became of it. */

import { render } from "lit-html";
import { showAccount } from "../common/account.js";
import type { Config } from "../common/config.js";
import { forgetDevice, onSignOut } from "../common/device.js";
import { afterPaint } from "../common/island.js";
import { pause } from "../common/retry.js";
import type { Session } from "../common/session.js";
import { Batches } from "./batches.js";
import { formsOf, loadBenefits } from "./catalogue.js";
import { Client } from "./client.js";
import { messages, rowsToMend } from "./error_files.js";
import { deviceMemory } from "./memory.js";
import { Pace } from "./pace.js";
import { checkFile, type Plan } from "./plan.js";
import { receiptsFile } from "./receipts.js";
import { save } from "../common/save.js";
import { EMPTY, type SignInNote, type State, type Work } from "./state.js";
import { Upload } from "./upload.js";
import { type Actions, type PageTexts, view } from "./view/page.js";

/** How often progress is shown. */
const FRAME_MS = 250;
/** Seconds over which pages spread their return once a channel opens. */
const SPREAD_SECONDS = 30;
const DAY_SECONDS = 86_400;

/** The files about the file on the desk. */
const FILES = {
  rows: {
    name: "rowsFile",
    make: (upload: Upload) => rowsToMend(upload.file, upload.plan, upload.errors()),
  },
  messages: {
    name: "messagesFile",
    make: (upload: Upload, texts: PageTexts) => messages(upload.plan, upload.errors(), texts),
  },
  receipts: {
    name: "receiptsFile",
    make: async (upload: Upload, texts: PageTexts) => receiptsFile(await upload.receipts(), texts),
  },
} as const;

export class Desk {
  readonly #config: Config;
  readonly #texts: PageTexts;
  readonly #session: Session;
  readonly #place: HTMLElement;
  readonly #memory = deviceMemory();
  readonly #client: Client;
  readonly #batches: Batches;
  #state: State = EMPTY;
  #checking = new AbortController();
  #frame: ReturnType<typeof setTimeout> | undefined;
  #lastPhase = "";
  #hasLeft = false;

  constructor(config: Config, texts: PageTexts, session: Session, place: HTMLElement) {
    this.#config = config;
    this.#texts = texts;
    this.#session = session;
    this.#place = place;
    this.#client = new Client(config, session);
    this.#batches = new Batches(this.#memory, this.#client, texts, (cards) =>
      this.#show({ cards }),
    );
  }

  async start(): Promise<void> {
    this.#listen();
    this.#show({});
    void this.#loadBenefits();
    await this.#batches.load();
    const resumed = await this.#session.resume();
    if (resumed === "failed") this.#show({ note: "signInFailed" });
  }

  readonly #actions: Actions = {
    signIn: () => void this.signIn(),
    choose: (files) => void this.#choose(files),
    drag: (isDragging) => this.#show({ isDragging }),
    pick: (benefit, category) => this.#show({ benefit, category }),
    send: () => this.#send(),
    pause: () => this.#upload?.pause(),
    leave: () => this.#leave(),
    downloadRows: () => void this.#download("rows"),
    downloadMessages: () => void this.#download("messages"),
    downloadReceipt: (receipt, id) => this.#downloadReceipt(receipt, id),
    look: (digest) => void this.#batches.look(digest),
    list: (digest, outcome) => void this.#batches.list(digest, outcome),
    downloadList: (digest, outcome) => void this.#batches.download(digest, outcome),
    downloadReceipts: () => void this.#download("receipts"),
    downloadReceiptsOf: (digest) => void this.#batches.downloadReceipts(digest),
    forget: (digest) => void this.#batches.forget(digest),
    filter: (shown) => this.#show({ shown }),
  };

  get #upload(): Upload | null {
    return this.#state.work.is === "upload" ? this.#state.work.upload : null;
  }

  #listen(): void {
    this.#session.onChange(() => {
      showAccount(this.#session, this.#texts.common, () => this.#wipe());
      this.#show({ note: "" });
      void this.#batches.lookAtAll();
      if (this.#upload?.phase.is === "signed-out") this.#send();
    });
    onSignOut(() => {
      // at its own sign-out it is empty already
      if (this.#hasLeft) return;
      this.#wipe();
      // what was on its way to the device when it was emptied
      void forgetDevice().then(() => location.replace(this.#config.paths.home ?? "/"));
    });
    addEventListener("beforeunload", (event) => {
      if (this.#upload?.isUnderWay === true && !this.#hasLeft) event.preventDefault();
    });
    // a file that misses the place for it must not replace the page
    for (const name of ["dragover", "drop"] as const) {
      addEventListener(name, (event) => event.preventDefault());
    }
  }

  /** Signs in: by a popup where a file would be lost, else with the whole window. */
  async signIn(): Promise<void> {
    if (this.#state.work.is !== "none") return this.#signInByPopup();
    try {
      await this.#session.redirect();
    } catch {
      this.#show({ note: "cannotSignIn" });
    }
  }

  async #signInByPopup(): Promise<void> {
    // a click opens windows for some seconds: long enough to ask the provider where it is
    const prepared = await this.#session.prepare().catch(() => null);
    if (prepared === null) return this.#show({ note: "cannotSignIn" });
    const result = await this.#session.popup(prepared, () => this.#show({ note: "popupClosed" }));
    const notes: Readonly<Record<typeof result, SignInNote | null>> = {
      "signed-in": null,
      replaced: null,
      closed: "popupClosed",
      blocked: "popupBlocked",
      refused: "signInFailed",
      "another-person": "anotherPerson",
    };
    const note = notes[result];
    if (note !== null) this.#show({ note });
  }

  async #loadBenefits(): Promise<void> {
    const benefits = await loadBenefits(this.#config);
    const [first] = benefits;
    const category = first?.categories?.[0]?.id ?? "";
    this.#show({ benefits, benefit: first?.id ?? "", category });
  }

  /** Checks a file before anything of it is sent. */
  async #choose(files: FileList | null): Promise<void> {
    const file = files?.[0];
    if (file === undefined || this.#upload?.phase.is === "sending") return;
    this.#leave();
    this.#checking = new AbortController();
    const { signal } = this.#checking;
    const { name, size } = file;
    this.#show({
      tookFirst: (files?.length ?? 0) > 1,
      work: { is: "checking", name, read: 0, size },
    });
    if (!this.#state.benefits?.length) await this.#loadBenefits();
    const onBytes = (read: number): void => this.#later({ is: "checking", name, read, size });
    const forms = formsOf(this.#state.benefits ?? []);
    const checked = await checkFile(file, forms, onBytes, signal).catch(() => null);
    if (checked === null || signal.aborted) return;
    clearTimeout(this.#frame);
    this.#frame = undefined;
    if ("fault" in checked) this.#show({ work: { is: "fault", name, fault: checked.fault } });
    else await this.#take(file, checked.plan);
    afterPaint(() => document.getElementById("work")?.focus());
  }

  async #take(file: File, plan: Plan): Promise<void> {
    const upload = new Upload(file, plan, {
      intake: this.#config.intake,
      language: this.#config.language,
      token: () => this.#session.token,
      expire: () => this.#expire(),
      memory: this.#memory,
      join: (id, receipts) => this.#client.join(id, receipts),
      changed: () => this.#later(),
    });
    await upload.remember();
    this.#lastPhase = "";
    this.#show({ work: { is: "upload", name: file.name, upload, pace: new Pace() } });
  }

  #send(): void {
    const { work } = this.#state;
    if (work.is !== "upload") return;
    if (this.#session.token === null) return void this.signIn();
    this.#start(work);
  }

  #start({ upload, pace }: Extract<Work, { is: "upload" }>): void {
    pace.reset();
    this.#lastPhase = "";
    upload.start();
    this.#show({});
  }

  #leave(): void {
    this.#checking.abort();
    this.#upload?.stop();
    this.#show({ work: { is: "none" }, tookFirst: false });
    void this.#batches.load();
  }

  #expire(): void {
    this.#session.expire();
    this.#show({});
  }

  /** Shows progress a few times a second, however many rows are answered. */
  #later(work?: Work): void {
    this.#frame ??= setTimeout(() => {
      this.#frame = undefined;
      if (work !== undefined && this.#state.work.is === "checking") this.#show({ work });
      else this.#progress();
    }, FRAME_MS);
  }

  #progress(): void {
    const { work } = this.#state;
    if (work.is !== "upload") return;
    const { upload, pace } = work;
    if (upload.phase.is === "sending") pace.add(performance.now(), upload.answered);
    this.#show({});
    if (upload.phase.is === this.#lastPhase) return;
    this.#lastPhase = upload.phase.is;
    if (upload.phase.is === "closed") void this.#untilOpen(upload, upload.phase.opensAt);
    if (upload.phase.is === "done") {
      void this.#batches.load().then(() => this.#batches.follow(upload.plan.digest));
      afterPaint(() => document.getElementById("work")?.focus());
    }
  }

  /** Goes on once the channel opens; not all pages in the same second. */
  async #untilOpen(upload: Upload, opensAt: string | null): Promise<void> {
    const seconds = (Date.parse(opensAt ?? "") - Date.now()) / 1000;
    if (!(seconds < DAY_SECONDS)) return;
    const earliest = Math.max(5, seconds);
    await pause(earliest + Math.random() * SPREAD_SECONDS, earliest);
    const { work } = this.#state;
    const isStill = work.is === "upload" && work.upload === upload && upload.phase.is === "closed";
    // without a token it asks to sign in: no window opens without a click
    if (isStill) this.#start(work);
  }

  async #download(which: keyof typeof FILES): Promise<void> {
    const { work, isPreparing } = this.#state;
    if (work.is !== "upload" || isPreparing) return;
    this.#show({ isPreparing: true });
    const { upload, name } = work;
    const base = name.replace(/\.\w+$/, "");
    try {
      const file = await FILES[which].make(upload, this.#texts);
      save(file, `${base}-${this.#texts[FILES[which].name]}.csv`);
    } catch {
      this.#show({ work: { is: "fault", name, fault: { kind: "unreadable" } } });
    }
    this.#show({ isPreparing: false });
  }

  #downloadReceipt(receipt: string, id: string): void {
    const text = new Blob([`${receipt}\r\n`], { type: "text/plain;charset=utf-8" });
    save(text, `${this.#texts.receiptFile}-${id.slice(0, 8)}.txt`);
  }

  /** At the sign-out nothing stays here, and nothing more comes to the device. */
  #wipe(): void {
    this.#hasLeft = true;
    this.#checking.abort();
    this.#upload?.stop();
    clearTimeout(this.#frame);
    this.#state = EMPTY;
    this.#place.replaceChildren();
    this.#batches.end();
  }

  #show(change: Partial<State>): void {
    if (this.#hasLeft) return;
    const isSignedIn = this.#session.token !== null;
    this.#state = { ...this.#state, ...change, isSignedIn };
    render(view(this.#config, this.#texts, this.#state, this.#actions), this.#place);
  }
}
