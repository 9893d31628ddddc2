// WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): one POST for a session, PATCH and DELETE at the address that it answers.

import { AppError, type ErrorReason, toAppError } from '../../core/errors.ts';
import type { IceServer } from '../../proto/gen/types.ts';
import type { IngestEdge, IngestMode, IngestTarget } from '../../signaling/ingest/ingest-edge.ts';
import { errorAnswer } from '../gateway/error-answer.ts';
import type { HttpHandler, HttpMethod, HttpRequest } from '../gateway/http-routes.ts';
import type { HttpAnswer } from '../gateway/listener.ts';
import type { IsOriginAllowed } from '../gateway/origins.ts';
import { bearerTokenOf } from './bearer-token.ts';

const sdpType = 'application/sdp';
const fragmentType = 'application/trickle-ice-sdpfrag';

/** Where the code's usual status would say something else here. */
const statusOf: Partial<Readonly<Record<ErrorReason, number>>> = {
  // RFC 9725 section 4.3.1, and RFC 6585 section 3.
  PRECONDITION_REQUIRED: 428,
  // draft-ietf-wish-whep-03 section 4.3: nobody sends now, and players try again.
  NOTHING_TO_PLAY: 409,
  // Nothing that the player offers would do.
  CANNOT_CONSUME: 406,
  E2EE_REFUSES: 403,
  // RFC 9725 section 4.5: too much to do, and no fault of this client.
  NODE_OVERLOADED: 503,
};

/** Where nothing else says when to come again. */
const retryAfterSeconds: Partial<Readonly<Record<ErrorReason, number>>> = {
  NOTHING_TO_PLAY: 5,
  // Of a cluster another node takes it; one that is alone has ended by then, or is there again.
  SERVER_DRAINING: 5,
};

interface IngestRoutesParts {
  readonly mode: IngestMode;
  readonly ingest: IngestEdge;
  readonly isOriginAllowed: IsOriginAllowed;
  /**
   * An origin that leads to this very node; empty: there is none. A session is on the node that took its POST, and clients
   * leave their token out when they are redirected to another host: so they are told the whole address at once.
   */
  readonly nodeUrl: string;
}

type IngestMethod = Extract<HttpMethod, 'POST' | 'PATCH' | 'DELETE' | 'OPTIONS'>;

/** The handlers of `/whip/{room}` and `/whip/{room}/{session}`, or of the same under `/whep`. */
export function createIngestRoutes(parts: IngestRoutesParts): Readonly<Record<IngestMethod, HttpHandler>> {
  const { mode, ingest, isOriginAllowed, nodeUrl } = parts;

  /** Errors need the headers too: a page could not read them otherwise. */
  const shared =
    (run: HttpHandler): HttpHandler =>
    async (request) => {
      const { origin, host } = request.headers;
      if (!isOriginAllowed(origin, host)) return errorAnswer(new AppError('ORIGIN_REFUSED'));
      const answer = await answerOf(run, request);
      return { ...answer, headers: { ...answer.headers, ...corsHeaders(origin) } };
    };

  async function open(request: HttpRequest): Promise<HttpAnswer> {
    const { room, sessionId } = readPath(request.path, mode);
    // RFC 9725 section 4.2: reserved for later versions.
    if (sessionId !== undefined) return sessionIsNoEndpoint();
    const token = bearerTokenOf(request);
    const offer = readBody(request);
    // WHEP: without an offer, the server makes one.
    const wantsOffer = offer === '' && mode === 'whep';
    if (!wantsOffer && typeOf(request) !== sdpType) return wrongType(sdpType);
    const source = readSource(request.query.get('source'));
    const peer = request.query.get('peer') ?? undefined;
    const opened = await ingest.open({ mode, room, token, offer, peer, source });
    const headers = {
      'content-type': sdpType,
      'cache-control': 'no-store',
      location: `${nodeUrl}/${mode}/${room}/${opened.sessionId}`,
      etag: opened.etag,
      ...linksTo(opened.iceServers),
    };
    const isCounterOffer = opened.kind === 'offer' && !wantsOffer;
    return { status: isCounterOffer ? 406 : 201, headers, body: opened.sdp };
  }

  async function patch(request: HttpRequest): Promise<HttpAnswer> {
    const target = readTarget(request, mode);
    const type = typeOf(request);
    if (type === sdpType && mode === 'whep') {
      await ingest.answer(target, readBody(request));
      return { status: 204 };
    }
    if (type !== fragmentType) return wrongType(fragmentType);
    const { etag, fragment } = await ingest.patch(target, readBody(request), request.headers['if-match']);
    // RFC 9725 section 4.3.2: without an ETag.
    if (fragment === undefined) return { status: 204 };
    return {
      status: 200,
      headers: { 'content-type': fragmentType, 'cache-control': 'no-store', etag },
      body: fragment,
    };
  }

  return {
    POST: shared(open),
    PATCH: shared(patch),
    DELETE: shared(async (request) => {
      await ingest.close(readTarget(request, mode));
      return { status: 200 };
    }),
    // Of a preflight (Fetch standard section 3.3), and of clients that ask what is taken here: neither has a token.
    OPTIONS: shared(() => ({ status: 200, headers: { 'accept-post': sdpType, 'accept-patch': fragmentType } })),
  };
}

function sessionIsNoEndpoint(): HttpAnswer {
  const error = new AppError('UNKNOWN_METHOD', { method: 'POST' });
  return { ...errorAnswer(error, { allow: 'PATCH, DELETE, OPTIONS' }), status: 405 };
}

async function answerOf(run: HttpHandler, request: HttpRequest): Promise<HttpAnswer> {
  try {
    return await run(request);
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const error = toAppError(thrown);
    const retryAfter = retryAfterSeconds[error.reason];
    const answer = errorAnswer(error, {
      ...(error.code === 'UNAUTHENTICATED' ? { 'www-authenticate': 'Bearer' } : {}),
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    });
    return { ...answer, status: statusOf[error.reason] ?? answer.status };
  }
}

function corsHeaders(origin: string | undefined): Readonly<Record<string, string>> {
  if (origin === undefined) return {};
  return {
    'access-control-allow-origin': origin,
    vary: 'Origin',
    'access-control-allow-methods': 'POST, PATCH, DELETE, OPTIONS',
    'access-control-allow-headers': 'Authorization, Content-Type, If-Match',
    'access-control-expose-headers': 'Location, Link, ETag, Retry-After',
    'access-control-max-age': '600',
  };
}

interface IngestPath {
  readonly room: string;
  readonly sessionId: string | undefined;
}

function readPath(path: string, mode: IngestMode): IngestPath {
  const [room = '', sessionId, ...others] = path
    .slice(mode.length + 2)
    .split('/')
    .map(decoded);
  if (room === '' || sessionId === '' || others.length > 0) throw new AppError('ROUTE_NOT_FOUND');
  return { room, sessionId };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new AppError('ROUTE_NOT_FOUND');
  }
}

function readTarget(request: HttpRequest, mode: IngestMode): IngestTarget {
  const { room, sessionId } = readPath(request.path, mode);
  if (sessionId === undefined) throw new AppError('ROUTE_NOT_FOUND');
  return { mode, room, sessionId, token: bearerTokenOf(request) };
}

function readSource(text: string | null): 'camera' | 'screen' | undefined {
  if (text === null || text === '') return undefined;
  if (text !== 'camera' && text !== 'screen') {
    throw new AppError('BAD_REQUEST', { field: 'source', problem: 'must be camera or screen' });
  }
  return text;
}

function readBody({ body }: HttpRequest): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new AppError('SDP_REFUSED', { problem: 'it is not UTF-8' });
  }
}

function typeOf({ headers }: HttpRequest): string | undefined {
  return headers['content-type']?.split(';')[0]?.trim().toLowerCase();
}

/** RFC 9110 section 15.5.16. */
function wrongType(wanted: string): HttpAnswer {
  const error = new AppError('BAD_REQUEST', { field: 'The header Content-Type', problem: `must be ${wanted}` });
  return { ...errorAnswer(error, { 'accept-post': sdpType, 'accept-patch': fragmentType }), status: 415 };
}

/** RFC 9725 section 4.6. */
function linksTo(servers: readonly IceServer[]): Readonly<Record<string, string>> {
  const links = servers.flatMap(({ urls, username, credential }) =>
    urls.map((url) => {
      const login = username === '' ? '' : `; username=${quoted(username)}; credential=${quoted(credential)}`;
      return `<${url}>; rel="ice-server"${login}${login === '' ? '' : '; credential-type="password"'}`;
    }),
  );
  return links.length === 0 ? {} : { link: links.join(', ') };
}

/** RFC 9110 section 5.6.4. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
