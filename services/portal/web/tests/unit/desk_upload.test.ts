import assert from "node:assert/strict";
import test from "node:test";
import { type AcceptedRow, lineOf, linesOf } from "../../src/desk/answer.js";
import type { Memory, StoredBatch, StoredPart, StoredReceipts } from "../../src/desk/memory.js";
import { Pace } from "../../src/desk/pace.js";
import { checkFile, type Plan } from "../../src/desk/plan.js";
import { receiptsFile } from "../../src/desk/receipts.js";
import type { PartOutcome, PartRequest } from "../../src/desk/send_part.js";
import { type Joined, type Surroundings, Upload } from "../../src/desk/upload.js";

const FILE = new Blob([
  `idempotency_key;/benefit\n${Array.from({ length: 1600 }, (_, n) => `${n};b\n`).join("")}`,
]);

/** Keeps what it is told, unless it is forgetful. */
function memory(keeps = true): Memory {
  const batches = new Map<string, StoredBatch>();
  const parts = new Map<string, StoredPart[]>();
  const receipts = new Map<string, StoredReceipts[]>();
  const add = <T>(map: Map<string, T[]>, digest: string, one: T): void =>
    void map.set(digest, [...(map.get(digest) ?? []), one]);
  return {
    batches: async () => [...batches.values()],
    parts: async (digest) => parts.get(digest) ?? [],
    receipts: async (digest) => receipts.get(digest) ?? [],
    keepBatch: async (batch) => void (keeps && batches.set(batch.digest, batch)),
    keepPart: async (digest, part, lines) => {
      if (!keeps) return false;
      add(parts, digest, part);
      add(receipts, digest, { number: part.number, lines });
      return true;
    },
    forget: async (digest) => void [batches, parts, receipts].forEach((map) => map.delete(digest)),
    end: () => undefined,
  };
}

const done = ({ part }: PartRequest, refused = 0, id = "b-1"): PartOutcome => ({
  kind: "done",
  end: { id, rows: part.rows, accepted: part.rows - refused, refused, receipt: `r${part.number}` },
  accepted: [acceptedRow(part.rowsBefore + part.rows)],
  errors: Array.from({ length: refused }, (_, n) => ({
    row: part.rowsBefore + n + 1,
    pointer: "/mandate",
    message: "m",
  })),
});

const acceptedRow = (row: number): AcceptedRow => ({
  row,
  id: `a-${row}`,
  receivedAt: "2020-04-01T06:00:00Z",
  receipt: "e30.e30.x~d~",
  warnings: row === 500 ? ["w"] : [],
});

interface Desk {
  readonly upload: Upload;
  readonly sent: PartRequest[];
  readonly joined: string[][];
  readonly until: (is: string) => Promise<void>;
}

async function desk(
  answer: (request: PartRequest, times: number) => PartOutcome | Promise<PartOutcome>,
  around: Partial<Surroundings> = {},
): Promise<Desk> {
  const checked = await checkFile(FILE, []);
  assert.ok("plan" in checked);
  const plan: Plan = checked.plan;
  const sent: PartRequest[] = [];
  const joined: string[][] = [];
  let hear: () => void = () => undefined;
  const upload = new Upload(FILE, plan, {
    intake: "",
    language: "it",
    token: () => "t",
    expire: () => undefined,
    memory: memory(),
    join: async (id, receipts): Promise<Joined> => {
      joined.push([...receipts]);
      return {
        kind: "ok",
        end: { id, rows: plan.rows, accepted: 1, refused: 0, receipt: "whole" },
      };
    },
    changed: () => hear(),
    wait: async () => undefined,
    send: async (request, onRow) => {
      sent.push(request);
      await Promise.resolve();
      const times = sent.filter(({ part }) => part.number === request.part.number).length;
      const outcome = await answer(request, times);
      if (outcome.kind === "done")
        for (let n = 0; n < outcome.end.rows; n += 1) onRow(n >= outcome.end.refused);
      return outcome;
    },
    ...around,
  });
  const until = (is: string): Promise<void> =>
    new Promise((resolve) => {
      hear = () => {
        if (upload.phase.is === is) resolve();
      };
      hear();
    });
  return { upload, sent, joined, until };
}

/** A promise that holds once so many requests are under way. */
function underWay(count: number): { arrive: () => void; all: Promise<void> } {
  let arrived = 0;
  let open: () => void = () => undefined;
  const all = new Promise<void>((resolve) => (open = resolve));
  const arrive = (): void => {
    arrived += 1;
    if (arrived === count) open();
  };
  return { arrive, all };
}

test("every part is sent, two at a time, and the receipts are added up", async () => {
  let [now, most] = [0, 0];
  const two = underWay(2);
  const { upload, sent, joined, until } = await desk(async (request) => {
    most = Math.max(most, (now += 1));
    two.arrive();
    await two.all;
    now -= 1;
    return done(request, request.part.number === 2 ? 3 : 0);
  });
  upload.start();
  await until("done");
  assert.equal(most, 2);
  assert.deepEqual(
    sent.map(({ part, isLast }) => [part.number, part.rowsBefore, isLast]),
    [
      [1, 0, false],
      [2, 500, false],
      [3, 1000, false],
      [4, 1500, true],
    ],
  );
  assert.equal(new Set(sent.map(({ key }) => key)).size, 1);
  assert.deepEqual(joined, [["r1", "r2", "r3", "r4"]]);
  assert.deepEqual([upload.answered, upload.accepted, upload.refused], [1600, 1597, 3]);
  assert.deepEqual(
    [...upload.errors()].map(({ row }) => row),
    [501, 502, 503],
  );
});

test("a part without its last line is sent again, not before it is told", async () => {
  const waits: number[] = [];
  const { upload, sent, until } = await desk(
    (request, times) =>
      request.part.number === 3 && times < 3
        ? { kind: "again", retryAfter: 7, cause: "crowded" }
        : done(request),
    { wait: async (seconds, atLeast) => void waits.push(seconds, atLeast) },
  );
  upload.start();
  await until("done");
  assert.equal(sent.length, 6);
  assert.equal(waits[1], 7);
  assert.ok((waits[0] ?? 0) >= 7);
  assert.equal(upload.answered, 1600);
});

test("a service that comes back after a long time is found within seconds", async () => {
  const delays: number[] = [];
  const { upload, until } = await desk(
    (request, times) =>
      times < 30 ? { kind: "again", retryAfter: 5, cause: "unreachable" } : done(request),
    { wait: async (seconds) => void delays.push(seconds) },
  );
  upload.start();
  await until("done");
  assert.ok(Math.max(...delays) <= 13, `${Math.max(...delays)} s`);
});

test("after a reload only parts without their last line are sent", async () => {
  const kept = memory();
  const first = await desk(
    (request) => (request.part.number < 3 ? done(request, 1) : { kind: "signed-out" }),
    { memory: kept },
  );
  first.upload.start();
  await first.until("signed-out");
  const second = await desk((request) => done(request), { memory: kept });
  await second.upload.remember();
  assert.equal(second.upload.remembered, 1000);
  assert.deepEqual(
    [...second.upload.errors()].map(({ row }) => row),
    [1, 501],
  );
  second.upload.start();
  await second.until("done");
  assert.deepEqual(
    second.sent.map(({ part }) => part.number),
    [3, 4],
  );
  assert.deepEqual(second.joined, [["r1", "r2", "r3", "r4"]]);
  assert.equal((await kept.batches())[0]?.receipt, "whole");
  // and once it is done, there is nothing to send
  const third = await desk((request) => done(request), { memory: kept });
  await third.upload.remember();
  assert.equal(third.upload.phase.is === "done" && third.upload.phase.end.receipt, "whole");
  third.upload.start();
  assert.deepEqual([third.sent.length, third.joined.length], [0, 0]);
});

test("what is remembered of another organisation does not count", async () => {
  const kept = memory();
  const first = await desk(
    (request) => (request.part.number < 3 ? done(request) : { kind: "signed-out" }),
    { memory: kept },
  );
  first.upload.start();
  await first.until("signed-out");
  const second = await desk((request) => done(request, 0, "b-2"), { memory: kept });
  await second.upload.remember();
  second.upload.start();
  await second.until("done");
  assert.equal(new Set(second.sent.map(({ part }) => part.number)).size, 4);
  assert.equal((await kept.batches())[0]?.id, "b-2");
});

test("a pause lets the parts in flight end, and it goes on from there", async () => {
  const two = underWay(2);
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const { upload, sent, until } = await desk(async (request) => {
    two.arrive();
    await finished;
    return done(request);
  });
  upload.start();
  await two.all;
  upload.pause();
  finish();
  await until("paused");
  assert.equal(sent.length, 2);
  assert.equal(upload.answered, 1000);
  upload.start();
  await until("done");
  assert.equal(sent.length, 4);
});

test("receipts of rows can be had, also where the device keeps nothing", async () => {
  const names = {
    row: "Riga",
    application: "Domanda",
    receivedAt: "Il",
    applicationReceipt: "Ricevuta",
    warnings: "Note",
  };
  for (const keeps of [true, false]) {
    const { upload, until } = await desk((request) => done(request), { memory: memory(keeps) });
    upload.start();
    await until("done");
    const file = receiptsFile(await upload.receipts(), names);
    const lines = (await file.text()).split("\r\n");
    assert.equal(lines[0], '"Riga";"Domanda";"Il";"Ricevuta";"Note"');
    assert.equal(lines[1], '"501";"a-500";"2020-04-01T06:00:00Z";"e30.e30.x~d~";"w"');
    assert.deepEqual(
      lines.slice(2).map((line) => line.split(";")[0]),
      ['"1001"', '"1501"', '"1601"', ""],
    );
  }
});

test("a pause while the page waits is a pause at once", async () => {
  const wait: NonNullable<Surroundings["wait"]> = (_seconds, _atLeast, signal) =>
    new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error())));
  const { upload, until } = await desk(
    () => ({ kind: "again", retryAfter: 0, cause: "unreachable" }),
    { wait },
  );
  upload.start();
  await until("sending");
  upload.pause();
  await until("paused");
  upload.start();
  while (upload.waiting === null) await new Promise((resolve) => setImmediate(resolve));
  upload.pause();
  await until("paused");
});

test("a pause that comes after the last row is none", async () => {
  let pause: () => void = () => undefined;
  const { upload, joined, until } = await desk((request) => {
    if (request.isLast) pause();
    return done(request);
  });
  pause = () => upload.pause();
  upload.start();
  await until("done");
  assert.equal(joined.length, 1);
});

test("receipts that can't be added up yet are added up later, and the page says so", async () => {
  const causes: unknown[] = [];
  let tries = 0;
  const { upload, until } = await desk((request) => done(request), {
    join: async (id) => {
      tries += 1;
      if (tries < 3) return { kind: "again", retryAfter: 3, cause: "unreachable" };
      return { kind: "ok", end: { id, rows: 1600, accepted: 1600, refused: 0, receipt: "whole" } };
    },
    wait: async (_seconds, atLeast) => void causes.push(upload.waiting, atLeast),
  });
  upload.start();
  await until("done");
  assert.deepEqual(causes, ["unreachable", 3, "unreachable", 3]);
  assert.equal(upload.waiting, null);
});

test("a closed channel stops the sending, and the part is not done", async () => {
  let isOpen = false;
  const { upload, until } = await desk((request) =>
    isOpen ? done(request) : { kind: "closed", opensAt: "2020-04-02T06:00:00Z" },
  );
  upload.start();
  await until("closed");
  assert.equal(upload.phase.is === "closed" && upload.phase.opensAt, "2020-04-02T06:00:00Z");
  isOpen = true;
  upload.start();
  await until("done");
});

test("a file that is gone is told", async () => {
  const { upload, until } = await desk((request) => done(request));
  Object.assign(upload, {
    file: { ...FILE, slice: () => ({ arrayBuffer: () => Promise.reject(new Error()) }) },
  });
  upload.start();
  await until("unreadable");
});

test("lines are read as intake writes them", async () => {
  const problem = (name: string, more: object = {}) =>
    JSON.stringify({
      row: 4,
      problem: { type: `urn:sportello:problem:${name}`, title: "T", detail: "D", ...more },
    });
  assert.deepEqual(
    lineOf(
      '{"row":1,"id":"x","received_at":"t","receipt":"r","warnings":[{"pointer":"/a","message":"M"}]}',
    ),
    {
      kind: "accepted",
      accepted: { row: 1, id: "x", receivedAt: "t", receipt: "r", warnings: ["M"] },
    },
  );
  assert.deepEqual(
    lineOf(
      problem("invalid-application", {
        violations: [{ pointer: "/idempotency_key", code: "c", message: "M" }],
      }),
    ),
    { kind: "refused", row: 4, errors: [{ row: 4, pointer: "idempotency_key", message: "M" }] },
  );
  assert.deepEqual(lineOf(problem("too-large")), {
    kind: "refused",
    row: 4,
    errors: [{ row: 4, pointer: "", message: "D" }],
  });
  assert.deepEqual(lineOf(problem("unavailable")), { kind: "again" });
  assert.deepEqual(lineOf(problem("channel-closed", { opens_at: "2020-04-02T06:00:00Z" })), {
    kind: "closed",
    opensAt: "2020-04-02T06:00:00Z",
  });
  assert.equal(lineOf(problem("channel-closed")).kind, "refused");
  for (const bad of ["{}", "[]", "null", '{"batch":{}}', "<html>"])
    assert.throws(() => lineOf(bad), bad);
});

test("lines may come in any pieces, and a cut one is none", async () => {
  const text = '{"row":1,"id":"è"}\n{"row":2,"id":"y"}\n{"row":3,"i';
  // as a fetch of some browsers gives it, and as one of others
  for (const type of [undefined, "bytes"] as const) {
    const left = [...new TextEncoder().encode(text)];
    const stream = new ReadableStream({
      type,
      pull(controller: ReadableStreamDefaultController | ReadableByteStreamController) {
        const byte = left.shift();
        if (byte !== undefined) return controller.enqueue(Uint8Array.of(byte));
        controller.close();
        if ("byobRequest" in controller) controller.byobRequest?.respond(0);
      },
    } as UnderlyingDefaultSource<Uint8Array>);
    const rows: unknown[] = [];
    for await (const line of linesOf(stream))
      rows.push(line.kind === "accepted" && line.accepted.row);
    assert.deepEqual(rows, [1, 2], type);
  }
});

test("the time left follows the pace of now", () => {
  const pace = new Pace();
  pace.add(0, 0);
  assert.equal(pace.secondsFor(100), null);
  for (let second = 1; second <= 30; second += 1)
    pace.add(second * 1000, second < 15 ? 0 : (second - 15) * 50);
  assert.equal(pace.rowsASecond, 50);
  assert.equal(pace.secondsFor(101), 3);
});
