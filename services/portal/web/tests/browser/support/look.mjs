/** Looks at a state of a page as a person would have to: by axe, for width, and in pictures. */
import assert from "node:assert/strict";
import { violations, wide } from "./axe.mjs";
import { WIDTHS, picture } from "./browser.mjs";

/** Fails where axe finds something wrong or the page scrolls sideways, at any width. */
export async function lookAt(page, what) {
  const before = page.viewportSize();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    assert.deepEqual(await violations(page), [], `${what} at ${width} px`);
    assert.deepEqual(await wide(page), [], `${what} is wider than ${width} px`);
  }
  await page.setViewportSize(before);
}

/** As `lookAt`, with a picture at each width. */
export async function see(page, name) {
  await lookAt(page, name);
  await picture(page, name);
}
