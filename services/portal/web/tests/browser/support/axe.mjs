/** axe-core, run in the page as it is: the policy of the page stays in force. */
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = { runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] } };

/** Returns what axe finds wrong, a line each. */
export async function violations(page) {
  // by the debugger, not by a script element, which the policy would refuse; once a document
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(source);
  const found = await page.evaluate((rules) => globalThis.axe.run(document, rules), RULES);
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`),
  );
}

/** Returns what makes a page wider than its window; nothing where it is not. */
export async function wide(page) {
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const isOut = (element) => element.getBoundingClientRect().right > clientWidth + 0.5;
    const out = [...document.body.querySelectorAll("*")].filter(isOut);
    const innermost = out.filter((element) => ![...element.children].some(isOut));
    const names = innermost.map((element) => {
      const { left, right } = element.getBoundingClientRect();
      return `${element.tagName.toLowerCase()}.${element.className} from ${left} to ${right}`;
    });
    return [`the page: ${scrollWidth} of ${clientWidth}`, ...names];
  });
}
