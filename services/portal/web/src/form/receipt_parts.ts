/** What only the receipt's page needs, loaded there. */

export { qrOf } from "./qr.js";
export { receiptFile } from "./receipt_file.js";
