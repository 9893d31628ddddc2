// Pieces of descriptions that travel alone: RFC 8840, as in the PATCH of WHIP (RFC 9725 section 4.3).

import { write } from 'sdp-transform';
import { checkCandidate, requirePwd, requireUfrag } from './ice-values.ts';
import { refuseSdp } from './sdp-values.ts';
import { splitLines } from './split-sdp.ts';
import type { SdpSection, ServerEnd } from './types.ts';
import { closedMedia, writtenCandidates } from './write-section.ts';
import { requirePrintable } from './write-session.ts';

const maxCandidates = 64;

export interface SdpFragment {
  /** Both or neither; new ones ask for an ICE restart. */
  readonly ufrag: string | undefined;
  readonly pwd: string | undefined;
  /** As a browser gives them: `candidate:…`. */
  readonly candidates: readonly string[];
}

/**
 * Reads `application/trickle-ice-sdpfrag`.
 * @throws {AppError} SDP_REFUSED
 */
export function readFragment(text: string): SdpFragment {
  const lines = splitLines(text);
  if (lines.length === 0 || !lines.every((line) => /^[am]=/.test(line)))
    refuseSdp('it is no fragment (RFC 8840 section 9)');
  const attributes = lines.flatMap((line) => (line.startsWith('a=') ? [line.slice(2)] : []));
  const valuesOf = (name: string) =>
    attributes.flatMap((attribute) => (attribute.startsWith(`${name}:`) ? [attribute.slice(name.length + 1)] : []));
  // Sections of one bundle have the same; were they others, the first would count.
  const [ufrag] = valuesOf('ice-ufrag');
  const [pwd] = valuesOf('ice-pwd');
  if (ufrag !== undefined || pwd !== undefined) {
    requireUfrag(ufrag);
    requirePwd(pwd);
  }
  const candidates = valuesOf('candidate').map((value) => `candidate:${value}`);
  if (candidates.length > maxCandidates) refuseSdp(`it has more than ${maxCandidates} candidates`);
  candidates.forEach(checkCandidate);
  return { ufrag, pwd, candidates };
}

/** The server's credentials and candidates after an ICE restart. `tagged` is the first open section of the offer. */
export function writeFragment(server: ServerEnd, tagged: Pick<SdpSection, 'mid' | 'kind' | 'protocol'>): string {
  const { usernameFragment, password } = server.iceParameters;
  const section = {
    ...closedMedia(tagged),
    port: 9,
    iceUfrag: usernameFragment,
    icePwd: password,
    ...writtenCandidates(server.iceCandidates),
  };
  const fragment = { icelite: 'ice-lite', iceOptions: 'trickle', media: [section] } as const;
  requirePrintable(fragment);
  const lines = write({
    ...fragment,
    media: [section],
    version: 0,
    name: '-',
    timing: { start: 0, stop: 0 },
    origin: { username: '-', sessionId: 0, sessionVersion: 0, netType: 'IN', ipVer: 4, address: '127.0.0.1' },
  }).split('\r\n');
  // A fragment has attributes and m-lines, and nothing else (RFC 8840 section 9.2).
  return lines
    .filter((line) => /^(?:a|m)=/.test(line) && line !== 'a=inactive')
    .map((line) => `${line}\r\n`)
    .join('');
}
