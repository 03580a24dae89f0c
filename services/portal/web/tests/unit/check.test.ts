import assert from "node:assert/strict";
import test from "node:test";
import { findReceipt } from "../../src/check/find.js";

const RECEIPT = "eyJ0eXAiOiJyIn0.eyJfc2QiOltdfQ.c2lnbmF0dXJl~WyJzYWx0Il0~";

test("a receipt is found alone, in an address, in a text and in a file", () => {
  for (const text of [
    RECEIPT,
    ` ${RECEIPT}\n`,
    `https://sportello.example.org/it/verifica/#${RECEIPT}`,
    `#${RECEIPT.replaceAll("~", "%7E")}`,
    `Ricevuta della domanda. Conservala.\n\n${RECEIPT}\n\nVerifica: https://sportello.example.org`,
    `<pre class="receipt-text">${RECEIPT}</pre><p>fine</p>`,
    `{"receipt":"${RECEIPT}"}`,
  ]) {
    assert.equal(findReceipt(text), RECEIPT, text);
  }
});

test("lines that a mail program broke are put together again", () => {
  const broken = RECEIPT.replace(/(.{20})/g, "$1\r\n");
  assert.equal(findReceipt(broken), RECEIPT);
  assert.equal(findReceipt(`La ricevuta è ${broken}`), RECEIPT);
});

test("of two receipts the first counts", () => {
  assert.equal(findReceipt(`${RECEIPT}\n${RECEIPT.replace("c2ln", "AAAA")}`), RECEIPT);
});

test("other texts have no receipt", () => {
  for (const text of ["", "   ", "#", "WIFI:S:rete;T:WPA;;", "eyJ.eyJ.x", "eyJ~~", "<script>alert(1)</script>"]) {
    assert.equal(findReceipt(text), null, text);
  }
});

test("a hostile text takes no time", { timeout: 5000 }, () => {
  for (const piece of ["a", "a.", "eyJ.", "~", "eyJ~", "a.a.a~", "\n"]) {
    assert.equal(findReceipt(piece.repeat(2_000_000 / piece.length)), null);
  }
});
