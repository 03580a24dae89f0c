// Builds the portal's assets into dist/: scripts, styles and fonts, each under a name that holds
// the digest of its content, with manifest.json from plain to hashed names.
//
// Beside it stands build/pages.cdx.json, the bill of materials of what is in them.
//
//   node build.mjs           dist/
//   node build.mjs --tests   build/unit/, the unit tests as plain scripts for node --test
//   node build.mjs --watch   dist/ again at each change, not compressed
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rename, rm, watch, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import * as esbuild from "esbuild";

process.chdir(import.meta.dirname ?? new URL(".", import.meta.url).pathname);

const ENTRIES = ["form", "check", "applications", "desk", "notice", "callback", "console"];
/** `main` is in every page; the console's is beside it in the console alone. */
const STYLES = ["main", "console"];
const COMPRESSED = new Set([".js", ".css", ".svg", ".json", ".ttf"]);

const common = {
  bundle: true,
  format: "esm",
  target: "es2020",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
};

/** Returns the entries that exist: an island's folder with a `main.ts`. */
function entries() {
  return ENTRIES.filter((name) => existsSync(`src/${name}/main.ts`)).map((name) => ({
    in: `src/${name}/main.ts`,
    out: name,
  }));
}

/**
 * Bundles the islands; esbuild puts digests of the contents into the names. Each by itself: what
 * islands share would be many small files, and each request costs a phone half a second.
 */
async function scripts(out, packages) {
  const names = {};
  for (const entry of entries()) {
    const { metafile } = await esbuild.build({
      ...common,
      entryPoints: [entry],
      outdir: out,
      splitting: true,
      minify: true,
      metafile: true,
      entryNames: "[name].[hash]",
      chunkNames: "part.[hash]",
      define: { "process.env.NODE_ENV": '"production"' },
    });
    for (const [path, { entryPoint, inputs }] of Object.entries(metafile.outputs)) {
      const file = basename(path);
      names[nameOf(entryPoint) ?? file] = file;
      for (const input of Object.keys(inputs)) addPackage(packages, input);
    }
  }
  return names;
}

/** An island is `form.js`; what it loads later, such as its texts, `form/texts/it.js`. */
function nameOf(entryPoint) {
  return entryPoint?.replace(/^(\.\/)?src\//, "").replace(/(\/main)?\.ts$/, ".js");
}

/** Adds the npm package of a source file, if it is of one. */
function addPackage(packages, path) {
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  if (name) packages.add(name);
}

/** Writes which npm packages the pages contain, in the form of CycloneDX. */
async function bill(file, packages) {
  const read = async (folder) => JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const component = async (name) => {
    const { version, license } = await read(join("node_modules", name));
    const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
    return { type: "library", name, version, licenses: [{ expression: license }], purl };
  };
  const { license } = await read(".");
  const contents = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { component: { type: "application", name: "sportello-pages", licenses: [{ expression: license }] } },
    components: await Promise.all([...packages].sort().map(component)),
  };
  await writeFile(file, `${JSON.stringify(contents, null, 2)}\n`);
}

/** Writes one asset under its hashed name. */
async function asset(out, name, content) {
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  const extension = extname(name);
  const file = `${basename(name, extension)}.${digest}${extension}`;
  await writeFile(join(out, file), content);
  return file;
}

/** Compiles a sheet, with the hashed names of fonts and images in its addresses. */
async function css(sheet, names, packages) {
  const sass = await import("sass");
  const { css, loadedUrls } = sass.compile(`styles/${sheet}.scss`, {
    loadPaths: ["styles", "node_modules", "node_modules/bootstrap-italia/src/scss"],
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
  });
  for (const url of loadedUrls) addPackage(packages, url.pathname);
  const hashed = css.replace(/url\(["']?(?:\.\/)?(?:fonts|images)\/([^"')]+)["']?\)/g, (_, name) => {
    if (!names[name]) throw new Error(`styles name ${name}, which is not there`);
    return `url(${names[name]})`;
  });
  const { code } = await esbuild.transform(hashed, {
    loader: "css",
    minify: true,
    charset: "utf8",
    legalComments: "inline",
    target: "es2020",
  });
  return code;
}

/** Copies fonts and images, then compiles the sheets. */
async function styles(out, packages) {
  const names = {};
  for (const folder of ["styles/fonts", "styles/images"]) {
    for (const name of existsSync(folder) ? (await readdir(folder)).sort() : []) {
      if (/\.(woff2|svg|png|ico)$/.test(name)) {
        names[name] = await asset(out, name, await readFile(join(folder, name)));
      }
    }
  }
  for (const sheet of STYLES) {
    names[`${sheet}.css`] = await asset(out, `${sheet}.css`, await css(sheet, names, packages));
  }
  return names;
}

async function compress(out) {
  const brotli = promisify(brotliCompress);
  const gz = promisify(gzip);
  for (const name of await readdir(out)) {
    if (!COMPRESSED.has(extname(name)) || name === "manifest.json") continue;
    const content = await readFile(join(out, name));
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    };
    await writeFile(join(out, `${name}.br`), await brotli(content, { params }));
    await writeFile(join(out, `${name}.gz`), await gz(content, { level: 9 }));
  }
}

/** Builds beside dist/ and moves it into place, so that no reader sees half of it. */
async function build({ compressed }) {
  const out = "build/dist";
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const packages = new Set();
  const names = { ...(await scripts(out, packages)), ...(await styles(out, packages)) };
  await bill("build/pages.cdx.json", packages);
  const sorted = Object.fromEntries(Object.entries(names).sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(join(out, "manifest.json"), `${JSON.stringify(sorted, null, 2)}\n`);
  if (compressed) await compress(out);
  // a reader finds the old build or the new one
  const old = "build/old";
  await rm(old, { recursive: true, force: true });
  if (existsSync("dist")) await rename("dist", old);
  await rename(out, "dist");
}

/** Bundles each unit test into a script of its own. */
async function tests() {
  await rm("build/unit", { recursive: true, force: true });
  const files = (await readdir("tests/unit")).filter((name) => name.endsWith(".test.ts"));
  await esbuild.build({
    ...common,
    entryPoints: files.map((name) => `tests/unit/${name}`),
    outdir: "build/unit",
    outExtension: { ".js": ".mjs" },
    platform: "node",
    target: "node20",
    sourcemap: "inline",
  });
}

if (process.argv.includes("--tests")) {
  await tests();
} else if (process.argv.includes("--watch")) {
  const again = () => build({ compressed: false }).catch((error) => console.error(error.message));
  await again();
  let waiting;
  for await (const _ of watch(".", { recursive: true })) {
    if (/(^|\/)(dist|build|node_modules)(\/|$)/.test(_.filename ?? "")) continue;
    clearTimeout(waiting);
    waiting = setTimeout(again, 200);
  }
} else {
  await build({ compressed: true });
}
