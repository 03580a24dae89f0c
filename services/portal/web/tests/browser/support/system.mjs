/** The real system: broker, database, identity provider, services, gateway. One for the whole run. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const ROOT = join(import.meta.dirname, "../../../../../..");
const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
/** The program that starts systems, and sends load. */
export const PROGRAM = join(TARGET, "debug/loadtests");

/** Starts the system and waits until all its parts are ready. */
export async function startSystem(...options) {
  const child = spawn(PROGRAM, ["serve", "--portal", ...options], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) throw new Error("the system ended before it was ready");
  return new System(child, lines, JSON.parse(first.value));
}

export class System {
  #child;
  #lines;

  constructor(child, lines, addresses) {
    this.#child = child;
    this.#lines = lines;
    Object.assign(this, addresses);
  }

  /** Starts, stops, kills, freezes or thaws a part: `tell("stop intake")`. */
  async tell(...commands) {
    for (const command of commands) {
      this.#child.stdin.write(`${command}\n`);
      const { value } = await this.#lines.next();
      if (value !== "done") throw new Error(`${command}: ${value}`);
    }
  }

  /** Stops parts while `work` runs, and starts them again whatever comes of it. */
  async without(parts, work) {
    const stopped = [];
    try {
      for (const part of parts) {
        await this.tell(`stop ${part}`);
        stopped.unshift(part);
      }
      return await work();
    } finally {
      for (const part of stopped) await this.tell(`start ${part}`);
    }
  }

  /** Does `work` while the database registers slowly: a worker 100 applications a second. */
  async withSlowDatabase(work) {
    await this.tell("slow postgres");
    try {
      return await work();
    } finally {
      await this.tell("mend postgres");
    }
  }

  async end() {
    const ended = once(this.#child, "exit");
    this.#child.stdin.end();
    await ended;
  }
}
