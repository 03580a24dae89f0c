// The signing key and the way it survives restarts.

import { generateKeyPairSync } from 'node:crypto';
import {
  chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Reads the private JWKS from `file`, making it on the first start (mode 600). */
export function loadKeys(file) {
  try {
    chmodSync(file, 0o600);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    create(file);
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}

function create(file) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' };
  const draft = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(draft, JSON.stringify({ keys: [key] }), { mode: 0o600, flag: 'wx' });
  try {
    // a link appears whole or not at all, and never replaces what another process made meanwhile
    linkSync(draft, file);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
}
