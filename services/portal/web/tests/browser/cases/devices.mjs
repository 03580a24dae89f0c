/** What people set on their devices: zoom, spacing of texts, colours, motion; and where the focus is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { wide } from "../support/axe.mjs";
import { FAILED_REQUEST, inProfile, picture } from "../support/browser.mjs";
import { INDEMNITY, PEOPLE, atStep, fillIndemnity, receiptNumber, signIn } from "../support/citizen.mjs";
import { ALL_PAGES, LANGUAGES, benefitPages, pagesOf } from "../support/pages.mjs";

/** A desktop of 1280 × 1024 pixels at 400 % (WCAG 2.1, 1.4.10). */
const ZOOMED = { width: 320, height: 256 };
/** WCAG 2.1, 1.4.12. */
const SPACING = `* {
  line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important;
} p { margin-bottom: 2em !important; }`;

export default function devices(lab) {
  test("at 400 % no page scrolls sideways, and the keyboard's focus is always in view", async () => {
    await inProfile(
      lab.browser,
      async (context) => {
        const page = await context.newPage();
        for (const path of pagesOf("it")) {
          await page.goto(lab.system.portal + path);
          await page.getByRole("main").getByRole("heading", { level: 1 }).waitFor();
          await tabThrough(page, path);
        }
        for (const step of await steps(page, lab.system.portal)) await tabThrough(page, await step());
      },
      { viewport: ZOOMED },
    );
  });

  test("with wider spacing of the texts nothing is cut off, on a phone and a desktop", async () => {
    for (const width of [320, 1280]) {
      await inProfile(
        lab.browser,
        async (context) => {
          const page = await context.newPage();
          for (const path of ALL_PAGES) {
            await page.goto(lab.system.portal + path);
            await page.getByRole("main").getByRole("heading", { level: 1 }).waitFor();
            await nothingIsCut(page, `${path} at ${width} px`);
          }
          for (const step of await steps(page, lab.system.portal)) await nothingIsCut(page, await step());
          await picture(page, "spacing-review");
        },
        { viewport: { width, height: 800 } },
      );
    }
  });

  test("in forced colours everything to press has a border, and the focus is seen", async () => {
    await inProfile(
      lab.browser,
      async (context) => {
        const page = await context.newPage();
        for (const language of LANGUAGES) {
          await page.goto(lab.system.portal + benefitPages(language, "indemnity-march-2020").benefit);
          await pressable(page, language);
        }
        await picture(page, "forced-colours-benefit");
        for (const step of await steps(page, lab.system.portal)) {
          const name = await step();
          await pressable(page, name);
          await picture(page, `forced-colours-${name.replaceAll(" ", "-")}`);
        }
      },
      { forcedColors: "active" },
    );
  });

  test("nothing moves for people who asked for less motion", async () => {
    const moving = async (reducedMotion) => {
      let found = [];
      await inProfile(
        lab.browser,
        async (context) => {
          const page = await context.newPage();
          await fillIndemnity(page, lab.system.portal);
          await signIn(page, PEOPLE.nicolo);
          await lab.system.without(["intake"], async () => {
            await page.getByRole("button", { name: "Send the application" }).click();
            await page.getByText("the page tries again by itself").waitFor();
            found = await page.evaluate(() => document.getAnimations().map((one) => one.animationName ?? "transition"));
          });
          await receiptNumber(page);
        },
        { reducedMotion, allowed: [FAILED_REQUEST] },
      );
      return found;
    };
    assert.deepEqual(await moving("reduce"), []);
    assert.notEqual((await moving("no-preference")).length, 0, "the test sees what moves");
  });

  test("the focus is never lost: each step, each addition and each removal puts it somewhere", async () => {
    await inProfile(lab.browser, async (context) => {
      const page = await context.newPage();
      const bonus = benefitPages("en", "baby-sitting-bonus-2020").apply;
      await page.goto(lab.system.portal + bonus);
      await page.getByRole("button", { name: "Begin" }).click();
      await atStep(page, "General data");
      await page.getByRole("radio", { name: "Employees in the private sector" }).check();
      await page.getByRole("button", { name: "Next" }).click();
      await atStep(page, "Specific data");
      await page.getByRole("button", { name: "Add: Children" }).click();
      await focused(page, "[id^=f-answers-children-1]");
      await page.getByRole("button", { name: "Remove: Children 2" }).click();
      await focused(page, "#f-answers-children-add");
      await page.getByRole("button", { name: "Next" }).click();
      await focused(page, "#error-summary");
      await page.goBack();
      await atStep(page, "General data");
      await page.goBack();
      await focused(page, "h1");
    });
  });
}

/** The steps of the form, each with its mistakes: goes there and returns a name for it. */
async function steps(page, portal) {
  const next = () => page.getByRole("button", { name: "Next" }).click();
  const summary = () => page.getByRole("alert").getByRole("link").first().waitFor();
  return [
    async () => {
      await page.goto(`${portal}${INDEMNITY}apply/`);
      await page.getByRole("button", { name: "Begin" }).click();
      await atStep(page, "General data");
      await next();
      await summary();
      return "general data";
    },
    async () => {
      await page.getByRole("radio", { name: "Professionals with a VAT number and collaborators" }).check();
      await page.getByRole("textbox", { name: "IBAN" }).fill("IT60X0542811101000000123456");
      await next();
      await atStep(page, "Specific data");
      await next();
      await summary();
      return "specific data";
    },
    async () => {
      await page.getByRole("radio", { name: "Collaborator with a co.co.co. contract" }).check();
      for (const box of await page.getByRole("main").getByRole("checkbox").all()) await box.check();
      await next();
      await atStep(page, "Check and send");
      return "review";
    },
  ];
}

async function focused(page, selector) {
  await page.waitForFunction((selector) => document.activeElement?.matches(selector), selector);
}

/** Goes through a page with Tab: whatever has the focus is in view, and nothing lies over it. */
async function tabThrough(page, name) {
  assert.deepEqual(await wide(page), [], `${name} scrolls sideways`);
  await page.evaluate(() => (document.activeElement ?? document.body).blur?.());
  for (let tabs = 0; tabs < 120; tabs += 1) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(seen);
    if (found === null) return;
    assert.equal(found.hidden, "", `${name}: ${found.element}`);
  }
}

/** What is wrong with the place of the focus; `null` where it has left the page. In the browser. */
function seen() {
  const element = document.activeElement;
  if (element === null || element === document.body) return null;
  // a control may be the label's around it
  const boxes = [element, element.closest("label")].filter(Boolean).map((one) => one.getBoundingClientRect());
  const isSeen = boxes.some(({ left, top, right, bottom, width, height }) => {
    if (width < 2 || height < 2) return false;
    const x = (Math.max(left, 0) + Math.min(right, innerWidth)) / 2;
    const y = (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2;
    const on = document.elementFromPoint(x, y);
    return on !== null && (element.contains(on) || on.contains(element) || on.closest("label")?.contains(element));
  });
  const around = [element, element.closest(".form-check"), element.closest(".dropzone")].filter(Boolean);
  const styles = [...around.map((one) => getComputedStyle(one)), getComputedStyle(element, "::after")];
  const isOutlined = styles.some(({ outlineStyle }) => outlineStyle !== "none");
  const hidden = isSeen ? (isOutlined ? "" : "has no outline") : "is not in view";
  return { element: element.outerHTML.slice(0, 200), hidden };
}

/** Spaces the texts out, and looks for texts that their box cuts off. */
async function nothingIsCut(page, name) {
  await page.evaluate((css) => {
    // a sheet made by a script is no inline style for the policy
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [sheet];
  }, SPACING);
  const cut = await page.evaluate(() =>
    [...document.querySelectorAll("body *")]
      .filter((element) => {
        const { overflowX, overflowY, clip, position } = getComputedStyle(element);
        const hides = [overflowX, overflowY].some((way) => way === "hidden" || way === "clip");
        // texts for screen readers are cut off on purpose
        const isForEars = position === "absolute" && clip !== "auto";
        const overflows = element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
        return hides && !isForEars && element.textContent.trim() !== "" && overflows;
      })
      .map((element) => element.outerHTML.slice(0, 160)),
  );
  assert.deepEqual(cut, [], name);
  assert.deepEqual(await wide(page), [], `${name} scrolls sideways`);
}

/** In forced colours backgrounds are gone: what can be pressed needs a line around or under it. */
async function pressable(page, name) {
  const bare = await page.evaluate(() =>
    [...document.querySelectorAll("main :is(button, .btn, input, select, textarea)")]
      .filter((element) => element.checkVisibility?.() ?? true)
      .filter((element) => {
        const { borderTopWidth, borderTopStyle, textDecorationLine, appearance } = getComputedStyle(element);
        const hasBorder = parseFloat(borderTopWidth) > 0 && borderTopStyle !== "none";
        return !hasBorder && textDecorationLine === "none" && appearance === "none";
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );
  assert.deepEqual(bare, [], name);
  await page.keyboard.press("Tab");
  const [focused, outline] = await page.evaluate(() => {
    const { activeElement } = document;
    return [activeElement.outerHTML.slice(0, 120), getComputedStyle(activeElement).outlineStyle];
  });
  assert.notEqual(outline, "none", `${name}: the focus is not seen on ${focused}`);
}
