import type { PeerInfo } from '../../proto/gen/types.ts';
import { fullJitterMs } from './backoff.ts';
import { ParleyError } from './errors.ts';
import type { Lifetime } from './lifetime.ts';
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
  timing,
  life,
  onPage,
}: {
  calls: RoomCalls;
  pageToken: string;
  timing: ClientTiming;
  life: Lifetime;
  /** Called in the order of the connection's frames. */
  onPage: (peers: readonly PeerInfo[], page: { isLast: boolean }) => void;
}): Promise<void> {
  let pageToken = firstToken;
  let tries = 0;
  while (pageToken !== '' && !life.ended && tries < maxTries) {
    try {
      pageToken = await calls.call(
        'room.listPeers',
        { pageToken },
        {
          apply: ({ peers, nextPageToken }) => {
            if (!life.ended) onPage(peers, { isLast: nextPageToken === '' });
            return nextPageToken;
          },
        },
      );
      tries = 0;
    } catch (error) {
      tries += 1;
      const atLeastMs = error instanceof ParleyError ? (error.retryAfterMs ?? 0) : 0;
      await sleep(atLeastMs + fullJitterMs(tries, timing.retryBaseMs, timing.retryCapMs), life).catch(() => {});
    }
  }
}
