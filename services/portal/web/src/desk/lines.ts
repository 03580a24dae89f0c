/** Far longer than any line. */
const LONGEST = 1 << 20;
/** Bytes that are read at once. */
const CHUNK = 64 * 1024;

/** Returns the lines of a stream as they come, without empty ones, nor what a cut leaves of one. */
export async function* textLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const source = sourceOf(stream);
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await source.read();
      const lines = (rest + decoder.decode(value, { stream: !done })).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > LONGEST) throw new Error("a line without end");
      for (const line of lines) if (line !== "") yield line;
      if (done) return;
    }
  } finally {
    void source.cancel().catch(() => undefined);
  }
}

interface ByteSource {
  readonly read: () => Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  readonly cancel: () => Promise<void>;
}

/**
 * Reads into the same memory again and again where the browser can: the answers of 100,000 rows are
 * 110 MB, which would lie about until the browser tidies up. A chunk is good until the next one.
 */
function sourceOf(stream: ReadableStream<Uint8Array>): ByteSource {
  try {
    const reader = stream.getReader({ mode: "byob" });
    let buffer = new ArrayBuffer(CHUNK);
    const read = async (): Promise<ReadableStreamReadResult<Uint8Array>> => {
      const result = await reader.read(new Uint8Array(buffer));
      if (result.value !== undefined) buffer = result.value.buffer as ArrayBuffer;
      return result as ReadableStreamReadResult<Uint8Array>;
    };
    return { read, cancel: () => reader.cancel() };
  } catch {
    const reader = stream.getReader();
    return { read: () => reader.read(), cancel: () => reader.cancel() };
  }
}
