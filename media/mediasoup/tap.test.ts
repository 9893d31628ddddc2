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
import { mediaDefaults } from '../../test/support/start-media.ts';
import type { EngineRouter, EngineTransport, MediaEngine } from '../engine.ts';
import { createMediasoupEngine } from './engine.ts';

const host = '127.0.0.1';

async function openSocket() {
  const socket = createSocket('udp4');
  const packets: { readonly packet: Buffer; readonly port: number }[] = [];
  socket.on('message', (packet, { port }) => packets.push({ packet: Buffer.from(packet), port }));
  socket.bind(0, host);
  await once(socket, 'listening');
  const isRtp = (packet: Buffer) => packet[1]! < 192 || packet[1]! > 223;
  return {
    target: { ip: host, port: socket.address().port },
    rtpOf: (ssrc: number | undefined) =>
      packets.filter(({ packet }) => isRtp(packet) && packet.readUInt32BE(8) === ssrc),
    [Symbol.dispose]: () => socket.close(),
  };
}

describe.skipIf(!requireOrSkip('mediasoup'))('a tap', () => {
  let engine: MediaEngine;
  let router: EngineRouter;
  let transport: EngineTransport;
  let caller: RtpCaller;
  beforeAll(async () => {
    engine = await createMediasoupEngine({ options: mediaDefaults, clock: systemClock, log: silentLogger });
    router = await engine.createRouter();
    transport = await router.createTransport();
    caller = createRtpCaller({ ssrc: 4_000, onRtp: () => {} });
    await transport.connect(caller.dtlsParameters);
    await caller.connect(transport);
  });
  afterAll(async () => {
    caller.close();
    await engine.close();
  });

  test('sends a sound to a socket as it comes, once it is resumed and until it is closed', async () => {
    using socket = await openSocket();
    const rtpParameters = opusRtpParameters(4_000);
    const producer = await transport.produce({ kind: 'audio', rtpParameters, paused: false });
    const tap = await router.createTap(socket.target);
    const track = await tap.consume({ producerId: producer.id, paused: true });
    const [ssrc, payloadType] = [track.rtpParameters.encodings[0]!.ssrc, track.rtpParameters.codecs[0]!.payloadType];
    const stream = createOpusStream({ ssrc: 4_000 });
    let mark = 0;
    const isSent = (packets: number) => {
      mark += 1;
      caller.send(stream.next({ mark }));
      return socket.rtpOf(ssrc).length >= packets;
    };
    for (let packet = 0; packet < 20; packet += 1) caller.send(stream.next({ mark: 1_000_000 }));
    await eventually(async () => (await producer.sample())[0]?.packets === 20, 'the worker has them');
    expect(socket.rtpOf(ssrc)).toEqual([]);

    await track.resume();
    await eventually(() => isSent(50), 'packets come');
    const received = socket.rtpOf(ssrc);
    expect(new Set(received.map(({ port }) => port))).toEqual(new Set([tap.localPort]));
    expect(new Set(received.map(({ packet }) => packet[1]! & 0x7f))).toEqual(new Set([payloadType]));
    const marks = received.map(({ packet }) => markOf(packet));
    expect(marks).toEqual(Array.from({ length: marks.length }, (_, at) => marks[0]! + at));
    // Nobody answers an estimate of bandwidth here.
    expect(track.rtpParameters.headerExtensions.map(({ uri }) => uri)).toContain(
      'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
    );
    expect(JSON.stringify(track.rtpParameters)).not.toMatch(/transport-cc|goog-remb|abs-send-time/);

    producer.close();
    await expect(track.resume()).rejects.toMatchObject({
      reason: expect.stringMatching(/^(CONSUMER_NOT_FOUND|MEDIA_UNAVAILABLE)$/),
    });
    tap.close();
    tap.close();
  });

  test('is refused what is not there', async () => {
    using socket = await openSocket();
    const tap = await router.createTap(socket.target);
    await expect(tap.consume({ producerId: 'nobody', paused: false })).rejects.toMatchObject({
      reason: 'PRODUCER_NOT_FOUND',
    });
    tap.close();
    const producer = await transport.produce({ kind: 'video', rtpParameters: vp8Parameters(), paused: false });
    await expect(tap.consume({ producerId: producer.id, paused: false })).rejects.toMatchObject({
      reason: 'MEDIA_UNAVAILABLE',
    });
    producer.close();
  });

  test('has every layer of a picture open, and no retransmissions of its own', async () => {
    using socket = await openSocket();
    const rtpParameters = vp8Parameters({ layers: 3 });
    const producer = await transport.produce({ kind: 'video', rtpParameters, paused: false });
    const tap = await router.createTap(socket.target);
    const { rtpParameters: tapped } = await tap.consume({ producerId: producer.id, paused: false });
    expect(tapped.encodings).toMatchObject([{ scalabilityMode: 'L3T3' }]);
    expect(tapped.codecs.map(({ mimeType }) => mimeType)).toEqual(['video/VP8']);
    expect(tapped.codecs[0]!.rtcpFeedback.map(({ type, parameter }) => `${type} ${parameter}`.trim())).not.toContain(
      'nack',
    );
    producer.close();
    tap.close();
  });
});
