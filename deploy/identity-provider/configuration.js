// The configuration of oidc-provider: clients, claims and the form of access tokens.

import { randomBytes } from 'node:crypto';

import { interactionPolicy } from 'oidc-provider';

import { askToSignOut } from './login.js';
import { findById, intermediary, organisationClaims } from './people.js';

const API = 'urn:sportello:api';
const AUDIENCE = 'sportello';
const SCOPE = 'applications';
const HOUR = 60 * 60;

// Known to everybody: they guard nothing but invented people on this machine.
const DEVELOPMENT_SECRET = 'development-only';

// The port of a loopback redirect URI of a native client is free (RFC 8252, section 7.3).
const publicClient = (client_id, url) => ({
  client_id,
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code'],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/', 'http://127.0.0.1/callback', ...(url ? [`${url}/`, `${url}/callback`] : [])],
  post_logout_redirect_uris: ['http://127.0.0.1/', ...(url ? [`${url}/`] : [])],
});

const confidentialClient = (client_id) => ({
  client_id,
  client_secret: DEVELOPMENT_SECRET,
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
});

/** What the tokens of confidential clients say. */
const clientClaims = {
  [intermediary.organisation]: organisationClaims(intermediary),
  'sportello-service': { roles: ['operator'] },
};

function tokenClaims(_ctx, token) {
  return token.kind === 'ClientCredentials'
    ? clientClaims[token.clientId]
    : findById(token.accountId)?.claims;
}

// Nobody is asked for consent: everything here belongs to one service.
async function grantEverything(ctx) {
  const { provider, client, session } = ctx.oidc;
  const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
  grant.addOIDCScope('openid profile');
  grant.addResourceScope(API, SCOPE);
  await grant.save();
  return grant;
}

function interactionsWithoutConsent() {
  const policy = interactionPolicy.base();
  policy.remove('consent');
  return policy;
}

function findAccount(_ctx, id) {
  const person = findById(id);
  return person && { accountId: id, claims: () => ({ sub: id, ...person.claims }) };
}

function isLoopback(origin) {
  return URL.parse(origin)?.hostname === '127.0.0.1';
}

/** The configuration, signing with `jwks`, for a portal that may be at another address than 127.0.0.1. */
export function configuration(jwks, portalUrl) {
  return {
    jwks,
    clients: [
      publicClient('portal', portalUrl),
      publicClient('console'),
      publicClient('sportello-cli'),
      ...Object.keys(clientClaims).map(confidentialClient),
    ],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    // sessions live in memory, so their cookies need not outlive the process either
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    scopes: ['openid', 'profile'],
    claims: { openid: ['sub', 'acr', 'fiscal_number'], profile: ['given_name', 'family_name'] },
    // the access token is not for the userinfo endpoint, so the id token says the name
    conformIdTokenClaims: false,
    findAccount,
    extraTokenClaims: tokenClaims,
    loadExistingGrant: grantEverything,
    clientBasedCORS: (_ctx, origin) => isLoopback(origin) || origin === portalUrl,
    pkce: { required: () => true },
    interactions: {
      policy: interactionsWithoutConsent(),
      url: (_ctx, { uid }) => `/interaction/${uid}`,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      rpInitiatedLogout: { logoutSource: askToSignOut },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => API,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: SCOPE,
          audience: AUDIENCE,
          accessTokenTTL: HOUR,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    ttl: {
      AccessToken: HOUR, ClientCredentials: HOUR, Grant: HOUR, IdToken: HOUR, Session: 8 * HOUR, Interaction: HOUR,
    },
  };
}
