/** Builds of the scripts, as a deployment brings them while the portal runs. */
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "./browser.mjs";

const HASHED = /\.([A-Z0-9]{8})\.(\w+)$/;
const TEXT = /\.(js|css|svg)$/;
const COMPRESSED = /\.(br|gz)$/;
const MANIFEST = "manifest.json";

/** The hashed names by plain name, of the build that is deployed now. */
export async function namesOf(system) {
  return JSON.parse(await readFile(join(system.assets, MANIFEST), "utf8"));
}

/**
 * Runs `work` while another build is deployed: it does the same, and each of its files has another
 * name. Then puts the first one back.
 */
export async function withAnotherBuild(system, work) {
  const { assets } = system;
  const [first, second] = [`${assets}.first`, `${assets}.second`];
  const names = await namesOf(system);
  await writeAnother(assets, second);
  await rename(assets, first);
  await rename(second, assets);
  try {
    await isServed(system, (await namesOf(system))["form.js"]);
    return await work();
  } finally {
    await rename(assets, second);
    await rename(first, assets);
    await rm(second, { recursive: true });
    await isServed(system, names["form.js"]);
  }
}

/** Writes a build whose names are others, in the files and of them. */
async function writeAnother(from, to) {
  await mkdir(to);
  const files = (await readdir(from)).filter((name) => !COMPRESSED.test(name));
  const names = files.filter((name) => HASHED.test(name)).map((name) => [name, name.replace(HASHED, ".$1B.$2")]);
  const renamed = (text) => names.reduce((all, [before, after]) => all.replaceAll(before, after), text);
  for (const name of files) {
    const content = await readFile(join(from, name));
    const isText = TEXT.test(name) || name === MANIFEST;
    await writeFile(join(to, renamed(name)), isText ? renamed(content.toString()) : content);
  }
}

/** Waits until the portal's pages name a script. The gateway keeps no page that is asked for so. */
async function isServed({ portal }, script) {
  await until(`pages with ${script}`, async () => {
    const page = await fetch(`${portal}/en/benefits/indemnity-march-2020/apply/`, {
      headers: { Authorization: "Bearer none" },
    });
    return (await page.text()).includes(script);
  });
}
