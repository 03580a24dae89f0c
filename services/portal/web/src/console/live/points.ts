/** Makes points of charts from frames and from the past. */

import { known, type Now, type Past, type PastColumn } from "../api/now.js";
import type { Value } from "./history.js";

/** The name of a column: `outstanding:citizen`, `workers_wanted`. */
export function columnName({ name, channel }: Pick<PastColumn, "name" | "channel">): string {
  return channel === undefined ? name : `${name}:${channel}`;
}

/** Returns the point of a frame in the columns that the past has, too. */
export function pastPoint(now: Now): Map<string, Value> {
  const point = new Map<string, Value>();
  for (const channel of now.channels) {
    const put = (name: string, value: Value): unknown => point.set(`${name}:${channel.channel}`, value);
    put("arrivals", known(channel.arrivals_per_second));
    put("confirms", known(channel.confirms_per_second));
    put("settled", known(channel.settled_per_second));
    put("outstanding", known(channel.outstanding));
    put("oldest_age", known(channel.oldest_age_seconds));
  }
  point.set("workers_wanted", known(now.workers.wanted));
  point.set("workers_running", known(now.workers.running));
  point.set("workers_busy", known(now.workers.busy));
  point.set("dead_letters", known(now.dead_letters));
  return point;
}

/** Returns the point of a frame in the columns that only this page gathers while it is open. */
export function ownPoint(now: Now): Map<string, Value> {
  const point = new Map<string, Value>();
  for (const { benefit, arrivals_per_second } of now.benefits) {
    point.set(`benefit:${benefit}`, known(arrivals_per_second));
  }
  for (const { reason, per_second } of known(now.rejections) ?? []) {
    point.set(`rejection:${reason}`, per_second);
  }
  for (const { what, p50_seconds, p99_seconds } of now.latencies) {
    point.set(`p50:${what}`, known(p50_seconds));
    point.set(`p99:${what}`, known(p99_seconds));
  }
  return point;
}

/** Returns the columns of the past by their names. */
export function pastColumns(past: Past): Map<string, readonly Value[]> {
  return new Map(past.columns.map((column) => [columnName(column), column.values]));
}

/** Returns a frame in which nothing is known any more: never the old values in place of new ones. */
export function faded(now: Now, since: string): Now {
  const fade = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(fade);
    if (typeof part !== "object" || part === null) return part;
    if ("value" in part) return { unknown_since: since };
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, fade(inner)]));
  };
  const ledger = { verdict: { unknown_since: since }, equations: [], gaps: [] };
  const time_to_drain = { state: "unknown" };
  const services = now.services.map((service) => ({ ...service, checks: [] }));
  const workers = { ...now.workers, why: [], hand: {} };
  return fade({ ...now, ledger, time_to_drain, services, workers }) as Now;
}
