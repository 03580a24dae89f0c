import assert from "node:assert/strict";
import { test } from "node:test";
import { type Channel, type Locks, share } from "../../src/console/live/share.js";

/** One lock, as the tabs of a browser see it: the next one in the queue gets it. */
class OneLock implements Locks {
  #held: Promise<unknown> = Promise.resolve();

  request(_: string, { signal }: { signal: AbortSignal }, work: () => Promise<void>): Promise<unknown> {
    const before = this.#held;
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    });
    const turn = Promise.race([before, aborted]).then(work);
    this.#held = turn.catch(() => undefined);
    return turn;
  }
}

/** A channel that all tabs but the sender hear. */
class Bus {
  readonly #all = new Set<Channel<string>>();

  open = (): Channel<string> => {
    const all = this.#all;
    const channel: Channel<string> = {
      onmessage: null,
      postMessage(message) {
        for (const other of all) {
          if (other !== channel) other.onmessage?.({ data: message } as MessageEvent<string>);
        }
      },
      close: () => void all.delete(channel),
    };
    all.add(channel);
    return channel;
  };
}

interface Tab {
  readonly heard: string[];
  readonly leads: () => boolean;
  readonly say: (message: string) => void;
  readonly close: AbortController;
  readonly ended: Promise<void>;
}

function tab(locks: Locks | null, bus: Bus): Tab {
  const heard: string[] = [];
  const close = new AbortController();
  let publish: ((message: string) => void) | null = null;
  const ended = share<string>(
    { name: "test", locks, open: bus.open },
    (to, signal) =>
      new Promise((resolve) => {
        publish = to;
        signal.addEventListener("abort", () => {
          publish = null;
          resolve();
        });
      }),
    (message) => heard.push(message),
    close.signal,
  );
  return { heard, close, ended, leads: () => publish !== null, say: (message) => publish?.(message) };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("one tab reads for all, and another takes over when it goes", async () => {
  const [locks, bus] = [new OneLock(), new Bus()];
  const [first, second, third] = [tab(locks, bus), tab(locks, bus), tab(locks, bus)];
  await settled();
  assert.deepEqual([first, second, third].map((one) => one.leads()), [true, false, false]);
  first.say("1");
  assert.deepEqual([first, second, third].map((one) => one.heard), [["1"], ["1"], ["1"]]);
  first.close.abort();
  await first.ended;
  await settled();
  assert.deepEqual([first, second, third].map((one) => one.leads()), [false, true, false]);
  second.say("2");
  assert.deepEqual([first, second, third].map((one) => one.heard), [["1"], ["1", "2"], ["1", "2"]]);
  for (const one of [second, third]) one.close.abort();
  await Promise.all([second.ended, third.ended]);
});

test("a tab that goes before its turn never leads", async () => {
  const [locks, bus] = [new OneLock(), new Bus()];
  const [first, second] = [tab(locks, bus), tab(locks, bus)];
  await settled();
  second.close.abort();
  await second.ended;
  first.close.abort();
  await first.ended;
  await settled();
  assert.equal(second.leads(), false);
});

test("a browser without locks reads in each tab", async () => {
  const bus = new Bus();
  const tabs = [tab(null, bus), tab(null, bus)];
  assert.deepEqual(tabs.map((one) => one.leads()), [true, true]);
  for (const one of tabs) one.close.abort();
  await Promise.all(tabs.map((one) => one.ended));
});
