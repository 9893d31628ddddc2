import wrtc from '@roamhq/wrtc';
import type { types } from 'mediasoup';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { openSdpPage, type SdpPage } from '../../test/support/sdp-page.ts';
import { type SdpRouter, type SdpTransport, type SdpWorker, startSdpWorker } from '../../test/support/sdp-worker.ts';
import { SoundSender } from '../../test/support/sound-sender.ts';
import { createPicture, createTone } from '../../test/support/wrtc-tracks.ts';
import { readAnswer } from './read-answer.ts';
import { readSdp } from './read-sdp.ts';
import { OfferSlots } from './slots.ts';
import { leastReceiveCapabilities, payloadTypesOf, toReceiveCapabilities, toSendParameters } from './to-rtp.ts';
import type { AnsweredSection, OfferedSection, SdpDescription } from './types.ts';
import { writeAnswer } from './write-answer.ts';
import { writeOffer } from './write-offer.ts';

const canRun = requireOrSkip('browser') && requireOrSkip('mediasoup');

async function packetsOf(object: types.Producer | types.Consumer): Promise<number> {
  let packets = 0;
  for (const stats of await object.getStats()) {
    if (stats.type === 'inbound-rtp' || stats.type === 'outbound-rtp') packets += stats.packetCount;
  }
  return packets;
}

/** A producer for each section of an offer, and the answer that says so. */
async function takeOffer(router: SdpRouter, transport: SdpTransport, offer: SdpDescription, version = 1) {
  const producers: types.Producer[] = [];
  const sections: AnsweredSection[] = [];
  for (const section of offer.sections) {
    if (section.kind === 'application') throw new Error('no data was meant');
    const rtpParameters = toSendParameters(section, router.rtpCapabilities);
    producers.push(await transport.produce(section.kind, rtpParameters));
    sections.push({ kind: 'receive', rtpParameters });
  }
  return {
    producers,
    sections,
    answer: writeAnswer({ offer, server: transport.end, sessionId: '1', version, sections }),
  };
}

describe.skipIf(!canRun)('session descriptions between a page and a worker', () => {
  let worker: SdpWorker;
  let page: SdpPage;
  beforeAll(async () => {
    worker = await startSdpWorker();
    page = await openSdpPage();
  });
  afterAll(async () => {
    await page[Symbol.asyncDispose]();
    await worker[Symbol.asyncDispose]();
  });

  async function publish(name: string, offered = page.publish(name)) {
    const { router } = worker;
    const transport = await router.openTransport();
    const offer = readSdp(await offered);
    const { producers, sections, answer } = await takeOffer(router, transport, offer);
    await transport.connect(offer.dtls);
    await page.take(name, answer);
    for (const producer of producers) {
      await eventually(async () => (await packetsOf(producer)) > 20, `packets of ${name}’s ${producer.kind}`);
    }
    return { transport, producers, sections };
  }

  test('a page publishes by its offer, and plays what the server offers', async () => {
    const { router } = worker;
    const { producers } = await publish('sender');

    const transport = await router.openTransport();
    const abilities = toReceiveCapabilities(
      readSdp(await page.offer('abilities', ['audio recvonly', 'video recvonly'])),
      router.rtpCapabilities,
    );
    const slots = new OfferSlots();
    const consumed = new Map<string, Awaited<ReturnType<SdpTransport['consume']>>>();
    for (const { id: producerId, kind } of producers) {
      const mid = slots.assign(producerId, kind);
      consumed.set(producerId, await transport.consume({ producerId, rtpCapabilities: abilities, mid }));
    }
    const trackOf = (producerId: string) => {
      const track = consumed.get(producerId);
      return track && { rtpParameters: track.rtpParameters, streamId: 'stream', trackId: producerId };
    };
    const offered = slots.sections(trackOf);
    const offer = writeOffer({ server: transport.end, sessionId: '2', version: 1, sections: offered });
    const answer = readAnswer(await page.answer('player', offer), offered);
    expect(answer.refusedMids).toEqual(new Set());
    await transport.connect(answer.dtls);
    for (const { consumer } of consumed.values()) await consumer.resume();

    await eventually(async () => {
      const { 0: sound = 0, 1: frames = 0 } = await page.received('player');
      return sound > 0 && frames > 10;
    }, 'sound and frames');
    const before = (await page.received('player'))['1'] ?? 0;
    await eventually(async () => ((await page.received('player'))['1'] ?? 0) > before + 10, 'more frames');

    // The video ends, and another track comes into its section.
    const [, video] = producers;
    slots.release(video!.id);
    consumed.get(video!.id)!.consumer.close();
    const without = slots.sections(trackOf);
    const second = writeOffer({ server: transport.end, sessionId: '2', version: 2, sections: without });
    readAnswer(await page.answer('player', second), without);
    expect(await page.directions('player')).toEqual(['recvonly', 'inactive']);

    const other = await publish('other sender');
    const next = other.producers.find(({ kind }) => kind === 'video')!;
    const mid = slots.assign(next.id, 'video');
    expect(mid).toBe('1');
    consumed.set(next.id, await transport.consume({ producerId: next.id, rtpCapabilities: abilities, mid }));
    const again = slots.sections(trackOf);
    const third = writeOffer({ server: transport.end, sessionId: '2', version: 3, sections: again });
    expect(readAnswer(await page.answer('player', third), again).refusedMids).toEqual(new Set());
    await consumed.get(next.id)!.consumer.resume();
    await eventually(async () => ((await page.received('player'))['1'] ?? 0) > 10, 'frames of the next track');
  });

  test('a page goes on publishing over an ICE restart', async () => {
    const { transport, producers, sections } = await publish('restarting');
    const before = transport.end.iceParameters;
    const portBefore = transport.inner.iceSelectedTuple?.remotePort;
    const offer = readSdp(await page.restart('restarting'));
    await transport.inner.restartIce();
    expect(transport.end.iceParameters).not.toEqual(before);
    await page.take('restarting', writeAnswer({ offer, server: transport.end, sessionId: '1', version: 2, sections }));
    // A page gathers its candidates anew, so packets come from another port once the new credentials have been taken.
    await eventually(() => {
      const port = transport.inner.iceSelectedTuple?.remotePort;
      return port !== undefined && port !== portBefore;
    }, 'another path');
    const [sound] = producers;
    const sent = await packetsOf(sound!);
    await eventually(async () => (await packetsOf(sound!)) > sent + 50, 'more packets');
  });

  test('a page publishes layers, each of which arrives', async () => {
    const { producers } = await publish('layers', page.publishLayers('layers'));
    const [producer] = producers;
    expect(producer!.rtpParameters.encodings?.map(({ rid }) => rid)).toEqual(['low', 'high']);
    await eventually(
      async () => new Set((await producer!.getStats()).map((stats) => 'rid' in stats && stats.rid)).size === 2,
      'both layers',
    );
  });

  test('a page plays by its own offer from a router with its payload types', async () => {
    const { router } = worker;
    const { producers } = await publish('broadcaster');
    const offer = readSdp(await page.offer('viewer', ['audio recvonly', 'video recvonly']));
    const types = payloadTypesOf(offer, router.rtpCapabilities);
    expect(types.get('audio/opus')).not.toBe(
      router.rtpCapabilities.codecs.find(({ mimeType }) => mimeType === 'audio/opus')?.preferredPayloadType,
    );
    const edge = await worker.openRouter([
      {
        kind: 'audio',
        mimeType: 'audio/opus',
        clockRate: 48_000,
        channels: 2,
        preferredPayloadType: types.get('audio/opus')!,
      },
      { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000, preferredPayloadType: types.get('video/VP8')! },
    ]);
    const transport = await edge.openTransport();
    const consumers: types.Consumer[] = [];
    const sections: AnsweredSection[] = [];
    for (const { id } of producers) {
      const { consumer, rtpParameters } = await transport.consume({
        producerId: await router.pipe(id, edge),
        rtpCapabilities: { ...edge.rtpCapabilities, headerExtensions: [] },
        enableRtx: false,
      });
      consumers.push(consumer);
      sections.push({ kind: 'send', rtpParameters, streamId: 'stream', trackId: id });
    }
    await transport.connect(offer.dtls);
    await page.take('viewer', writeAnswer({ offer, server: transport.end, sessionId: '3', version: 1, sections }));
    for (const consumer of consumers) await consumer.resume();
    await eventually(async () => {
      const { 0: sound = 0, 1: frames = 0 } = await page.received('viewer');
      return sound > 0 && frames > 10;
    }, 'sound and frames');
  });
});

describe.skipIf(!requireOrSkip('mediasoup'))('session descriptions between other stacks and a worker', () => {
  test('libwebrtc for Node publishes by its offer, and plays what the server offers', async () => {
    await using worker = await startSdpWorker();
    const { router } = worker;
    const [tone, picture] = [createTone(), createPicture()];
    const sender = new wrtc.RTCPeerConnection();
    const receiver = new wrtc.RTCPeerConnection();
    try {
      const stream = new wrtc.MediaStream([tone.track, picture.track]);
      sender.addTrack(tone.track, stream);
      sender.addTrack(picture.track, stream);
      const made = await sender.createOffer();
      await sender.setLocalDescription(made);
      const offer = readSdp(made.sdp ?? '');
      const incoming = await router.openTransport();
      const { producers, answer } = await takeOffer(router, incoming, offer);
      await incoming.connect(offer.dtls);
      await sender.setRemoteDescription({ type: 'answer', sdp: answer });

      const outgoing = await router.openTransport();
      const consumers: types.Consumer[] = [];
      const sections: OfferedSection[] = [];
      for (const [index, { id: producerId, kind }] of producers.entries()) {
        const mid = String(index);
        const rtpCapabilities = leastReceiveCapabilities(router.rtpCapabilities);
        const { consumer, rtpParameters } = await outgoing.consume({ producerId, rtpCapabilities, mid });
        consumers.push(consumer);
        sections.push({ mid, kind, send: { rtpParameters, streamId: 'stream', trackId: mid } });
      }
      const sdp = writeOffer({ server: outgoing.end, sessionId: '5', version: 1, sections });
      await receiver.setRemoteDescription({ type: 'offer', sdp });
      const reply = await receiver.createAnswer();
      await receiver.setLocalDescription(reply);
      const { dtls, refusedMids } = readAnswer(reply.sdp ?? '', sections);
      expect(refusedMids).toEqual(new Set());
      await outgoing.connect(dtls);
      for (const consumer of consumers) await consumer.resume();
      await eventually(async () => {
        const reports = [...(await receiver.getStats()).values()];
        const video = reports.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video');
        const audio = reports.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio');
        return video?.framesDecoded > 10 && audio?.packetsReceived > 10;
      }, 'sound and frames');
    } finally {
      sender.close();
      receiver.close();
      tone.stop();
      picture.stop();
    }
  });

  test('libdatachannel publishes by its own offer', async () => {
    await using worker = await startSdpWorker();
    const { router } = worker;
    const transport = await router.openTransport();
    using sender = new SoundSender();
    const offer = readSdp(await sender.offer);
    const { producers, answer } = await takeOffer(router, transport, offer);
    await transport.connect(offer.dtls);
    await sender.start(answer);
    await eventually(async () => (await packetsOf(producers[0]!)) > 20, 'packets');
  });
});
