// Who calls: each call is signed by the node that makes it, for the node that it is meant for, with the bytes that it brings.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Life } from '../directory.ts';
import { deriveKey } from './derive-key.ts';
import { SeenTokens } from './seen-tokens.ts';

/** For a call that waits for its connection. Each token is good once. */
const lifetimeMs = 60_000;
/** Clocks of nodes may differ by so much. */
const leewayMs = 30_000;
const maxTokenBytes = 1_024;
const nonceBytes = 12;

export interface SignedCall {
  readonly to: Life;
  /** As in gRPC: `/package.Service/Method`. */
  readonly path: string;
  /** The request; empty of a stream. */
  readonly body: Uint8Array;
}

/** `<claims>.<signature>`, both base64url; the signature is HMAC-SHA256 over claims, path and body. */
export class NodeTokens {
  readonly #key: Buffer;
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #seen: SeenTokens;

  constructor({ secret, clock }: { readonly secret: string; readonly clock: Pick<Clock, 'nowMs'> }) {
    this.#key = deriveKey(secret, 'calls between nodes');
    this.#clock = clock;
    this.#seen = new SeenTokens({ keepMs: lifetimeMs + 2 * leewayMs, clock });
  }

  sign(from: Life, { to, path, body }: SignedCall): string {
    const nonce = randomBytes(nonceBytes).toString('base64url');
    const claims = [from, to, Math.round(this.#clock.nowMs()) + lifetimeMs, nonce];
    const head = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${head}.${this.#mac(head, path, body).toString('base64url')}`;
  }

  /** Answers who signed it; a second time it is refused. @throws {AppError} NODE_TOKEN_REFUSED */
  verify(token: unknown, { to, path, body }: SignedCall): Life {
    if (typeof token !== 'string' || token === '') throw refused('it is missing');
    if (token.length > maxTokenBytes) throw refused('it is too long');
    const [head = '', signature = '', ...rest] = token.split('.');
    if (rest.length > 0) throw refused('it is malformed');
    const given = Buffer.from(signature, 'base64url');
    const right = this.#mac(head, path, body);
    if (given.byteLength !== right.byteLength || !timingSafeEqual(given, right)) {
      throw refused('its signature does not match: cluster.secret must be the same on all nodes');
    }
    // From here on it is ours.
    const [from, audience, expiresAtMs] = JSON.parse(Buffer.from(head, 'base64url').toString()) as [Life, Life, number];
    if (audience !== to) throw refused('it is meant for another node, or an earlier life of this one');
    const leftMs = expiresAtMs - this.#clock.nowMs();
    if (leftMs < -leewayMs) throw refused('it has expired: the clocks of nodes must be right');
    if (leftMs > lifetimeMs + leewayMs) throw refused('it is of the future: the clocks of nodes must be right');
    // As it is made here: the same bytes can be written in several ways.
    if (!this.#seen.add(right.toString('base64url'))) throw refused('it was used before');
    return from;
  }

  #mac(head: string, path: string, body: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update(`${head}\n${path}\n`).update(body).digest();
  }
}

function refused(problem: string): AppError {
  return new AppError('NODE_TOKEN_REFUSED', { problem });
}
