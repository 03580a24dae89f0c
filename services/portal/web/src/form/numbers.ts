/**
 * Reads numbers and dates as people in Italy write them. Nothing is guessed: what could mean two
 * things is a mistake, as it is in a CSV file for the API.
 */

import { isDay } from "./check/dates.js";
import { clean, trim } from "./check/clean.js";

/** Returns the number, `unclear` where it could be thousands, or `null`. */
export function readNumber(typed: string): number | "unclear" | null {
  const text = trim(clean(typed))
    .replace(/^€\s*|\s*(€|euro)$/giu, "")
    .replace(/[\u2212\u2010-\u2012]/gu, "-");
  const bare = text.replace(/(\d)[\s']+(?=\d{3}(\D|$))/gu, "$1");
  if (/^-?\d+$/.test(bare)) return Number(bare);
  // 1.499,90 and 1,499.90: two different signs, the last of which begins the decimals
  if (/^-?\d{1,3}(\.\d{3})+,\d+$/.test(bare))
    return Number(bare.replaceAll(".", "").replace(",", "."));
  if (/^-?\d{1,3}(,\d{3})+\.\d+$/.test(bare)) return Number(bare.replaceAll(",", ""));
  const parts = /^(-?)(\d+)[.,](\d+)$/.exec(bare);
  if (parts === null) return /^-?\d{1,3}([.,]\d{3}){2,}$/.test(bare) ? "unclear" : null;
  const [, sign = "", whole = "", decimals = ""] = parts;
  const thousands = decimals.length === 3 && whole.length <= 3 && !/^0/.test(whole);
  return thousands ? "unclear" : Number(`${sign}${whole}.${decimals}`);
}

/** Returns a date `2020-03-31` for `31/03/2020`, `31.3.2020` or `2020-03-31`; `null` for others. */
export function readDate(typed: string): string | null {
  const text = trim(clean(typed));
  const own = /^(\d{1,2})\s*[/.\-\s]\s*(\d{1,2})\s*[/.\-\s]\s*(\d{4})$/.exec(text);
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const [year, month, day] = own === null ? (iso ?? []).slice(1) : own.slice(1).reverse();
  if (year === undefined || month === undefined || day === undefined) return null;
  if (!isDay(Number(year), Number(month), Number(day))) return null;
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}
