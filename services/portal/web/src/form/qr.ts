/** The QR code of a receipt: the page that checks it, with the receipt behind the `#`. */

import { encode } from "uqr";

/** White around the code, in modules (ISO/IEC 18004). */
const QUIET = 4;

export interface Qr {
  readonly size: number;
  /** All dark modules as one path. */
  readonly path: string;
}

/** The code on the page: not yet there, or not to be had. */
export type Drawn = Qr | "missing" | null;

/** Level L, since a receipt is long: a coarser code is easier to read than a repaired one. */
export function qrOf(text: string): Qr {
  const { data, size } = encode(text, { ecc: "L", border: QUIET, boostEcc: false });
  const runs = data.map((row, y) => rowPath(row, y));
  return { size, path: runs.join("") };
}

function rowPath(row: readonly boolean[], y: number): string {
  let path = "";
  for (let x = 0; x < row.length; x += 1) {
    const from = x;
    while (row[x] === true) x += 1;
    if (x > from) path += `M${from} ${y}h${x - from}v1h-${x - from}z`;
  }
  return path;
}

/** The code as the text of an SVG image. */
export function svgText({ size, path }: Qr): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path}"/></svg>`;
}
