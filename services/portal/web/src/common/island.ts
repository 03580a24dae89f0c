/** Returns the island's place, emptied of the text for browsers without scripts. */
export function mount(): HTMLElement {
  const place = document.getElementById("island");
  if (place === null) throw new Error("the page has no place for its island");
  place.replaceChildren();
  return place;
}

/** Sets the title of the page, keeping the portal's name behind it. */
export function setTitle(title: string): void {
  document.title = `${title} - ${document.title.split(" - ").at(-1) ?? ""}`;
}

/** Runs once what was rendered can take focus. */
export function afterPaint(run: () => void): void {
  requestAnimationFrame(() => setTimeout(run));
}
