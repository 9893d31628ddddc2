import { type MediaDescription, type SessionDescription, write } from 'sdp-transform';
import { refuseSdp } from './sdp-values.ts';

export interface WrittenSession {
  /** Stays as it is while the session is negotiated anew. */
  readonly sessionId: string;
  /** Grows by one with every description (RFC 3264 section 8). */
  readonly version: number;
  readonly extmapAllowMixed: boolean;
  readonly media: MediaDescription[];
}

/** @throws {AppError} SDP_REFUSED when something in it would not stay within its line. */
export function writeSession({ sessionId, version, extmapAllowMixed, media }: WrittenSession): string {
  if (!/^\d{1,19}$/.test(sessionId)) throw new Error('the id of a session description is a number');
  const mids = media.flatMap(({ port, mid }) => (port === 0 || mid === undefined ? [] : [mid]));
  const session: SessionDescription = {
    version: 0,
    // RFC 8829 section 5.2.1: nothing is told here.
    origin: { username: '-', sessionId, sessionVersion: version, netType: 'IN', ipVer: 4, address: '127.0.0.1' },
    name: '-',
    timing: { start: 0, stop: 0 },
    ...(mids.length > 0 ? { groups: [{ type: 'BUNDLE', mids: mids.join(' ') }] } : {}),
    // Clients from before RFC 8830 look for it.
    msidSemantic: { semantic: 'WMS', token: '*' },
    icelite: 'ice-lite',
    iceOptions: 'trickle',
    ...(extmapAllowMixed ? { extmapAllowMixed: 'extmap-allow-mixed' } : {}),
    media,
  };
  requirePrintable(session);
  return write(session);
}

/**
 * Everything that a client can have put in was checked where it came in. Were it not, a line end here would be a line of
 * the client's choice in the description of somebody else.
 */
export function requirePrintable(value: unknown): void {
  if (typeof value === 'string' && !/^[ -~]*$/.test(value))
    refuseSdp('it would have characters that SDP does not carry');
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(requirePrintable);
}
