import assert from "node:assert/strict";
import { test } from "node:test";
import { EventParser, readEvents, type ServerEvent } from "../../src/console/live/events.js";
import { type Link, readStream } from "../../src/console/live/stream.js";

const TEXT =
  ': alive\n\nevent: snapshot\nid: 7\ndata: {"sample":7}\n\nevent: frame\r\nid: 8\r\ndata: a\r\ndata: b\r\n\r\ndata:last\r\rdata: unfinished';
const EVENTS: readonly ServerEvent[] = [
  { event: "snapshot", data: '{"sample":7}', id: "7" },
  { event: "frame", data: "a\nb", id: "8" },
  { event: "message", data: "last", id: "8" },
];

function bodyOf(pieces: readonly Uint8Array[], isOpen = false): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      if (!isOpen) controller.close();
    },
  });
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("events are the same however the stream is cut into pieces", () => {
  for (let length = 1; length <= TEXT.length; length += 1) {
    const parser = new EventParser();
    const found: ServerEvent[] = [];
    for (let at = 0; at < TEXT.length; at += length) found.push(...parser.push(TEXT.slice(at, at + length)));
    assert.deepEqual(found, EVENTS, `pieces of ${length}`);
  }
});

test("a character that comes in two pieces stays whole", async () => {
  const whole = bytes("data: più\n\n");
  const found: string[] = [];
  const end = await readEvents(bodyOf([whole.slice(0, 9), whole.slice(9)]), 1000, ({ data }) => found.push(data));
  assert.deepEqual([found, end], [["più"], "closed"]);
});

test("a stream on which nothing comes is given up", async () => {
  const end = await readEvents(bodyOf([bytes(": alive\n\n")], true), 20, () => assert.fail("no event came"));
  assert.equal(end, "silent");
});

/** Answers one request after the other; the last answer again and again. */
function answers(...made: (() => Response)[]): { fetch: typeof fetch; tokens: string[] } {
  const tokens: string[] = [];
  let next = 0;
  const fetching = (_: unknown, options?: RequestInit): Promise<Response> => {
    tokens.push(new Headers(options?.headers).get("Authorization") ?? "");
    const make = made[Math.min(next, made.length - 1)];
    next += 1;
    return make === undefined ? Promise.reject(new TypeError("cut")) : Promise.resolve(make());
  };
  return { fetch: fetching as typeof fetch, tokens };
}

const stream = (): Response => new Response(bodyOf([bytes("data: 1\n\n")]));
const status =
  (code: number, headers: Record<string, string> = {}) =>
  (): Response =>
    new Response(null, { status: code, headers });

async function follow(fetching: typeof fetch, token: () => string | null): Promise<{ links: Link[]; waits: number[] }> {
  const [links, waits]: [Link[], number[]] = [[], []];
  const pause = (_: number, atLeast: number): Promise<void> => {
    waits.push(atLeast);
    return Promise.resolve();
  };
  await readStream(
    { url: "/v1/live", token, fetch: fetching, pause },
    () => undefined,
    (link) => links.push(link),
    new AbortController().signal,
  );
  return { links, waits };
}

test("a stream that ends is opened again, with the token as it is then", async () => {
  const made = answers(stream, status(503, { "Retry-After": "7" }), stream, status(401));
  let token = 0;
  const { links, waits } = await follow(made.fetch, () => `t${(token += 1)}`);
  assert.deepEqual(links, ["connecting", "live", "interrupted", "interrupted", "live", "interrupted", "signed-out"]);
  assert.deepEqual(waits, [0, 7, 0]);
  assert.deepEqual(made.tokens, ["Bearer t1", "Bearer t2", "Bearer t3", "Bearer t4"]);
});

test("without a token nothing is asked, and who may not read is not asked again", async () => {
  const none = answers(stream);
  assert.deepEqual((await follow(none.fetch, () => null)).links, ["connecting", "signed-out"]);
  assert.deepEqual(none.tokens, []);
  const refused = answers(status(403));
  assert.deepEqual((await follow(refused.fetch, () => "t")).links, ["connecting", "not-allowed"]);
  assert.equal(refused.tokens.length, 1);
});

test("a stream that is given up while it waits ends at once", async () => {
  const own = new AbortController();
  const pause = (_: number, __: number, signal: AbortSignal): Promise<void> =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  const { fetch } = answers(() => {
    setTimeout(() => own.abort());
    return new Response(null, { status: 503 });
  });
  await readStream({ url: "/", token: () => "t", fetch, pause }, () => undefined, () => undefined, own.signal);
});
