import assert from "node:assert/strict";
import test from "node:test";
import { findReceipt } from "../../src/check/find.js";

const RECEIPT = `eyJ0eXAiOiJyIn0.eyJqdGkiOiJ4In0.${"c2ln".repeat(21)}Aw`;
const EARLIER = `${RECEIPT}~WyJzYWx0Il0~`;

test("a receipt is found alone, in an address, in a text and in a file", () => {
  for (const receipt of [RECEIPT, EARLIER]) {
    for (const text of [
      receipt,
      ` ${receipt}\n`,
      `https://sportello.example.org/it/verifica/#${receipt}`,
      `#${receipt.replaceAll("~", "%7E")}`,
      `Ricevuta della domanda. Conservala.\n\n${receipt}\n\nVerifica: https://sportello.example.org`,
      `<pre class="receipt-text">${receipt}</pre><p>fine</p>`,
      `{"receipt":"${receipt}"}`,
    ]) {
      assert.equal(findReceipt(text), receipt, text);
    }
  }
});

test("lines that a mail program broke are put together again", () => {
  for (const receipt of [RECEIPT, EARLIER]) {
    const broken = receipt.replace(/(.{20})/g, "$1\r\n");
    assert.equal(findReceipt(broken), receipt);
    assert.equal(findReceipt(`La ricevuta è ${broken} (di Mario)`), receipt);
  }
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
