// Where the page gets its tokens: from a server that gives them to guests (`--dev`), or from the person.

import { ParleyError } from '@parley/client';

export interface TokenSource {
  /** The first token. @throws {ParleyError} GUESTS_NOT_ALLOWED when the server gives out none. */
  first(): Promise<string>;
  /** For the SDK: the first one, then fresh ones. */
  readonly next: () => Promise<string>;
}

export interface TokenRequest {
  readonly name: string;
  readonly room: string;
  readonly moderator: boolean;
  /** From `#token=` or from the field of the lobby; then the server is not asked. */
  readonly given: string;
}

const requestTimeoutMs = 10_000;

export function createTokenSource(request: TokenRequest, fetcher: typeof fetch = fetch): TokenSource {
  let first: Promise<string> | undefined;
  const fresh = async (): Promise<string> => (request.given === '' ? requestToken(request, fetcher) : request.given);
  return {
    first() {
      first ??= fresh();
      return first;
    },
    next() {
      const unused = first;
      first = undefined;
      return unused ?? fresh();
    },
  };
}

async function requestToken({ name, room, moderator }: TokenRequest, fetcher: typeof fetch): Promise<string> {
  const response = await fetcher('/api/v1/tokens', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, room, moderator }),
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) {
    const token = member(answer, 'token');
    if (token !== '') return token;
    throw new ParleyError('INTERNAL', 'The server answered without a token.');
  }
  // Not a server for development: tokens come from whoever runs it.
  if (response.status === 403 || response.status === 404 || response.status === 405) {
    throw new ParleyError('GUESTS_NOT_ALLOWED', 'This server gives out no tokens.');
  }
  throw new ParleyError(member(answer, 'reason') || 'INTERNAL', member(answer, 'message') || 'No token was given.');
}

function member(answer: unknown, name: string): string {
  if (typeof answer !== 'object' || answer === null) return '';
  const value: unknown = Reflect.get(answer, name);
  return typeof value === 'string' ? value : '';
}

/** The token that a link carries behind `#token=`: the part of an address that is sent to no server. */
export function tokenOfHash(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token')?.trim() ?? '';
}
