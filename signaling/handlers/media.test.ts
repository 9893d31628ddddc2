import { describe, expect, test } from 'vitest';
import type { ProducerInfo } from '../../proto/gen/types.ts';
import { startSignaling, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';
import type { GrantName } from '../token-verifier.ts';

const room = 'standup';
const rtpParameters = { codecs: [{ mimeType: 'audio/opus' }], encodings: [] };
const kindOf = { microphone: 'audio', camera: 'video', screen: 'video', 'screen-audio': 'audio' } as const;

async function createTransport(client: TestClient, direction: 'send' | 'recv'): Promise<string> {
  return (await client.call('media.createTransport', { room, direction })).transportId;
}

function toProduceRequest(transportId: string, source: ProducerInfo['source'] = 'microphone') {
  return { room, transportId, kind: kindOf[source], source, rtpParameters };
}

async function produce(client: TestClient, source: ProducerInfo['source'] = 'microphone'): Promise<string> {
  const transportId = await createTransport(client, 'send');
  return (await client.call('media.produce', toProduceRequest(transportId, source))).producerId;
}

async function consume(client: TestClient, producerId: string): Promise<string> {
  const transportId = await createTransport(client, 'recv');
  return (await client.call('media.consume', { room, transportId, producerId })).consumerId;
}

async function startCall(t: TestSignaling) {
  const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
  const producerId = await produce(ada);
  const consumerId = await consume(bob, producerId);
  ada.link.take();
  bob.link.take();
  return { ada, bob, producerId, consumerId, media: t.media.room(room) };
}

describe('media.produce', () => {
  const needed: [ProducerInfo['source'], GrantName][] = [
    ['microphone', 'publish:audio'],
    ['camera', 'publish:video'],
    ['screen', 'publish:screen'],
    ['screen-audio', 'publish:screen'],
  ];

  test.each(needed)('of a %s without %s fails with GRANT_MISSING', async (source, grant) => {
    const t = startSignaling();
    const others = needed.map(([, other]) => other).filter((other) => other !== grant);
    const client = await t.join({ identity: 'ada', can: ['join', ...others] });
    const error = await client.refusal('media.produce', toProduceRequest('transport-1', source));
    expect([error.reason, error.details]).toEqual(['GRANT_MISSING', { grant }]);
  });

  test.each(needed)('of a %s needs nothing but %s', async (source, grant) => {
    const t = startSignaling();
    const client = await t.join({ identity: 'ada', can: ['join', grant] });
    expect(await produce(client, source)).toBe('producer-2');
  });

  test('in an end-to-end encrypted room takes encrypted tracks of VP8 and Opus only', async () => {
    const t = startSignaling();
    const ada = await t.connect({ identity: 'ada' });
    await ada.call('room.join', { room, options: { e2ee: true } });
    const transportId = await createTransport(ada, 'send');
    const plain = await ada.refusal('media.produce', toProduceRequest(transportId));
    expect(plain.reason).toBe('E2EE_REQUIRED');
    for (const mimeType of ['video/H264', 'video/VP9', 'video/AV1']) {
      const codecs = [{ mimeType }, { mimeType: 'video/rtx' }];
      const request = { ...toProduceRequest(transportId, 'camera'), encrypted: true, rtpParameters: { codecs } };
      const error = await ada.refusal('media.produce', request);
      expect([error.reason, error.details]).toEqual(['E2EE_REFUSES', { what: `the codec ${mimeType}` }]);
    }
    await ada.call('media.produce', { ...toProduceRequest(transportId), encrypted: true });
    const codecs = [{ mimeType: 'video/VP8' }, { mimeType: 'video/rtx' }];
    const request = { ...toProduceRequest(transportId, 'camera'), encrypted: true, rtpParameters: { codecs } };
    await ada.call('media.produce', request);
    expect([...t.media.room(room).producers.values()].map(({ info }) => info.encrypted)).toEqual([true, true]);
  });

  test('on a transport of somebody else fails with TRANSPORT_NOT_FOUND', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    const transportId = await createTransport(ada, 'send');
    const error = await bob.refusal('media.produce', toProduceRequest(transportId));
    expect([error.reason, error.details]).toEqual(['TRANSPORT_NOT_FOUND', { transportId }]);
  });

  test('tells the others; the owner has the answer', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    ada.link.take();
    const producerId = await produce(ada);
    expect(ada.link.take()).toEqual([]);
    expect(bob.link.of('producerAdded')).toMatchObject([
      { room, producer: { producerId, kind: 'audio', source: 'microphone', paused: false } },
    ]);
  });

  test('that is not waited for any more leaves no producer behind', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const transportId = await createTransport(ada, 'send');
    const release = t.media.room(room).hold();
    const refusal = ada.refusal('media.produce', toProduceRequest(transportId));
    await t.turns.end();
    t.clock.advance(t.options.sessions.callTimeoutMs);
    expect((await refusal).reason).toBe('CALL_TIMEOUT');
    release();
    await t.turns.end();
    expect(t.media.room(room).producers.size).toBe(0);
  });

  test('whose grant goes while media is asked fails with GRANT_MISSING and leaves no producer behind', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const transportId = await createTransport(ada, 'send');
    const release = t.media.room(room).hold();
    const refusal = ada.refusal('media.produce', toProduceRequest(transportId));
    await ada.call('session.refresh', { token: t.verifier.issue({ identity: 'ada', can: ['join'] }) });
    release();
    expect((await refusal).details).toEqual({ grant: 'publish:audio' });
    expect(t.media.room(room).producers.size).toBe(0);
  });
});

describe('media.consume', () => {
  test('without subscribe fails with GRANT_MISSING', async () => {
    const t = startSignaling();
    const client = await t.join({ identity: 'ada', can: ['join'] });
    const error = await client.refusal('media.consume', { room, transportId: 'x', producerId: 'y' });
    expect([error.reason, error.details]).toEqual(['GRANT_MISSING', { grant: 'subscribe' }]);
  });

  test('of a producer that there is not fails with PRODUCER_NOT_FOUND', async () => {
    const t = startSignaling();
    const client = await t.join({ identity: 'ada' });
    const transportId = await createTransport(client, 'recv');
    const error = await client.refusal('media.consume', { room, transportId, producerId: 'none' });
    expect(error.reason).toBe('PRODUCER_NOT_FOUND');
  });

  test('that is not waited for any more leaves no consumer behind', async () => {
    const t = startSignaling();
    const { bob, producerId, media } = await startCall(t);
    const transportId = await createTransport(bob, 'recv');
    const release = media.hold();
    const refusal = bob.refusal('media.consume', { room, transportId, producerId });
    await t.turns.end();
    bob.link.lose();
    expect((await refusal).reason).toBe('CALL_CANCELLED');
    release();
    await t.turns.end();
    expect(media.consumers.size).toBe(1);
  });

  test('is closed by its owner without a word', async () => {
    const t = startSignaling();
    const { bob, consumerId, media } = await startCall(t);
    await bob.call('media.closeConsumer', { room, consumerId });
    expect(media.consumers.size).toBe(0);
    expect(bob.link.take()).toEqual([]);
    expect((await bob.refusal('media.closeConsumer', { room, consumerId })).reason).toBe('CONSUMER_NOT_FOUND');
  });
});

describe('calls about what one has', () => {
  test('with ids of somebody else fail and change nothing', async () => {
    const t = startSignaling();
    const { ada, bob, producerId, consumerId, media } = await startCall(t);
    for (const method of ['media.pauseProducer', 'media.resumeProducer', 'media.closeProducer']) {
      expect((await bob.refusal(method, { room, producerId })).reason).toBe('PRODUCER_NOT_FOUND');
    }
    for (const method of ['media.pauseConsumer', 'media.resumeConsumer', 'media.closeConsumer']) {
      expect((await ada.refusal(method, { room, consumerId })).reason).toBe('CONSUMER_NOT_FOUND');
    }
    const layers = { room, consumerId, spatialLayer: 0 };
    expect((await ada.refusal('media.setPreferredLayers', layers)).reason).toBe('CONSUMER_NOT_FOUND');
    const [transportId = ''] = [...media.transports.keys()];
    expect((await bob.refusal('media.restartIce', { room, transportId })).reason).toBe('TRANSPORT_NOT_FOUND');
    const fingerprints = [{ algorithm: 'sha-256', value: `${'AA:'.repeat(31)}AA` }];
    const connect = { room, transportId, dtlsParameters: { role: 'client', fingerprints } };
    expect((await bob.refusal('media.connectTransport', connect)).reason).toBe('TRANSPORT_NOT_FOUND');
    expect([media.producers.size, media.consumers.size]).toEqual([1, 1]);
  });

  test('pass to the media of the room', async () => {
    const t = startSignaling();
    const { ada, bob, producerId, consumerId, media } = await startCall(t);
    const [transportId = ''] = [...media.transports.keys()];
    const fingerprints = [{ algorithm: 'sha-256' as const, value: `${'AA:'.repeat(31)}AA` }];
    await ada.call('media.connectTransport', { room, transportId, dtlsParameters: { role: 'client', fingerprints } });
    expect(await ada.call('media.restartIce', { room, transportId })).toMatchObject({
      iceParameters: { iceLite: true },
    });
    await bob.call('media.pauseConsumer', { room, consumerId });
    await bob.call('media.resumeConsumer', { room, consumerId });
    await bob.call('media.setPreferredLayers', { room, consumerId, spatialLayer: 1 });
    expect(bob.link.of('consumerLayersChanged')).toEqual([{ room, consumerId, spatialLayer: 1, temporalLayer: 2 }]);
    await ada.call('media.pauseProducer', { room, producerId });
    await ada.call('media.resumeProducer', { room, producerId });
    expect(bob.link.of('producerChanged').map(({ producer }) => producer.paused)).toEqual([true, false]);
    await ada.call('media.closeProducer', { room, producerId });
    expect(media.producers.size).toBe(0);
  });
});

describe('what a client says of what it shows', () => {
  test('reaches the media of the room', async () => {
    const t = startSignaling();
    const { bob, producerId, consumerId, media } = await startCall(t);
    const view = { width: 320, height: 180, hidden: false };
    await bob.call('media.setConsumerView', { room, consumerId, view });
    expect(media.consumers.get(consumerId)).toMatchObject({ producerId, view });
    await bob.call('media.reportStall', { room, consumerId });
    expect(media.stalls).toMatchObject([{ consumerId }]);
  });

  test('of a consumer of somebody else fails with CONSUMER_NOT_FOUND', async () => {
    const t = startSignaling();
    const { ada, consumerId } = await startCall(t);
    const view = { width: 320, height: 180, hidden: false };
    expect((await ada.refusal('media.setConsumerView', { room, consumerId, view })).reason).toBe('CONSUMER_NOT_FOUND');
    expect((await ada.refusal('media.reportStall', { room, consumerId })).reason).toBe('CONSUMER_NOT_FOUND');
  });
});
