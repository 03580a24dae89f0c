/** Numbers, spans of time and instants as operators read them. Instants are Italy's, with the offset. */

import type { ConsoleLanguage } from "./language.js";

const ZONE = "Europe/Rome";
const LOCALES: Readonly<Record<ConsoleLanguage, string>> = { it: "it-IT", en: "en-GB" };
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export class Formats {
  readonly #whole: Intl.NumberFormat;
  readonly #decimal: Intl.NumberFormat;
  readonly #percent: Intl.NumberFormat;
  readonly #money: Intl.NumberFormat;
  readonly #clock: Intl.DateTimeFormat;
  readonly #short: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;
  readonly #offset: Intl.DateTimeFormat;

  constructor(language: ConsoleLanguage) {
    const locale = LOCALES[language];
    const number = (options: Intl.NumberFormatOptions): Intl.NumberFormat =>
      // also 1.234 is grouped, which Italian leaves out by itself
      new Intl.NumberFormat(locale, { useGrouping: "always", ...options } as Intl.NumberFormatOptions);
    const time = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
      new Intl.DateTimeFormat(locale, { timeZone: ZONE, ...options });
    this.#whole = number({ maximumFractionDigits: 0 });
    this.#decimal = number({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.#percent = number({ style: "percent", maximumFractionDigits: 0 });
    this.#money = number({ style: "currency", currency: "EUR", maximumFractionDigits: 0 });
    this.#clock = time({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
    this.#short = time({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.#day = time({ day: "numeric", month: "short", year: "numeric" });
    this.#offset = time({ timeZoneName: "longOffset" });
  }

  /** `1,204,118` */
  count(value: number): string {
    // "-0" is 0
    return this.#whole.format(value + 0);
  }

  /** A rate a second: `820`, below ten with one decimal. */
  rate(value: number): string {
    return (Math.abs(value) < 10 && value !== 0 ? this.#decimal : this.#whole).format(value + 0);
  }

  /** `70 %` of a share between 0 and 1. */
  percent(share: number): string {
    return this.#percent.format(share);
  }

  euro(value: number): string {
    return this.#money.format(value);
  }

  /** `42 s`, `3 min 20 s`, `1 h 05 min`, `2 d 3 h`. */
  span(seconds: number): string {
    const whole = Math.max(0, Math.round(seconds));
    const two = (value: number): string => String(value).padStart(2, "0");
    if (whole < MINUTE) return `${whole} s`;
    if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min ${two(whole % MINUTE)} s`;
    if (whole < DAY) return `${Math.floor(whole / HOUR)} h ${two(Math.floor((whole % HOUR) / MINUTE))} min`;
    return `${Math.floor(whole / DAY)} d ${Math.floor((whole % DAY) / HOUR)} h`;
  }

  /** As `span`, without parts that are zero: `5 min`. */
  shortSpan(seconds: number): string {
    return this.span(seconds).replace(/ 0?0 (s|min|h)$/, "");
  }

  /** A range of spans, in one unit where both have it: `3–4 min`; one span where both are the same. */
  spans(low: number, high: number): string {
    const unit = high < 2 * MINUTE ? 1 : high < 2 * HOUR ? MINUTE : HOUR;
    const name = unit === 1 ? "s" : unit === MINUTE ? "min" : "h";
    const [from, to] = [Math.max(0, Math.floor(low / unit)), Math.max(1, Math.ceil(high / unit))];
    return from === to ? `${to} ${name}` : `${from}–${to} ${name}`;
  }

  /** `3.4 ms`, `0.82 s` of seconds. */
  latency(seconds: number): string {
    if (seconds < 0.01) return `${this.#decimal.format(seconds * 1000)} ms`;
    if (seconds < 1) return `${this.#whole.format(seconds * 1000)} ms`;
    return `${this.#decimal.format(seconds)} s`;
  }

  /** `1.2 GiB` */
  bytes(value: number): string {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, value)) / 10));
    const shown = value / 2 ** (10 * power);
    return `${(power === 0 || shown >= 100 ? this.#whole : this.#decimal).format(shown)} ${units[power]}`;
  }

  /** `10:42:07` */
  clock(instant: string | number): string {
    return this.#clock.format(new Date(instant));
  }

  /** `10:42` */
  shortClock(instant: string | number): string {
    return this.#short.format(new Date(instant));
  }

  /** `+02:00` */
  offset(instant: string | number): string {
    const parts = this.#offset.formatToParts(new Date(instant));
    const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
    return name.replace("GMT", "") || "+00:00";
  }

  /** `10:42:07 +02:00`, with the day before it where that is another than today's. */
  time(instant: string | number, now: number = Date.now()): string {
    const clock = `${this.clock(instant)} ${this.offset(instant)}`;
    const day = this.#day.format(new Date(instant));
    return day === this.#day.format(now) ? clock : `${day}, ${clock}`;
  }

  /** `1 Apr 2020, 10:42:07 +02:00` */
  dayAndTime(instant: string | number): string {
    return `${this.#day.format(new Date(instant))}, ${this.clock(instant)} ${this.offset(instant)}`;
  }
}

/**
 * Returns the instant of a day and a time of the clocks in Italy, as a field `datetime-local` has
 * it; `null` where the field is empty. A time that the clocks show twice is the first one, a time
 * that they skip an hour later.
 */
export function fromRome(local: string): string | null {
  const at = Date.parse(`${local}Z`);
  if (Number.isNaN(at)) return null;
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, timeZoneName: "longOffset" });
  const offsetAt = (instant: number): number => {
    const name = parts.formatToParts(instant).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign = "+", hours = "0", minutes = "0"] = /([+-])(\d\d):(\d\d)/.exec(name) ?? [];
    return (sign === "-" ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * MINUTE) * 1000;
  };
  // offsets of the hours around: the larger one makes the earlier instant
  const offsets = [offsetAt(at - 3 * HOUR * 1000), offsetAt(at + 3 * HOUR * 1000)];
  const fits = offsets.map((offset) => at - offset).filter((instant) => instant + offsetAt(instant) === at);
  return new Date(fits.length > 0 ? Math.min(...fits) : at - Math.min(...offsets)).toISOString();
}

/** Returns an instant as a field `datetime-local` wants it, by the clocks in Italy. */
export function toRome(instant: string | number): string {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: ZONE,
    dateStyle: "short",
    timeStyle: "short",
  });
  return format.format(new Date(instant)).replace(" ", "T");
}
