/** What a browser sends to intake: when, with which key, and what the answer said of the next try. */

export function isSending(request) {
  return request.method() === "POST" && request.url().endsWith("/v1/applications");
}

/** Watches what is sent, from now on. */
export function sendings(context) {
  const sent = [];
  context.on("request", (request) => {
    if (!isSending(request)) return;
    const entry = { at: performance.now(), key: request.headers()["idempotency-key"], retryAfter: 0, answeredAt: 0 };
    sent.push(entry);
    void request
      .response()
      .then((answer) => {
        entry.answeredAt = performance.now();
        entry.retryAfter = Number(answer?.headers()["retry-after"] ?? 0);
      })
      .catch(() => undefined);
  });
  return sent;
}
