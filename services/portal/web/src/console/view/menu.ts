import type { Context, SectionName } from "../context.js";

/** Marks the open section in the menu that the server rendered, and counts the dead letters there. */
export function showMenu(context: Context, section: SectionName, letters: number | null): void {
  const menu = document.getElementById("console-menu");
  for (const link of menu?.querySelectorAll("a") ?? []) {
    const isOpen = link.hash === `#${section}`;
    if (isOpen) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const badge = document.getElementById("console-letters");
  const text = letters === null || letters === 0 ? "" : `(${context.formats.count(letters)})`;
  if (badge !== null && badge.textContent !== text) badge.textContent = text;
}
