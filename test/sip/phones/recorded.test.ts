// Phones in a room that is recorded: each has a file of its own, with its voice alone.

import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readManifest } from '../../../media/recording/manifest.ts';
import { probe } from '../../../media/recording/testing/ffmpeg.ts';
import type { RecordingInfo } from '../../../proto/gen/types.ts';
import { eventually } from '../../support/eventually.ts';
import { signIn } from '../../support/phones/person.ts';
import { dial, hangUp, registeredPhone, type tones } from '../../support/phones/phone.ts';
import { startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { expectToHear, type Heard } from '../../support/phones/recordings.ts';
import { requireOrSkip, requirePath } from '../../support/require.ts';
import { readWav } from '../../support/tones.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip') && requireOrSkip('ffmpeg');
const room = 'lobby';
const run = promisify(execFile);

async function decode(path: string): Promise<Heard> {
  const wav = `${path}.wav`;
  await run(requirePath('ffmpeg'), ['-v', 'error', '-i', path, '-ac', '1', '-ar', '8000', wav]);
  const { sampleRate, channels } = await readWav(wav);
  return { sampleRate, pcm: channels[0] ?? new Int16Array() };
}

describe.skipIf(!here)('phones in a room that is recorded', { timeout: 90_000 }, () => {
  test('are in a file each, under their names, with what they said and nothing that they heard', async () => {
    const server = await startPhoneServer(planOfThree, { recording: { enabled: true, minFreeBytes: 0 } });
    const mia = await signIn(server, 'mia');
    await mia.call('room.join', { room });
    const [ann, ben, cy] = await Promise.all([
      registeredPhone(server, { user: 'ann' }),
      registeredPhone(server, { user: 'ben', codecs: ['G722/16000/1'] }),
      registeredPhone(server, { user: 'cy', codecs: ['opus/48000/2'] }),
    ]);
    // One is there before, the others come while it runs.
    await dial(ann, '800');
    const { recordingId } = await mia.call<RecordingInfo>('recording.start', { room });
    await Promise.all([dial(ben, '800'), dial(cy, '800')]);
    await eventually(() => mia.told('producerAdded').length === 3, 'all three are heard', 20_000);
    await delay(3_000);
    // One goes before it ends.
    await hangUp(cy);
    await delay(500);
    await mia.call('recording.stop', { room, recordingId });
    await Promise.all([hangUp(ann), hangUp(ben)]);

    const folder = join(server.dataDir, 'recordings', recordingId);
    const { state, tracks = [] } = (await readManifest(folder)) ?? {};
    expect(state).toBe('done');
    const facts = tracks.map(({ identity, name, source, codec }) => ({ identity, name, source, codec }));
    expect(facts.sort((one, other) => one.identity.localeCompare(other.identity))).toEqual([
      { identity: 'ann', name: 'Ann', source: 'microphone', codec: 'pcmu' },
      { identity: 'ben', name: 'Ben', source: 'microphone', codec: 'g722' },
      { identity: 'cy', name: 'Cy', source: 'microphone', codec: 'opus' },
    ]);
    expect((await readdir(folder)).filter((name) => name.includes('microphone'))).toHaveLength(3);
    for (const { identity, file = '', lostPackets } of tracks) {
      const path = join(folder, file);
      const { complaints, lastSeconds } = await probe(path);
      expect({ identity, complaints, lostPackets }).toEqual({ identity, complaints: '', lostPackets: 0 });
      expect(lastSeconds).toBeGreaterThan(2);
      expectToHear(await decode(path), identity as keyof typeof tones);
    }
  });
});
