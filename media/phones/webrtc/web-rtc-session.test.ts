import wrtc from '@roamhq/wrtc';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { createPeerId } from '../../../core/ids.ts';
import { silentLogger } from '../../../core/log.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { requireOrSkip } from '../../../test/support/require.ts';
import { mediaDefaults, startMedia } from '../../../test/support/start-media.ts';
import { createTone } from '../../../test/support/wrtc-tracks.ts';
import { createMediasoupEngine } from '../../mediasoup/engine.ts';
import { createPhoneMedia } from '../create-phone-media.ts';
import type { PhoneLeg } from '../phone-media.ts';
import { createRoomPerson } from '../testing/room-person.ts';
import { hears, legDefaults, recordLeg, sharesOf } from '../testing/start-phones.ts';

async function startPhones() {
  const engine = await createMediasoupEngine({ options: mediaDefaults, clock: systemClock, log: silentLogger });
  const options = {
    threads: 1,
    listenIp: '127.0.0.1',
    portMin: 28_000,
    portMax: 28_199,
    maxLateMs: 10_000,
    silenceTimeoutMs: 30_000,
  };
  const phones = await createPhoneMedia({ options, clock: systemClock, log: silentLogger, engine });
  return {
    phones,
    engine,
    async [Symbol.asyncDispose]() {
      await phones.close();
      await engine.close();
    },
  };
}

interface Sounds {
  readonly samples: Int16Array;
  readonly sampleRate: number;
  readonly channelCount?: number;
}

/** A browser's end of a call, with a tone for a microphone. */
function createBrowser(frequencyHz: number) {
  const connection = new wrtc.RTCPeerConnection({});
  const tone = createTone({ frequencyHz });
  connection.addTrack(tone.track);
  let pcm: number[] = [];
  let sink: InstanceType<typeof wrtc.nonstandard.RTCAudioSink> | undefined;
  connection.ontrack = ({ track }: { track: ConstructorParameters<typeof wrtc.nonstandard.RTCAudioSink>[0] }) => {
    sink = new wrtc.nonstandard.RTCAudioSink(track);
    sink.ondata = ({ samples, sampleRate, channelCount = 1 }: Sounds) => {
      // To 8 kHz, roughly: a tone of a telephone is one in each.
      const step = (sampleRate / 8000) * channelCount;
      for (let at = 0; at < samples.length; at += step) pcm.push(samples[at] ?? 0);
    };
  };
  return {
    connection,
    async offer() {
      await connection.setLocalDescription(await connection.createOffer());
      await eventually(() => connection.iceGatheringState === 'complete', 'candidates are gathered');
      return connection.localDescription?.sdp ?? '';
    },
    take: (sdp: string) => connection.setRemoteDescription({ type: 'answer', sdp }),
    async answer(sdp: string) {
      await connection.setRemoteDescription({ type: 'offer', sdp });
      await connection.setLocalDescription(await connection.createAnswer());
      return connection.localDescription?.sdp ?? '';
    },
    heard() {
      const all = Int16Array.from(pcm);
      pcm = [];
      return all;
    },
    [Symbol.dispose]() {
      sink?.stop();
      tone.stop();
      connection.close();
    },
  };
}

const browserLeg = { ...legDefaults, webrtc: true } as const;

describe.skipIf(!requireOrSkip('mediasoup'))('a phone in a browser', () => {
  test('calls, hears a prompt and a room, is heard, and holds', async () => {
    await using running = await startMedia();
    await using started = await startPhones();
    using browser = createBrowser(440);
    const leg = await started.phones.openLeg(browserLeg);
    await browser.take(await leg.answer(await browser.offer()));
    expect(leg).toMatchObject({ codec: 'opus', encrypted: true, held: false });
    const playing = leg.play([{ tones: [600], ms: 20_000 }]);
    await hears(() => browser.heard(), 600, 'it hears a prompt');
    leg.stopPlaying();
    await playing;

    const room = running.media.openRoom('standup');
    await using ben = await createRoomPerson(room);
    const ada = createPeerId();
    await leg.enter(room, ada, 'ada');
    ben.say(1000);
    await hears(() => browser.heard(), 1000, 'it hears the room');
    await hears(() => ben.heard(ada), 440, 'the room hears it');
    expect((await leg.stats()).codec).toBe('opus');

    const held = (await browser.offer()).replace(/a=sendrecv/g, 'a=sendonly');
    expect(await leg.answer(held)).toContain('a=recvonly');
    expect(leg.held).toBe(true);
    await eventually(
      async () => ((await sharesOf(() => ben.heard(ada), [440], 300))[0] ?? 0) < -20,
      'its music is not heard',
    );
    expect(await leg.answer(await browser.offer())).toContain('a=sendrecv');
    await hears(() => ben.heard(ada), 440, 'it is heard again');
  });

  test('is called, and refuses what is no answer of a browser', async () => {
    await using started = await startPhones();
    using browser = createBrowser(440);
    const leg = await started.phones.openLeg(browserLeg);
    const told = recordLeg(leg);
    const offer = await leg.offer();
    expect(offer).toMatch(/^m=audio \d+ UDP\/TLS\/RTP\/SAVPF/m);
    await expect(leg.takeAnswer('v=0\r\n')).rejects.toMatchObject({ reason: 'SDP_REFUSED' });
    await leg.takeAnswer(await browser.answer(offer));
    void leg.play([{ tones: [600], ms: 20_000 }]);
    await hears(() => browser.heard(), 600, 'it hears a prompt');
    await eventually(() => told.some(({ name }) => name === 'heard'), 'it is heard');
    await leg.takeAnswer(await browser.answer(await leg.offer({ hold: true })));
    expect(leg.heldByUs).toBe(true);
    await leg.takeAnswer(await browser.answer(await leg.offer({ hold: false })));
    expect(leg.heldByUs).toBe(false);
  });

  test('ends with its worker, and leaves nothing there when it is closed', async () => {
    await using started = await startPhones();
    const legs: PhoneLeg[] = [];
    for (const tone of [440, 700]) {
      using browser = createBrowser(tone);
      const leg = await started.phones.openLeg(browserLeg);
      await leg.answer(await browser.offer());
      legs.push(leg);
    }
    legs[0]!.close();
    await eventually(async () => (await started.engine.stats()).workers[0]?.routers === 1, 'one router is left');
    const told = recordLeg(legs[1]!);
    process.kill((await started.engine.stats()).workers[0]?.pid ?? 0, 'SIGKILL');
    await eventually(() => told.some(({ name }) => name === 'closed'), 'the other is told');
    expect(started.phones.stats().legs).toBe(0);
  });
});
