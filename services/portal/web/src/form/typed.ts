/** What was typed, as it was typed: a tree of the form's shape. */

export type Typed =
  string | boolean | undefined | readonly Typed[] | { readonly [name: string]: Typed };
export type Path = readonly (string | number)[];

/** Returns what stands at a path. */
export function get(tree: Typed, path: Path): Typed {
  let place: Typed = tree;
  for (const step of path) {
    if (typeof place !== "object") return undefined;
    place = (place as Record<string | number, Typed>)[step];
  }
  return place;
}

/** Returns the tree with another value at a path; what it shares with the old one is the same. */
export function set(tree: Typed, path: Path, value: Typed): Typed {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === "number") {
    const list = Array.isArray(tree) ? [...(tree as Typed[])] : [];
    while (list.length < step) list.push(undefined);
    list[step] = set(list[step], rest, value);
    return list;
  }
  const fields = typeof tree === "object" && !Array.isArray(tree) ? tree : {};
  return { ...fields, [step]: set((fields as Record<string, Typed>)[step], rest, value) };
}

/** Returns the list at a path without one of its elements. */
export function without(tree: Typed, path: Path, index: number): Typed {
  const list = get(tree, path);
  if (!Array.isArray(list)) return tree;
  return set(
    tree,
    path,
    (list as Typed[]).filter((_, at) => at !== index),
  );
}
