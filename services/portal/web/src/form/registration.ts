/** Asks whether an application is registered, while its receipt is shown. */

import { call } from "../common/api.js";
import { delaySeconds, pause } from "../common/retry.js";
import type { Form } from "./form.js";
import type { Sent } from "./model.js";

/** The status service's answer, as far as the receipt shows it. */
interface Status {
  readonly status: string;
  readonly protocol_number?: string;
  readonly registered_at?: string;
}

/** Most questions: afterwards the page of one's applications tells. */
const MOST = 60;

/** Returns the receipt with its protocol number, or `null` where it can't be known now. */
export async function registration(form: Form, sent: Sent): Promise<Sent | null> {
  const { config, session } = form.model;
  const url = `${config.status}/v1/applications/${sent.id}/status`;
  for (let asked = 1; asked <= MOST; asked += 1) {
    const token = session.token;
    if (token === null) return null;
    const answer = await call<Status>(url, {
      token,
      language: form.model.language,
      headers: { Receipt: sent.receipt },
    });
    if (answer.kind === "ok" && answer.body.protocol_number !== undefined) {
      const { protocol_number: protocol, registered_at = "" } = answer.body;
      return { ...sent, protocol, registered_at };
    }
    if (answer.kind === "problem" && answer.problem.status === 401) return null;
    const atLeast = answer.kind === "problem" ? answer.retryAfter : 1;
    await pause(delaySeconds(asked, atLeast), atLeast);
  }
  return null;
}
