/**
 * Hides a tab, and shows it again. A browser without a screen hides no page: the page is told what
 * the browser would tell it.
 */

export async function hide(page) {
  await tell(page, "hidden");
}

export async function show(page) {
  await tell(page, "visible");
}

async function tell(page, state) {
  await page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}
