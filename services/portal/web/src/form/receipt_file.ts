/** The receipt as one file that explains itself: nothing is loaded, it opens offline for ever. */

import type { Language } from "../common/language.js";
import type { Sent } from "./model.js";
import { type Qr, svgText } from "./qr.js";
import type { FormTexts } from "./texts/it.js";

const STYLE = `body{font:18px/1.5 "Titillium Web",system-ui,sans-serif;color:#1a1a1a;max-width:42rem;margin:2rem auto;padding:0 1.25rem}
h1{font-size:1.75rem;color:#008055}dt{color:#455a6e}dd{margin:0 0 1rem;font-weight:600}code{overflow-wrap:anywhere;font-size:.8rem}
svg{width:84mm;max-width:100%;height:auto;break-inside:avoid}@page{margin:15mm}`;

export function receiptFile(
  sent: Sent,
  when: string,
  qr: Qr,
  checkUrl: string,
  texts: FormTexts,
  language: Language,
): Blob {
  const rows = [
    [texts.benefit, sent.title[language]],
    [texts.number, sent.id],
    [texts.receivedStage, when],
    ...(sent.protocol === undefined ? [] : [[texts.protocol, sent.protocol]]),
  ];
  const page = `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(texts.receiptTitle)}</title>
<style>${STYLE}</style>
<h1>${escape(texts.receiptTitle)}</h1>
<p>${escape(texts.fileText)}</p>
<dl>${rows.map(([name, value]) => `<dt>${escape(name ?? "")}</dt><dd>${escape(value ?? "")}</dd>`).join("\n")}</dl>
${svgText(qr)}
<p>${escape(texts.checkAt)} <a href="${escape(checkUrl)}#${escape(sent.receipt)}">${escape(checkUrl)}</a></p>
<h2>${escape(texts.receiptAsText)}</h2>
<p><code>${escape(sent.receipt)}</code></p>
</html>
`;
  return new Blob([page], { type: "text/html;charset=utf-8" });
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
