import { describe, expect, it } from 'vitest';
import { readMetrics } from '../../test/support/read-metrics.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { grows, remoteTrack, startRealRoom } from './real-room.ts';
import { createPictureTrack } from './tracks.ts';
import { startUdpRelay } from './udp-relay.ts';

/** RTP and not RTCP (RFC 5761 section 4), of one stream. */
function isOfStream(packet: Buffer, ssrc: number): boolean {
  const [first = 0, second = 0] = packet;
  const isRtp = first >= 128 && first < 192 && !(second >= 192 && second < 224);
  return isRtp && packet.byteLength >= 12 && packet.readUInt32BE(8) === ssrc;
}

describe.skipIf(!requireOrSkip('mediasoup'))('a picture that does not arrive', () => {
  it('though it is sent is received anew, by itself', { timeout: 90_000 }, async () => {
    await using relay = await startUdpRelay();
    await using real = await startRealRoom();
    const ada = await real.join({ identity: 'ada' });
    const ben = await real.join({ identity: 'ben' }, { codec: relay.codec });
    using picture = createPictureTrack();
    await ada.room.publish(picture.track, { source: 'camera' });
    const seen = await remoteTrack(ben.room, 'camera');
    seen.setView({ width: 160, height: 120 });
    await grows(seen, 'framesDecoded');

    const ssrcs: number[] = [];
    (await seen.getStats()).forEach((entry: { type: string; ssrc?: number }) => {
      if (entry.type === 'inbound-rtp' && entry.ssrc !== undefined) ssrcs.push(entry.ssrc);
    });
    expect(ssrcs).toHaveLength(1);
    relay.impair({ drops: (packet) => ssrcs.some((ssrc) => isOfStream(packet, ssrc)) });
    const again = await remoteTrack(ben.room, 'camera', seen);
    await grows(again, 'framesDecoded');
    expect(again.producerId).toBe(seen.producerId);
    const metrics = await readMetrics(real.server.url);
    expect(metrics).toMatch(/parley_media_watchdog_steps_total\{step="restart"\} [1-9]/);
  });
});
