/**
 * Lays JSON out for reading, and packs it again, without touching a value: `1.10` stays `1.10`, and
 * a number with twenty digits keeps them all.
 */

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Says what is wrong with JSON; empty where nothing is. */
export function jsonProblem(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Returns JSON over several lines, and any other text as it is. */
export function pretty(text: string): string {
  if (jsonProblem(text) !== "") return text;
  const tokens = text.match(TOKEN) ?? [];
  let depth = 0;
  let made = "";
  const line = (): string => `\n${"  ".repeat(depth)}`;
  tokens.forEach((token, index) => {
    const before = tokens[index - 1] ?? "";
    if (token === "}" || token === "]") {
      depth -= 1;
      made += before === "{" || before === "[" ? token : `${line()}${token}`;
    } else if (token === "," || token === ":") made += token === ":" ? ": " : ",";
    else {
      if (before === "{" || before === "[" || before === ",") made += line();
      made += token;
      if (token === "{" || token === "[") depth += 1;
    }
  });
  return made;
}

/** Returns JSON without any space around its tokens. */
export function packed(text: string): string {
  return (text.match(TOKEN) ?? []).join("");
}

/** Counts the lines that are not the same in both texts. */
export function changedLines(before: string, after: string): number {
  const counts = new Map<string, number>();
  for (const line of before.split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1);
  let added = 0;
  for (const line of after.split("\n")) {
    const left = counts.get(line) ?? 0;
    if (left === 0) added += 1;
    else counts.set(line, left - 1);
  }
  const removed = [...counts.values()].reduce((all, left) => all + left, 0);
  return Math.max(added, removed);
}
