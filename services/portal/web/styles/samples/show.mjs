// Wraps the samples in the frame and takes a picture of each, to look at:
//   node build.mjs && node styles/samples/show.mjs [sample…]     build/samples/*.png
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { chromium } from "playwright-core";
import { encode } from "uqr";

const here = new URL(".", import.meta.url);
const out = new URL("../../build/samples/", import.meta.url);
const dist = new URL("../../dist/", import.meta.url);
const manifest = JSON.parse(await readFile(new URL("manifest.json", dist)));
const types = { css: "text/css", svg: "image/svg+xml", woff2: "font/woff2", html: "text/html" };
const frame = await readFile(new URL("frame.html", here), "utf8");

function qr() {
  const { data, size } = encode("https://sportello.example.org/it/verifica/#" + "aB3-".repeat(220), { ecc: "L", border: 4 });
  let path = "";
  data.forEach((row, y) => row.forEach((dark, x) => (path += dark ? `M${x} ${y}h1v1h-1z` : "")));
  return `<svg viewBox="0 0 ${size} ${size}" width="${2 * size}" role="img" aria-label="Codice QR"><path d="${path}"/></svg>`;
}

async function sample(name) {
  const body = await readFile(new URL(`${name}.html`, here), "utf8");
  const notice = name === "benefit" ? `<p><svg class="icon" aria-hidden="true"><use href="/assets/icons.svg#it-clock"></use></svg><span><strong>L’invio è in attesa.</strong> Puoi compilare: la domanda parte da sola appena si può.</span></p>` : "";
  return frame.replace("<!--main-->", () => body).replace("<!--notice-->", notice).replace("<!--session-->", "").replace("<!--qr-->", qr);
}

const server = createServer(async (request, response) => {
  const name = request.url.slice(1).replace("assets/", "");
  const type = types[name.split(".").pop()] ?? "application/octet-stream";
  try {
    const content = name.endsWith(".html") ? await sample(name.slice(0, -5)) : await readFile(new URL(manifest[name] ?? name, dist));
    response.writeHead(200, { "content-type": type }).end(content);
  } catch {
    response.writeHead(404).end();
  }
}).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));

const wanted = process.argv.slice(2);
const names = (await readdir(here)).filter((name) => name.endsWith(".html") && name !== "frame.html").map((name) => name.slice(0, -5));
await mkdir(out, { recursive: true });
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
for (const width of [320, 390, 1280]) {
  const page = await browser.newPage({ viewport: { width, height: width > 1000 ? 900 : 844 } });
  for (const name of names.filter((name) => !wanted.length || wanted.includes(name))) {
    await page.goto(`http://127.0.0.1:${server.address().port}/${name}.html`, { waitUntil: "networkidle" });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) console.log(`${name} at ${width}: ${wide} px too wide`);
    await page.screenshot({ path: new URL(`${name}-${width}.png`, out).pathname, fullPage: true });
  }
  await page.close();
}
await browser.close();
server.close();
