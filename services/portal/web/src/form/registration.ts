/** Asks what became of an application: right after it was sent, and while its receipt is shown. */

import { call } from "../common/api.js";
import { delaySeconds, pause } from "../common/retry.js";
import type { Form } from "./form.js";
import type { Sent } from "./model.js";

/** The status service's answer, as far as the receipt needs it. */
interface Status {
  readonly status: string;
  readonly protocol_number?: string;
  readonly registered_at?: string;
  readonly history?: readonly { readonly at: string; readonly status?: string }[];
}

/** Most questions: afterwards the page of one's applications tells. */
const MOST = 60;
/** Nobody waits for longer than this for the receipt because of a question. */
const FIRST_LOOK_SECONDS = 1;

type Look =
  | { readonly is: "registered"; readonly sent: Sent }
  | { readonly is: "withdrawn-before" }
  | { readonly is: "not-yet"; readonly atLeast: number }
  /** Nobody is signed in any more. */
  | { readonly is: "over" };

async function look(form: Form, sent: Sent, seconds?: number): Promise<Look> {
  const { config, session, language } = form.model;
  const { token } = session;
  if (token === null) return { is: "over" };
  const answer = await call<Status>(`${config.status}/v1/applications/${sent.id}/status`, {
    token,
    language,
    headers: { Receipt: sent.receipt },
    ...(seconds === undefined ? {} : { seconds }),
  });
  if (answer.kind === "ok" && answer.body.protocol_number !== undefined) {
    const { protocol_number: protocol, registered_at = "" } = answer.body;
    if (isWithdrawnBefore(answer.body, sent)) return { is: "withdrawn-before" };
    return { is: "registered", sent: { ...sent, protocol, registered_at } };
  }
  if (answer.kind === "problem" && answer.problem.status === 401) return { is: "over" };
  return { is: "not-yet", atLeast: answer.kind === "problem" ? answer.retryAfter : 1 };
}

/** Whether what was sent led to an application that had been withdrawn by then. */
function isWithdrawnBefore({ status, history = [] }: Status, sent: Sent): boolean {
  const withdrawal = history.find((event) => event.status === "withdrawn");
  return (
    status === "withdrawn" &&
    withdrawal !== undefined &&
    Date.parse(withdrawal.at) < Date.parse(sent.received_at)
  );
}

/**
 * Whether the same had been sent and withdrawn before: the same content has the same key, so that
 * its receipt is that of the application that was withdrawn. Where status does not say it within a
 * second, `registration` finds out later.
 */
export async function wasWithdrawnBefore(form: Form, sent: Sent): Promise<boolean> {
  return (await look(form, sent, FIRST_LOOK_SECONDS)).is === "withdrawn-before";
}

/** Returns the receipt with its protocol number, or `null` where it can't be known now. */
export async function registration(
  form: Form,
  sent: Sent,
): Promise<Sent | "withdrawn-before" | null> {
  for (let asked = 1; asked <= MOST; asked += 1) {
    const found = await look(form, sent);
    switch (found.is) {
      case "registered":
        return found.sent;
      case "withdrawn-before":
        return "withdrawn-before";
      case "over":
        return null;
      case "not-yet":
        await pause(delaySeconds(asked, found.atLeast), found.atLeast);
    }
  }
  return null;
}
