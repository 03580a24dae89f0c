/** What a page leaves in the browser. */

/** Everything that IndexedDB holds; bytes as texts, keys that can't be read as their kind. */
export async function records(page) {
  return page.evaluate(async () => {
    const done = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const readable = (value) => {
      if (value instanceof CryptoKey) return `key, ${value.extractable ? "extractable" : "not extractable"}`;
      if (value instanceof ArrayBuffer || ArrayBuffer.isView(value))
        return new TextDecoder("latin1").decode(value);
      if (value instanceof Date || typeof value !== "object" || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, readable(inner)]));
    };
    const found = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames)
        found.push(...(await done(database.transaction(store).objectStore(store).getAll())).map(readable));
      database.close();
    }
    return found;
  });
}

/** Changes what IndexedDB holds of drafts: as a disk that fails or another program would. */
export async function spoil(page, how) {
  await page.evaluate(async (how) => {
    const done = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const database = await done(indexedDB.open("portal"));
    const drafts = () => database.transaction("drafts", "readwrite").objectStore("drafts");
    for (const key of await done(drafts().getAllKeys())) {
      const draft = await done(drafts().get(key));
      if (how === "bytes") new Uint8Array(draft.sealed)[3] ^= 1;
      const spoilt = { bytes: draft, text: "a text", dates: { ...draft, savedAt: "yesterday" }, nothing: {} }[how];
      await done(drafts().put(spoilt, key));
    }
    database.close();
  }, how);
}
