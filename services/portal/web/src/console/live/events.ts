/** Reads a stream of server-sent events (HTML standard, section 9.2) from the body of an answer. */

export interface ServerEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string;
}

/** Takes a stream's text in pieces as they come, and returns the events that are whole. */
export class EventParser {
  #rest = "";
  #event = "";
  #data: string[] = [];
  #id = "";

  push(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = this.#line(line);
      if (event !== null) events.push(event);
    }
    return events;
  }

  /** A line may end an event. Comments are heartbeats and say nothing. */
  #line(line: string): ServerEvent | null {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    return null;
  }

  #dispatch(): ServerEvent | null {
    const [data, event] = [this.#data, this.#event || "message"];
    this.#data = [];
    this.#event = "";
    return data.length === 0 ? null : { event, data: data.join("\n"), id: this.#id };
  }
}

/** Why a stream is over. */
export type End = "closed" | "silent";

/**
 * Reads events until the stream ends, or nothing has come for `quietMs`: a connection that died
 * without a word would stay open for ever. The server sends a comment every ten seconds.
 */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  quietMs: number,
  take: (event: ServerEvent) => void,
): Promise<End> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    for (;;) {
      const piece = await within(quietMs, reader.read());
      if (piece === null) return "silent";
      if (piece.done) return "closed";
      for (const event of parser.push(decoder.decode(piece.value, { stream: true }))) take(event);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/** Returns what comes within a time, or `null`. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
