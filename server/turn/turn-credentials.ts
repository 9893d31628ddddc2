import { createHmac } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { IceServer } from '../../proto/gen/types.ts';
import type { IceServersFor } from '../../signaling/ice-servers.ts';

export interface TurnOptions {
  /** As in RFC 7064 and RFC 7065. */
  readonly urls: readonly string[];
  /** What the TURN server has as its `static-auth-secret`. */
  readonly secret: string;
  readonly ttlSeconds: number;
  readonly alwaysRelay: boolean;
}

/** The contract's bound of the URLs of one server. */
const maxUrls = 8;

/**
 * Credentials for a while, which a TURN server checks with a secret that both know, and without asking anybody
 * (draft-uberti-behave-turn-rest-00): the name is when they end, in seconds since 1970, and who has them; the password
 * the name's HMAC-SHA1 in base64. STUN servers ask for none.
 */
export function createTurnCredentials(options: TurnOptions & { readonly clock: Clock }): IceServersFor {
  const { urls, secret, ttlSeconds, alwaysRelay, clock } = options;
  const isRelay = (url: string) => url.startsWith('turn');
  const relays = inPieces(urls.filter(isRelay));
  const others = inPieces(urls.filter((url) => !isRelay(url)));
  return (identity) => {
    const expiresAtMs = clock.nowMs() + ttlSeconds * 1000;
    const username = `${Math.floor(expiresAtMs / 1000)}:${tagOf(identity, secret)}`;
    const credential = createHmac('sha1', secret).update(username).digest('base64');
    const iceServers: IceServer[] = [
      ...others.map((some) => ({ urls: some, username: '', credential: '' })),
      ...relays.map((some) => ({ urls: some, username, credential })),
    ];
    return { iceServers, expiresAtMs: relays.length > 0 ? expiresAtMs : 0, relayOnly: alwaysRelay };
  };
}

/**
 * Tells people apart in the relay's log and for its quotas without naming them: identities are e-mail addresses here and
 * there, and may hold the colon that ends the time.
 */
function tagOf(identity: string, secret: string): string {
  return createHmac('sha256', secret).update(identity).digest('hex').slice(0, 16);
}

function inPieces(urls: readonly string[]): string[][] {
  const pieces: string[][] = [];
  for (let start = 0; start < urls.length; start += maxUrls) pieces.push(urls.slice(start, start + maxUrls));
  return pieces;
}
