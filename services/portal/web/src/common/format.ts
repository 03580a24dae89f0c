import type { Language } from "./language.js";

/** Times are Italy's, wherever the device is. */
const ZONE = "Europe/Rome";
const LOCALES: Readonly<Record<Language, string>> = { it: "it-IT", en: "en-GB", de: "de-DE" };

function dateTime(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(LOCALES[language], { timeZone: ZONE, ...options });
}

/** "1 aprile 2020, 10:42:07", by the clocks in Italy. */
export function exactTime(instant: string, language: Language): string {
  const at = new Date(instant);
  const day = dateTime(language, { dateStyle: "long" }).format(at);
  const time = dateTime(language, { timeStyle: "medium" }).format(at);
  return `${day}, ${time}`;
}

/** "mercoledì 1 aprile 2020, 08:00", by the clocks in Italy. */
export function dayAndTime(instant: string, language: Language): string {
  const at = new Date(instant);
  const day = dateTime(language, { dateStyle: "full" }).format(at);
  const time = dateTime(language, { timeStyle: "short" }).format(at);
  return `${day}, ${time}`;
}

/** A date `2020-03-31` as text: "31 marzo 2020". */
export function longDate(date: string, language: Language): string {
  const at = new Date(`${date}T12:00:00Z`);
  return Number.isNaN(at.getTime()) ? date : dateTime(language, { dateStyle: "long" }).format(at);
}

/** "1.499,90 €". */
export function euro(amount: number, language: Language): string {
  const whole = Number.isInteger(amount);
  return new Intl.NumberFormat(LOCALES[language], {
    style: "currency",
    currency: "EUR",
    minimumFractionDigits: whole ? 0 : 2,
  }).format(amount);
}

/** A number as the reader writes it, with all its decimals and at least so many. */
export function plainNumber(value: number, language: Language, decimals = 0): string {
  const minimumFractionDigits = Number.isInteger(value) ? 0 : decimals;
  return new Intl.NumberFormat(LOCALES[language], {
    minimumFractionDigits,
    maximumFractionDigits: 20,
  }).format(value);
}
