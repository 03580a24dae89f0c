// oidc-provider calls URL.parse, which the first releases of Node 20 lack.

URL.parse ??= (input, base) => (URL.canParse(input, base) ? new URL(input, base) : null);
