import { describe, expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { consumeResponse } from '../../test/media-answers.ts';
import { startMediaRoom } from '../../test/media-room.ts';
import { Refusal } from '../../test/scripted-server.ts';
import { peerInfo, producerInfo, roomSnapshot } from '../../test/snapshots.ts';

const retryAfterMs = 40;

describe('a server that has too much to do', () => {
  it('is asked again for what is to be received, at the pace that it names and not earlier', async () => {
    const askedAtMs: number[] = [];
    await using test = await startMediaRoom(
      {
        'media.consume': ({ producerId }) => {
          askedAtMs.push(performance.now());
          return askedAtMs.length < 3 ? new Refusal('NODE_OVERLOADED', retryAfterMs) : consumeResponse(producerId, 1);
        },
      },
      {
        snapshot: roomSnapshot({ peers: [peerInfo('a', { producers: [producerInfo('p1')] })] }),
        timing: { retryBaseMs: 1, retryCapMs: 2 },
      },
    );
    await eventually(() => test.room.remoteTracks.has('p1'), 'the track');
    const [first = 0, second = 0, third = 0] = askedAtMs;
    // Timers may be a millisecond early.
    for (const waitedMs of [second - first, third - second]) expect(waitedMs).toBeGreaterThan(retryAfterMs - 2);
  });

  it('tells who waits for a track that it is not taken now', async () => {
    await using test = await startMediaRoom(
      { 'media.consume': () => new Refusal('NODE_OVERLOADED', 60_000) },
      { snapshot: roomSnapshot({ peers: [peerInfo('a', { producers: [producerInfo('p1')] })] }) },
    );
    await expect(test.room.subscribe('p1')).rejects.toMatchObject({ reason: 'NODE_OVERLOADED' });
  });
});
