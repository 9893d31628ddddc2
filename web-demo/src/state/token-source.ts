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

interface TokenSourceOptions {
  readonly fetcher?: typeof fetch;
  /** Remembers which guest this tab is: who was removed is not somebody else after a reload. */
  readonly memory?: Pick<Storage, 'getItem' | 'setItem'> | undefined;
}

const requestTimeoutMs = 10_000;
const memoryKey = 'parley.guest';

export function createTokenSource(request: TokenRequest, options: TokenSourceOptions = {}): TokenSource {
  const { fetcher = fetch, memory } = options;
  let first: Promise<string> | undefined;
  const fresh = async (): Promise<string> => {
    if (request.given !== '') return request.given;
    const { token, identity } = await requestToken(request, memory?.getItem(memoryKey) ?? '', fetcher);
    memory?.setItem(memoryKey, identity);
    return token;
  };
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

interface Guest {
  readonly token: string;
  readonly identity: string;
}

/** https://datatracker.ietf.org/doc/html/rfc9110#section-15.5: no such thing here, or not for you. */
const statusesWithoutGuests = [401, 403, 404, 405];

async function requestToken(
  { name, room, moderator }: TokenRequest,
  identity: string,
  fetcher: typeof fetch,
): Promise<Guest> {
  const response = await fetcher('/api/v1/tokens', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: toGuestName(name), room, moderator, ...(identity !== '' && { identity }) }),
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) {
    const token = text(answer, 'token');
    if (token === '') throw new ParleyError('INTERNAL', 'The server answered without a token.');
    return { token, identity: text(answer, 'identity') };
  }
  // Not a server for development: tokens come from whoever runs it.
  if (statusesWithoutGuests.includes(response.status)) {
    throw new ParleyError('GUESTS_NOT_ALLOWED', 'This server gives out no tokens.');
  }
  const error = member(answer, 'error');
  throw new ParleyError(text(error, 'reason') || 'INTERNAL', text(error, 'message') || 'No token was given.');
}

const longestNameBytes = 64;

/** As much of a name as the server takes, cut between letters. */
export function toGuestName(name: string): string {
  const encoder = new TextEncoder();
  let kept = '';
  let bytes = 0;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name.trim())) {
    bytes += encoder.encode(segment).length;
    if (bytes > longestNameBytes) break;
    kept += segment;
  }
  return kept;
}

function member(answer: unknown, name: string): unknown {
  return typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : undefined;
}

function text(answer: unknown, name: string): string {
  const value = member(answer, name);
  return typeof value === 'string' ? value : '';
}

/** The token that a link carries behind `#token=`: the part of an address that is sent to no server. */
export function tokenOfHash(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token')?.trim() ?? '';
}
