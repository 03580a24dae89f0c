import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import assert from "node:assert/strict";
import { PROGRAM } from "../support/system.mjs";

/** The scenario opens a browser and a system of its own, and fails where a promise is broken. */
export default function crowd() {
  test("tabs beside a load get one receipt each once intake is back", async () => {
    const run = spawn(PROGRAM, ["run", "portal-short", "--seed", "7"], { stdio: ["ignore", "pipe", "inherit"] });
    let report = "";
    run.stdout.on("data", (text) => {
      report += text;
    });
    const [code] = await once(run, "close");
    assert.equal(code, 0, report);
  });
}
