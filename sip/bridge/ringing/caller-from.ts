import type { RingRequest } from '../../../signaling/calls/telephony.ts';
import { formatNameAddr } from '../../agent/messages/parse-name-addr.ts';
import { formatUri } from '../../agent/messages/parse-uri.ts';

/** From of a call to a phone of ours: who calls, as it shows it; it calls back by what stands there. */
export function callerFrom({ from, thenTo }: Pick<RingRequest, 'from' | 'thenTo'>): string {
  // Who clicked to call sees on the own phone who will be called.
  const user = thenTo ?? (from.number === '' ? (from.identity ?? 'anonymous') : from.number);
  // The agent puts its own address there.
  const uri = formatUri({ scheme: 'sip', user, host: 'localhost', parameters: new Map(), headers: new Map() });
  return formatNameAddr({ displayName: thenTo ?? from.name, uri, parameters: new Map() });
}
