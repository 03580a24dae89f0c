// The login page: it takes anybody's word for who they are.

import { findByLogin, people } from './people.js';

const BODY_LIMIT = 4096;
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'Content-Type': 'text/html; charset=utf-8',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const button = ({ id, name, role, taxCode }) => `
      <li><button name="login" value="${escape(id)}">${escape(name)} <small>${escape(taxCode ?? role)}</small></button></li>`;

const page = (hint, problem) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Sign in - development</title>
    <style>
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 2rem auto; padding: 0 1rem; color: #17324d }
      ul { list-style: none; padding: 0 }
      button, input { font: inherit; padding: .5rem .75rem; border: 1px solid #5d7083; border-radius: 4px; background: #fff }
      li button { width: 100%; text-align: left; margin-bottom: .5rem }
      .warning { border-left: 4px solid #a66300; padding: .5rem 1rem; background: #fff5e5 }
      .problem { border-left: 4px solid #cc334d; padding: .5rem 1rem }
    </style>
  </head>
  <body>
    <h1>Sign in</h1>
    <p class="warning">For development only. These people are invented, and no password is asked.</p>
    ${problem ? `<p class="problem" role="alert">${escape(problem)}</p>` : ''}
    <form method="post">
      <label for="login">Tax code</label><br>
      <input id="login" name="login" value="${escape(hint ?? '')}" autocomplete="off" spellcheck="false" required>
      <button>Sign in</button>
    </form>
    <h2>Or choose</h2>
    <form method="post">
      <ul>${people.map(button).join('')}
      </ul>
    </form>
  </body>
</html>
`;

/** Asks whether to end the provider's own session: `form` is the provider's, found by its id. */
export function askToSignOut(ctx, form) {
  ctx.set(HEADERS);
  ctx.body = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Sign out - development</title>
    <style>
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 2rem auto; padding: 0 1rem; color: #17324d }
      button { font: inherit; padding: .5rem .75rem; border: 1px solid #5d7083; border-radius: 4px; background: #fff }
    </style>
  </head>
  <body>
    <h1>Sign out</h1>
    <p>You have left the service. Leave the identity provider, too?</p>
    ${form}
    <button autofocus form="op.logoutForm" name="logout" value="yes">Yes, sign out</button>
    <button form="op.logoutForm">No, stay signed in</button>
  </body>
</html>
`;
}

async function readForm(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > BODY_LIMIT) return new URLSearchParams();
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

/** Answers `GET` and `POST /interaction/{uid}` for `provider`. */
export async function handleLogin(provider, request, response) {
  let params;
  try {
    ({ params } = await provider.interactionDetails(request, response));
  } catch {
    return send(response, 400, page('', 'This sign-in has expired: go back to where you came from and start again.'));
  }
  if (request.method !== 'POST') return send(response, 200, page(params.login_hint));

  const typed = (await readForm(request)).get('login');
  const person = findByLogin(typed);
  if (!person) return send(response, 422, page(typed, 'Nobody here has this tax code: choose somebody of the list.'));
  return provider.interactionFinished(request, response, { login: { accountId: person.id, acr: person.acr } });
}

function send(response, status, html) {
  response.writeHead(status, HEADERS).end(html);
}
