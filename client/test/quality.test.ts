import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import type { TrackQuality } from '../src/index.ts';
import { startRealRoom } from './real-room.ts';
import { createToneTrack } from './tracks.ts';
import { startUdpRelay } from './udp-relay.ts';

describe.skipIf(!requireOrSkip('mediasoup'))('the quality of a call', { timeout: 90_000 }, () => {
  test('falls with loss and delay, recovers with the network, and is written down', async () => {
    await using real = await startRealRoom({ quality: { reportIntervalMs: 1_000 } });
    await using relay = await startUdpRelay();
    const ada = await real.join({ identity: 'ada' });
    const ben = await real.join({ identity: 'ben' }, { codec: relay.codec });
    using tone = createToneTrack();
    await ada.room.publish(tone.track, { source: 'microphone' });
    const measured: TrackQuality[] = [];
    ben.room.on('tracksMeasured', (tracks) => measured.push(...tracks));
    const scoreOfBen = () => ben.room.quality.get(ben.room.peerId)?.score ?? 0;

    await eventually(() => scoreOfBen() > 4.2, 'a good score', 30_000);
    await eventually(() => measured.some(({ bitrate }) => bitrate > 5_000), 'a measure', 15_000);
    relay.impair({ lossPercent: 10, delayMs: 100 });
    await eventually(() => scoreOfBen() > 0 && scoreOfBen() < 3.8, 'a score below 3.8', 30_000);
    expect(ben.room.quality.get(ben.room.peerId)?.tracks).toMatchObject([{ direction: 'recv' }]);
    // Ada is told that Ben is in trouble, not what of.
    await eventually(() => (ada.room.quality.get(ben.room.peerId)?.score ?? 5) < 3.8, 'what others see');
    expect(ada.room.quality.get(ben.room.peerId)?.tracks).toEqual([]);
    relay.impair({});
    await eventually(() => scoreOfBen() > 4.2, 'the recovery', 30_000);

    await ben.room.leave();
    const dir = join(real.server.dataDir, 'calls');
    const text = await eventually(async () => {
      const [name] = await readdir(dir).catch(() => []);
      return name === undefined ? '' : readFile(join(dir, name), 'utf8');
    }, 'a line in the journal');
    const line = JSON.parse(text) as { score: { min: number } };
    expect(line).toMatchObject({
      room: 'standup',
      identity: 'ben',
      path: 'udp',
      reason: 'left',
      codecs: ['audio/opus'],
    });
    expect(line.score.min).toBeLessThan(3.8);

    const ask = (can: readonly ('join' | 'moderate')[]) =>
      fetch(`${real.server.url}/api/v1/calls?room=standup`, {
        headers: { authorization: `Bearer ${real.server.issueToken({ identity: 'cleo', can })}` },
      });
    expect(await (await ask(['moderate'])).json()).toMatchObject({ calls: [{ identity: 'ben' }] });
    expect((await ask(['join'])).status).toBe(403);
    expect((await fetch(`${real.server.url}/api/v1/calls?room=standup`)).status).toBe(401);
  });
});
