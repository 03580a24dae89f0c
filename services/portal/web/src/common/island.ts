/** Returns the island's place, with the text for browsers without scripts. */
export function islandPlace(): HTMLElement {
  const place = document.getElementById("island");
  if (place === null) throw new Error("the page has no place for its island");
  return place;
}

/** Returns the island's place, emptied. */
export function mount(): HTMLElement {
  const place = islandPlace();
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
