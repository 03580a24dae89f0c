/**
 * OpenID Connect, authorization code with PKCE, as a public client. The requests and the checks of
 * the answers are `oauth4webapi`'s.
 */

import * as oauth from "oauth4webapi";
import type { Attempt } from "./attempt.js";
import { fromBase64Url } from "./base64url.js";
import type { Config } from "./config.js";

const SCOPE = "openid profile applications";

/** The tokens of a person who has signed in. */
export interface Tokens {
  readonly accessToken: string;
  /** Seconds, from now. */
  readonly expiresIn: number;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Plain http only to a provider on this machine. */
function insecure(config: Config): { [oauth.allowInsecureRequests]: boolean } {
  const { protocol, hostname } = new URL(config.issuer);
  const loopback = ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
  return { [oauth.allowInsecureRequests]: protocol === "http:" && loopback };
}

function client(config: Config): oauth.Client {
  return { client_id: config.client_id };
}

function redirectUri(): string {
  return `${location.origin}/callback`;
}

/** Reads the provider's own description. Throws where it does not answer within five seconds. */
export async function discover(config: Config): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(config.issuer);
  const signal = AbortSignal.timeout(5000);
  const response = await oauth.discoveryRequest(issuer, { ...insecure(config), signal });
  return oauth.processDiscoveryResponse(issuer, response);
}

/** Makes an attempt, and the address at which the person signs in. */
export async function begin(
  config: Config,
  server: oauth.AuthorizationServer,
): Promise<{ attempt: Attempt; url: string }> {
  const attempt = {
    server,
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
  };
  const url = new URL(server.authorization_endpoint ?? "");
  url.search = new URLSearchParams({
    client_id: config.client_id,
    redirect_uri: redirectUri(),
    response_type: "code",
    scope: SCOPE,
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: "S256",
    ui_locales: config.language,
  }).toString();
  return { attempt, url: url.href };
}

/** Exchanges the provider's answer for tokens. Throws where anything is not as it must be. */
export async function finish(
  config: Config,
  attempt: Attempt,
  answer: URLSearchParams,
): Promise<Tokens> {
  const server = attempt.server ?? (await discover(config));
  const parameters = oauth.validateAuthResponse(server, client(config), answer, attempt.state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client(config),
    oauth.None(),
    parameters,
    redirectUri(),
    attempt.verifier,
    { ...insecure(config), signal: AbortSignal.timeout(10_000) },
  );
  const punctual = { ...client(config), [oauth.clockSkew]: await skewOf(response.clone()) };
  const tokens = await oauth.processAuthorizationCodeResponse(server, punctual, response, {
    expectedNonce: attempt.nonce,
    requireIdToken: true,
  });
  return {
    accessToken: tokens.access_token,
    expiresIn: tokens.expires_in ?? 600,
    claims: { ...oauth.getValidatedIdTokenClaims(tokens) },
  };
}

/**
 * Returns the seconds by which this device's clock is slow. The id token comes straight from the
 * provider and holds this attempt's nonce, so that it was issued now: many phones are hours wrong,
 * and nobody should be kept out for it.
 */
async function skewOf(answer: Response): Promise<number> {
  try {
    const { id_token: token } = (await answer.json()) as { id_token: string };
    const claims = new TextDecoder().decode(fromBase64Url(token.split(".")[1] ?? ""));
    const { iat } = JSON.parse(claims) as { iat: number };
    return Math.round(iat - Date.now() / 1000);
  } catch {
    return 0; // what is wrong with the answer is found when it is checked
  }
}

/** Tells the provider to forget the token, where it can; nothing waits for it. */
export function revoke(config: Config, server: oauth.AuthorizationServer, token: string): void {
  if (server.revocation_endpoint === undefined) return;
  const options = { ...insecure(config), signal: AbortSignal.timeout(3000) };
  oauth
    .revocationRequest(server, client(config), oauth.None(), token, options)
    .catch(() => undefined);
}

/** Returns the address at which the provider ends its own session. */
export function endSessionUrl(server: oauth.AuthorizationServer, clientId: string): string | null {
  if (server.end_session_endpoint === undefined) return null;
  const url = new URL(server.end_session_endpoint);
  // no token: it holds the tax code, and addresses are kept in histories and logs
  url.searchParams.set("client_id", clientId);
  url.searchParams.set("post_logout_redirect_uri", `${location.origin}/`);
  return url.href;
}
