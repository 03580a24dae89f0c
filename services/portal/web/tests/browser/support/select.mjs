/**
 * Which tests run: what matters most at each `cargo xtask test`, all of them with `--browser`,
 * which takes pictures of every state, too.
 */
import { test } from "node:test";

export const IN_FULL = process.env.BROWSER_TESTS === "all";

/** Declares a test that runs with all of them only. */
export function testInFull(...declared) {
  if (IN_FULL) test(...declared);
}
