/** Finds the receipt in what somebody has: a pasted text, an address, a downloaded file. */

/** Far more than a page of text, far less than what would make a phone slow. */
export const LONGEST_FILE = 2_000_000;
const LONGEST_RECEIPT = 8192;
/** Characters of a signature with Ed25519. */
const SIGNATURE = 86;
/** A signed token, and the disclosure of an earlier receipt. */
const SHAPE = new RegExp(`^[\\w-]+\\.[\\w-]+\\.[\\w-]{${SIGNATURE}}(~[\\w-]+~)?$`);
/** How the base64url of a JSON object begins. */
const BEGINNING = "eyJ";

/** Returns the first receipt in a text, or `null`. The time is in proportion to its length. */
export function findReceipt(text: string): string | null {
  const plain = unescaped(text.slice(0, LONGEST_FILE));
  // as it is, else with the ends of lines that mail programs put into it taken out
  return firstIn(plain) ?? firstIn(plain.replace(/\s+/g, ""));
}

function firstIn(text: string): string | null {
  for (const word of text.split(/[^\w.~-]+/)) {
    const found = cut(word);
    if (found.length <= LONGEST_RECEIPT && SHAPE.test(found)) return found;
  }
  return null;
}

/** Cuts off what sticks to a receipt before and behind it. */
function cut(word: string): string {
  const from = Math.max(word.indexOf(BEGINNING), 0);
  const second = word.indexOf(".", word.indexOf(".", from) + 1);
  const end = second + 1 + SIGNATURE;
  return word.slice(from, word[end] === "~" ? word.indexOf("~", end + 1) + 1 : end);
}

/** Some programs write `~` in an address as `%7E`. */
function unescaped(text: string): string {
  return text.replace(/%7e/gi, "~");
}
