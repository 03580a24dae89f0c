import assert from "node:assert/strict";
import test from "node:test";
import { lineOf, linesOf } from "../../src/desk/answer.js";
import type { Memory, StoredBatch, StoredPart } from "../../src/desk/memory.js";
import { Pace } from "../../src/desk/pace.js";
import { checkFile, type Plan } from "../../src/desk/plan.js";
import type { PartOutcome, PartRequest } from "../../src/desk/send_part.js";
import { type Joined, type Surroundings, Upload } from "../../src/desk/upload.js";

const FILE = new Blob([
  `idempotency_key;/benefit\n${Array.from({ length: 1600 }, (_, n) => `${n};b\n`).join("")}`,
]);

function memory(): Memory & { readonly kept: Map<string, StoredPart[]> } {
  const batches = new Map<string, StoredBatch>();
  const kept = new Map<string, StoredPart[]>();
  return {
    kept,
    batches: async () => [...batches.values()],
    parts: async (digest) => kept.get(digest) ?? [],
    keepBatch: async (batch) => void batches.set(batch.digest, batch),
    keepPart: async (digest, part) => void kept.set(digest, [...(kept.get(digest) ?? []), part]),
    forget: async (digest) => void (batches.delete(digest), kept.delete(digest)),
    forgetAll: async () => (batches.clear(), kept.clear()),
  };
}

const done = ({ part }: PartRequest, refused = 0, id = "b-1"): PartOutcome => ({
  kind: "done",
  end: { id, rows: part.rows, accepted: part.rows - refused, refused, receipt: `r${part.number}` },
  errors: Array.from({ length: refused }, (_, n) => ({
    row: part.rowsBefore + n + 1,
    pointer: "/mandate",
    message: "m",
  })),
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
  // and once it is done, nothing is sent
  const third = await desk((request) => done(request), { memory: kept });
  await third.upload.remember();
  third.upload.start();
  await third.until("done");
  assert.equal(third.sent.length, 0);
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
  assert.deepEqual(lineOf('{"row":1,"id":"x","receipt":"r"}'), { kind: "accepted", row: 1 });
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
  const bytes = new TextEncoder().encode(text);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const rows: unknown[] = [];
  for await (const line of linesOf(stream)) rows.push(line.kind === "accepted" && line.row);
  assert.deepEqual(rows, [1, 2]);
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
