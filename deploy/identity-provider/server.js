// The identity provider for development and tests: OpenID Connect with invented people and no passwords.

import { createServer } from 'node:http';

import './compatibility.js';

import { Provider } from 'oidc-provider';

import { configuration } from './configuration.js';
import { loadKeys } from './keys.js';
import { handleLogin } from './login.js';

// elsewhere only in a container, whose port this machine alone reaches
const HOST = process.env.LISTEN_ADDRESS ?? '127.0.0.1';

if (process.env.NODE_ENV === 'production') {
  console.error('this identity provider asks nobody for a password: it does not run with NODE_ENV=production');
  process.exit(1);
}

const port = Number(process.env.PORT ?? 0);
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  console.error('PORT is not a port number: give 1 to 65535, or 0 for any free one');
  process.exit(1);
}

const jwks = loadKeys(process.env.KEYS_FILE ?? 'keys.json');
const server = createServer();

server.on('error', (error) => {
  console.error(`can't listen on ${HOST}:${port}: ${error.code}`);
  process.exit(1);
});

server.listen(port, HOST, () => {
  const address = `http://${HOST}:${server.address().port}`;
  const provider = new Provider(process.env.ISSUER ?? address, configuration(jwks, process.env.PORTAL_URL));
  // behind a proxy that ends TLS, addresses are those that the browser called
  provider.proxy = provider.issuer.startsWith('https:');
  const answer = provider.callback();

  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return answer(request, response);
    return handleLogin(provider, request, response).catch((error) => {
      console.error(`sign-in failed: ${error.name}`);
      response.destroy();
    });
  });
  console.log(`listening on ${address}`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
