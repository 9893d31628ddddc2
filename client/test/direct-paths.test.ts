import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { startImpairedRelay } from '../../test/support/impaired-path.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import type { ClientOptions, MediaMode } from '../src/index.ts';
import { auto } from './direct-room.ts';
import { hear } from './heard-sound.ts';
import { grows, type RealRoom, remoteTrack, startRealRoom } from './real-room.ts';
import { type ChangeCandidate, changingCandidates } from './signal-filter.ts';
import { createToneTrack } from './tracks.ts';
import { createWrtcDevice } from './wrtc-device.ts';

const long = { timeout: 120_000 };

/** Two with a sound each; what the other is told of each one's candidates is as the test wants it. */
async function startCall(real: RealRoom, change: ChangeCandidate, options: Partial<ClientOptions> = {}) {
  createWrtcDevice();
  const ada = await real.join({ identity: 'ada' }, { webSocket: changingCandidates(change) });
  const bob = await real.join({ identity: 'bob' }, { webSocket: changingCandidates(() => undefined), ...options });
  const tones = [createToneTrack(), createToneTrack({ frequencyHz: 660 })] as const;
  const modes: MediaMode[] = [];
  bob.room.on('mediaModeChanged', (mode) => modes.push(mode));
  await ada.room.publish(tones[0].track, { source: 'microphone' });
  await bob.room.publish(tones[1].track, { source: 'microphone' });
  const sound = await remoteTrack(bob.room, 'microphone');
  const back = await remoteTrack(ada.room, 'microphone');
  await grows(sound, 'totalAudioEnergy');
  return {
    ada,
    bob,
    modes,
    sound,
    back,
    viaServer: sound.track.id,
    heard: hear(bob.room, sound),
    [Symbol.dispose]() {
      this.heard[Symbol.dispose]();
      for (const tone of tones) tone[Symbol.dispose]();
    },
  };
}

/** Direct, over a relay that stands for the network between the two. */
async function startOverRelay(real: RealRoom) {
  const relay = await startImpairedRelay();
  const call = await startCall(real, ({ ip, port }) => {
    if (ip !== '127.0.0.1') return undefined;
    relay.target = port;
    return { ip, port: relay.port };
  });
  await eventually(() => call.sound.track.id !== call.viaServer, 'the sound comes directly', 30_000);
  await eventually(() => call.heard.buffers > 100, 'a second of it', 20_000);
  return { ...call, relay };
}

describe.skipIf(!requireOrSkip('mediasoup')).concurrent('a direct way', () => {
  test('that is not found is given up, and the call goes on as it was', long, async () => {
    await using real = await startRealRoom(auto);
    using call = await startCall(real, () => undefined);
    const { modes, sound, back, heard } = call;
    await eventually(() => modes.some(({ mode }) => mode === 'trying'), 'the try', 20_000);
    heard.restart();
    await eventually(() => modes.at(-1)?.mode === 'sfu', 'the end of the try', 40_000);
    expect(modes.map(({ mode, reason }) => [mode, reason])).toEqual([
      ['trying', 'start'],
      ['sfu', 'failed'],
    ]);
    console.log(`the longest gap in the sound while no way was found: ${Math.round(heard.longestGapMs)} ms`);
    expect(heard.longestGapMs).toBeLessThan(1_500);
    expect(sound.track.id).toBe(call.viaServer);
    for (const track of [sound, back]) await grows(track, 'totalAudioEnergy');
  });

  test('that loses packets is left for the server', long, async () => {
    await using real = await startRealRoom(auto);
    using call = await startOverRelay(real);
    await using _ = call.relay;
    call.relay.impair({ lossPercent: 15 });
    await eventually(() => call.modes.at(-1)?.mode === 'sfu', 'the lift', 60_000);
    expect(call.modes.at(-1)?.reason).toBe('bad');
    await eventually(() => call.sound.track.id === call.viaServer, 'the track of the server', 30_000);
    for (const track of [call.sound, call.back]) await grows(track, 'totalAudioEnergy');
  });

  test('that is cut is replaced by the server, without the server having to say so', long, async () => {
    await using real = await startRealRoom(auto);
    using call = await startOverRelay(real);
    await using _ = call.relay;
    call.heard.restart();
    call.relay.isCut = true;
    await eventually(() => call.sound.track.id === call.viaServer, 'the track of the server', 30_000);
    await eventually(() => call.modes.at(-1)?.mode === 'sfu', 'the lift', 30_000);
    expect(call.modes.at(-1)?.reason).toBe('failed');
    const before = call.heard.buffers;
    await eventually(() => call.heard.buffers > before + 50, 'the sound', 30_000);
    console.log(`the longest gap in the sound when the direct way was cut: ${Math.round(call.heard.longestGapMs)} ms`);
    await grows(call.back, 'totalAudioEnergy');
  });

  test('is not looked for with somebody whose application rules it out', long, async () => {
    await using real = await startRealRoom(auto);
    using call = await startCall(real, (candidate) => candidate, { direct: false });
    const askedAtMs = performance.now();
    await eventually(() => performance.now() - askedAtMs > 3_000, 'the time for it');
    expect(call.modes).toEqual([]);
    await grows(call.sound, 'totalAudioEnergy');
  });
});
