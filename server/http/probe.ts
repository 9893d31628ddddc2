// How a client tries the ways to the media ports one by one, without being in a room: the page /doctor and `parley doctor`.

import { AppError } from '../../core/errors.ts';
import type { IceServersFor } from '../../signaling/ice-servers.ts';
import type { TokenVerifier } from '../../signaling/token-verifier.ts';
import { jsonAnswer } from '../gateway/error-answer.ts';
import type { HttpHandler, HttpRequest } from '../gateway/http-routes.ts';
import { version } from '../package-root.ts';
import type { Probes } from '../probe/probes.ts';
import { bearerTokenOf } from './bearer-token.ts';

export interface ProbeHandlers {
  /** `GET /api/v1/probe`: the ways that there are to try, as {@link ProbePlan}. */
  readonly plan: HttpHandler;
  /** `POST /api/v1/probe` with `{ via: 'udp' | 'tcp', place, offer }`: an end to connect to, `{ answer, iceParameters, candidates }`. */
  readonly open: HttpHandler;
}

export interface ProbePlan {
  readonly version: string;
  /** Of the server, in ms since 1970: credentials for relays end by its clock. */
  readonly nowMs: number;
  /** One for each worker, which has a port of its own. */
  readonly places: readonly number[];
  readonly addresses: readonly string[];
  readonly iceServers: readonly {
    readonly urls: readonly string[];
    readonly username: string;
    readonly credential: string;
  }[];
  readonly relayOnly: boolean;
}

/** Both ask for any valid token: nobody else is to make the server work, or to get credentials for its relays. */
export function createProbeHandlers(parts: {
  readonly probes: Probes;
  readonly verifier: TokenVerifier;
  readonly iceServersFor: IceServersFor;
}): ProbeHandlers {
  const { probes, verifier, iceServersFor } = parts;
  const identify = async (request: HttpRequest) => (await verifier.verify(bearerTokenOf(request))).identity;
  return {
    async plan(request) {
      const { iceServers, relayOnly } = iceServersFor(await identify(request));
      const { places, announcedAddresses: addresses } = probes;
      const plan: ProbePlan = { version, nowMs: Date.now(), places, addresses, iceServers, relayOnly };
      return jsonAnswer(200, plan);
    },
    async open(request) {
      const identity = await identify(request);
      const { via, place, offer } = parseBody(request.body);
      if (!probes.places.includes(place)) throw bad('place', 'is not one of a worker');
      return jsonAnswer(201, await probes.open({ identity, via, place, offer }));
    },
  };
}

function parseBody(body: Uint8Array): { via: 'udp' | 'tcp'; place: number; offer: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw bad('The body', 'is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null) throw bad('The body', 'is not an object');
  const { via, place = 0, offer } = parsed as Record<string, unknown>;
  if (via !== 'udp' && via !== 'tcp') throw bad('via', 'must be udp or tcp');
  if (typeof place !== 'number' || !Number.isInteger(place)) throw bad('place', 'must be a whole number');
  if (typeof offer !== 'string') throw bad('offer', 'must be a session description');
  return { via, place, offer };
}

function bad(field: string, problem: string): AppError {
  return new AppError('BAD_REQUEST', { field, problem });
}
