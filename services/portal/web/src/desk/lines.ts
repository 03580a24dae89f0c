/** Far longer than any line. */
const LONGEST = 1 << 20;

/** Returns the lines of a stream as they come, without empty ones, nor what a cut leaves of one. */
export async function* textLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const lines = (rest + decoder.decode(value, { stream: !done })).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > LONGEST) throw new Error("a line without end");
      for (const line of lines) if (line !== "") yield line;
      if (done) return;
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}
