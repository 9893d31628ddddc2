// WHIP and WHEP as they are written: fetch and a PeerConnection of libwebrtc.

import wrtc from '@roamhq/wrtc';
import type { RunningServer } from './start-server.ts';
import type { MadeTrack } from './wrtc-tracks.ts';

type Connection = InstanceType<typeof wrtc.RTCPeerConnection>;

export const sdpType = 'application/sdp';
export const fragmentType = 'application/trickle-ice-sdpfrag';

export interface IngestRequestOptions {
  readonly token?: string | undefined;
  readonly type?: string;
  readonly ifMatch?: string;
  readonly body?: string;
  readonly origin?: string;
}

/** One request; `path` as in `/whip/standup`. */
export function ingestRequest(
  server: Pick<RunningServer, 'url'>,
  method: string,
  path: string,
  { token, type, ifMatch, body, origin }: IngestRequestOptions = {},
): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      ...(origin === undefined ? {} : { origin }),
    },
    ...(body === undefined ? {} : { body }),
  });
}

export interface IngestSession extends AsyncDisposable {
  readonly connection: Connection;
  readonly location: string;
  readonly etag: string;
  readonly status: number;
  readonly headers: Headers;
}

/** Sends these tracks by WHIP. @throws {Error} with the status when it is refused. */
export async function sendByWhip(
  server: RunningServer,
  { room, token, tracks, query = '' }: { room: string; token: string; tracks: readonly MadeTrack[]; query?: string },
): Promise<IngestSession> {
  const connection = new wrtc.RTCPeerConnection();
  const stream = new wrtc.MediaStream(tracks.map(({ track }) => track));
  for (const { track } of tracks) connection.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
  const offer = await connection.createOffer();
  await connection.setLocalDescription(offer);
  const body = offer.sdp ?? '';
  const answer = await ingestRequest(server, 'POST', `/whip/${room}${query}`, { token, type: sdpType, body });
  const sdp = await answer.text();
  if (answer.status !== 201) {
    connection.close();
    throw new Error(`${answer.status} ${sdp}`);
  }
  await connection.setRemoteDescription({ type: 'answer', sdp });
  return toSession(server, { connection, answer, token });
}

/** Plays by WHEP: answers the server's offer, asked for at once or got instead of an answer. */
export async function playByServerOffer(
  server: RunningServer,
  { room, token, offer, query = '' }: { room: string; token: string; offer?: string; query?: string },
): Promise<IngestSession> {
  const path = `/whep/${room}${query}`;
  const opened = await ingestRequest(server, 'POST', path, {
    token,
    ...(offer === undefined ? {} : { type: sdpType, body: offer }),
  });
  const sdp = await opened.text();
  if (opened.headers.get('content-type') !== sdpType) throw new Error(`${opened.status} ${sdp}`);
  const connection = new wrtc.RTCPeerConnection();
  await connection.setRemoteDescription({ type: 'offer', sdp });
  const made = await connection.createAnswer();
  await connection.setLocalDescription(made);
  const location = opened.headers.get('location') ?? '';
  const body = made.sdp ?? '';
  const taken = await ingestRequest(server, 'PATCH', location, { token, type: sdpType, body });
  if (taken.status !== 204) throw new Error(`${taken.status} ${await taken.text()}`);
  return toSession(server, { connection, answer: opened, token });
}

function toSession(
  server: RunningServer,
  { connection, answer, token }: { connection: Connection; answer: Response; token: string },
): IngestSession {
  const location = answer.headers.get('location') ?? '';
  return {
    connection,
    location,
    etag: answer.headers.get('etag') ?? '',
    status: answer.status,
    headers: answer.headers,
    async [Symbol.asyncDispose]() {
      connection.close();
      await ingestRequest(server, 'DELETE', location, { token });
    },
  };
}

export async function framesDecoded(connection: Connection): Promise<number> {
  const reports = [...(await connection.getStats()).values()];
  return reports.reduce(
    (sum, { type, framesDecoded: frames }) => sum + (type === 'inbound-rtp' ? (frames ?? 0) : 0),
    0,
  );
}
