import type { ListPeersResponse, PeerInfo } from '../../proto/gen/types.ts';
import { fullJitterMs } from './backoff.ts';
import { ParleyError } from './errors.ts';
import type { Lifetime } from './lifetime.ts';
import type { Limiter } from './media/limiter.ts';
import type { RoomCalls } from './room-calls.ts';
import type { ClientTiming } from './timing.ts';
import { sleep } from './waiting.ts';

/** A page that fails so often is given up: the roster then lacks who is on it until the next snapshot. */
const maxTries = 8;

/**
 * Fetches the rest of a roster, page by page in the background. Never rejects. Ends early with the life: the
 * connection is gone, and the next snapshot starts anew.
 */
export async function fetchRosterPages({
  calls,
  pageToken: firstToken,
  limiter,
  timing,
  life,
  onPage,
}: {
  calls: RoomCalls;
  pageToken: string;
  limiter: Limiter;
  timing: ClientTiming;
  life: Lifetime;
  /** Called in the order of the connection's frames. */
  onPage: (peers: readonly PeerInfo[], page: { isLast: boolean }) => void;
}): Promise<void> {
  let pageToken = firstToken;
  let tries = 0;
  while (pageToken !== '' && !life.ended && tries < maxTries) {
    try {
      const request = { pageToken };
      const apply = ({ peers, nextPageToken }: ListPeersResponse) => {
        if (!life.ended) onPage(peers, { isLast: nextPageToken === '' });
        return nextPageToken;
      };
      pageToken = await limiter.run(() => calls.call('room.listPeers', request, { apply }), life);
      tries = 0;
    } catch (error) {
      tries += 1;
      const atLeastMs = error instanceof ParleyError ? (error.retryAfterMs ?? 0) : 0;
      await sleep(atLeastMs + fullJitterMs(tries, timing.retryBaseMs, timing.retryCapMs), life).catch(() => {});
    }
  }
}
