import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOpusStream, markOf, opusRtpParameters } from '../../bench/media/opus-stream.ts';
import { createRtpCaller, type RtpCaller } from '../../bench/media/rtp-caller.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { vp8Parameters } from '../../test/support/rtp-parameters.ts';
import { mediaDefaults, pipeListen } from '../../test/support/start-media.ts';
import type { EngineNodePipe, EngineProducer, EngineRouter, EngineTransport, MediaEngine } from '../engine.ts';
import { createMediasoupEngine } from './engine.ts';

const parts = { options: mediaDefaults, clock: systemClock, log: silentLogger };

async function openPair(from: EngineRouter, to: EngineRouter) {
  const [near, far] = await Promise.all([from.openNodePipe(pipeListen), to.openNodePipe(pipeListen)]);
  await Promise.all([near.connect(far.end), far.connect(near.end)]);
  const close = () => {
    near.close();
    far.close();
  };
  return { near, far, close, [Symbol.dispose]: close };
}

async function bring(id: string, { near, far }: { near: EngineNodePipe; far: EngineNodePipe }) {
  const { close: _close, ...track } = await near.send(id);
  return far.receive({ id, ...track });
}

describe.skipIf(!requireOrSkip('mediasoup'))('a pipe between the workers of two nodes', () => {
  const engines: MediaEngine[] = [];
  let home: EngineRouter;
  let away: EngineRouter;
  let transport: EngineTransport;
  let caller: RtpCaller;
  let voice: EngineProducer;
  const stream = createOpusStream({ ssrc: 7_000 });
  let mark = 0;
  const speak = () => {
    mark += 1;
    caller.send(stream.next({ mark }));
  };
  const packetsOf = async (producer: EngineProducer) => (await producer.sample())[0]?.packets ?? 0;

  beforeAll(async () => {
    engines.push(await createMediasoupEngine(parts), await createMediasoupEngine(parts));
    [home, away] = [await engines[0]!.createRouter(), await engines[1]!.createRouter()];
    transport = await home.createTransport();
    caller = createRtpCaller({ ssrc: 7_000, onRtp: () => {} });
    await transport.connect(caller.dtlsParameters);
    await caller.connect(transport);
    voice = await transport.produce({ kind: 'audio', rtpParameters: opusRtpParameters(7_000), paused: false });
  });
  afterAll(async () => {
    caller?.close();
    for (const engine of engines) await engine.close();
  });

  test('brings a sound to somebody on the other node, with its level, under its own id', async () => {
    using pair = await openPair(home, away);
    const copy = await bring(voice.id, pair);
    expect(copy.id).toBe(voice.id);
    const marks: number[] = [];
    const receiver = createRtpCaller({ ssrc: 7_001, onRtp: (packet) => marks.push(markOf(packet)) });
    const receives = await away.createTransport();
    await receives.connect(receiver.dtlsParameters);
    await receiver.connect(receives);
    const rtpCapabilities = { ...away.rtpCapabilities };
    const consumer = await receives.consume({ producerId: copy.id, rtpCapabilities });
    expect(consumer.rtpParameters.headerExtensions.map(({ uri }) => uri)).toContain(
      'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
    );
    await consumer.resume();
    const heard = new Promise((resolve) => away.events.once('voicesHeard', resolve));
    await eventually(() => {
      speak();
      return marks.length >= 20;
    }, 'packets come');
    expect(marks).toEqual(Array.from({ length: marks.length }, (_, at) => marks[0]! + at));
    const saying = setInterval(speak, 20);
    expect(await heard).toMatchObject({ voices: [{ producerId: voice.id }] });
    clearInterval(saying);
    receives.close();
    receiver.close();
  });

  test('nothing crosses while it is paused at home, and the same id may come by the next pipe', async () => {
    const first = await openPair(home, away);
    const before = await bring(voice.id, first);
    await voice.pause();
    // Whether it is received is known by its sender's counters.
    const sent = await packetsOf(voice);
    await eventually(async () => {
      speak();
      return (await packetsOf(voice)) > sent + 10;
    }, 'the home has packets');
    expect(await packetsOf(before)).toBe(0);
    first.close();
    using second = await openPair(home, away);
    const { paused, close, ...track } = await second.near.send(voice.id);
    expect(paused).toBe(true);
    const copy = await second.far.receive({ id: voice.id, paused, ...track });
    await copy.resume();
    await voice.resume();
    await eventually(async () => {
      speak();
      return (await packetsOf(copy)) > 10;
    }, 'packets come again');
    close();
  });

  test('nothing crosses while its sender holds it, and the copy need not know', async () => {
    using pair = await openPair(home, away);
    const sent = await pair.near.send(voice.id);
    const { kind, rtpParameters, paused } = sent;
    const copy = await pair.far.receive({ id: voice.id, kind, rtpParameters, paused });
    await sent.pause();
    const before = await packetsOf(voice);
    await eventually(async () => {
      speak();
      return (await packetsOf(voice)) > before + 10;
    }, 'the home has packets');
    expect(await packetsOf(copy)).toBe(0);
    await sent.resume();
    await eventually(async () => {
      speak();
      return (await packetsOf(copy)) > 10;
    }, 'packets come');
    sent.close();
    await expect(sent.pause()).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND' });
  });

  test('a picture keeps its layers', async () => {
    using pair = await openPair(home, away);
    const rtpParameters = vp8Parameters({ layers: 3 });
    const picture = await transport.produce({ kind: 'video', rtpParameters, paused: false });
    const copy = await bring(picture.id, pair);
    expect(copy.layers.spatial).toBe(3);
    picture.close();
  });

  test('what is no end of a pipe is refused, and so is a second one', async () => {
    using pair = await openPair(home, away);
    await expect(pair.near.connect(pair.far.end)).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    for (const part of [
      { keyBase64: 'AA' },
      { keyBase64: '' },
      { ip: 'nowhere' },
      { ip: '' },
      { cryptoSuite: 'NULL' },
    ]) {
      const pipe = await home.openNodePipe(pipeListen);
      await expect(pipe.connect({ ...pair.far.end, ...part }), JSON.stringify(part)).rejects.toMatchObject({
        reason: 'MEDIA_UNAVAILABLE',
      });
      pipe.close();
      pipe.close();
    }
    await expect(pair.near.send('nobody')).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND' });
  });

  test('tracks that are none are refused, and those that are there go on', async () => {
    using pair = await openPair(home, away);
    const { close: _close, ...track } = await pair.near.send(voice.id);
    const copy = await pair.far.receive({ id: voice.id, ...track });
    const [codec] = track.rtpParameters.codecs;
    const garbage = [
      { codecs: [] },
      { encodings: [] },
      { codecs: [{ ...codec!, mimeType: 'audio/nothing' }] },
      // Those of one that is there.
      {},
    ];
    for (const [index, part] of garbage.entries()) {
      const rtpParameters = { ...track.rtpParameters, ...part };
      await expect(
        pair.far.receive({ ...track, id: `garbage-${index}`, rtpParameters }),
        JSON.stringify(part),
      ).rejects.toMatchObject({ reason: expect.stringMatching(/^(RTP_PARAMETERS_REFUSED|CANNOT_CONSUME)$/) });
    }
    const before = await packetsOf(copy);
    await eventually(async () => {
      speak();
      return (await packetsOf(copy)) > before + 10;
    }, 'the sound goes on');
  });

  test('packets of strangers and of another key come to nothing', async () => {
    using pair = await openPair(home, away);
    const copy = await bring(voice.id, pair);
    using stranger = Object.assign(createSocket('udp4'), { [Symbol.dispose]: () => stranger.close() });
    stranger.bind(0, '127.0.0.1');
    await once(stranger, 'listening');
    for (let packet = 0; packet < 50; packet += 1)
      stranger.send(Buffer.alloc(200, 0x80), pair.far.end.port, '127.0.0.1');
    const wrong = await home.openNodePipe(pipeListen);
    const deaf = await away.openNodePipe(pipeListen);
    await wrong.connect(deaf.end);
    await deaf.connect({ ...wrong.end, keyBase64: pair.near.end.keyBase64 });
    const { close: _close, ...track } = await wrong.send(voice.id);
    const unheard = await deaf.receive({ ...track, id: 'unheard' });
    await eventually(async () => {
      speak();
      return (await packetsOf(copy)) > 20;
    }, 'the sound comes by the good pipe');
    expect(await packetsOf(unheard)).toBe(0);
    wrong.close();
    deaf.close();
  });

  test('has no end where no port is free', async () => {
    using pair = await openPair(home, away);
    const { port } = pair.near.end;
    await expect(home.openNodePipe({ ...pipeListen, portMin: port, portMax: port })).rejects.toMatchObject({
      reason: 'MEDIA_UNAVAILABLE',
    });
  });
});
