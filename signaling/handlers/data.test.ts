import { describe, expect, test } from 'vitest';
import { startSignaling, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';
import type { GrantName } from '../token-verifier.ts';

const room = 'standup';
const all: GrantName[] = ['join', 'publish:data', 'subscribe'];

async function open(client: TestClient) {
  const transport = (direction: 'send' | 'recv') =>
    client.call('media.createTransport', { room, direction, data: true });
  const [send, recv] = [await transport('send'), await transport('recv')];
  return { sendTransportId: send.transportId, recvTransportId: recv.transportId };
}

const refresh = (t: TestSignaling, client: TestClient, can: GrantName[]) =>
  client.call('session.refresh', { token: t.verifier.issue({ identity: 'ada', can }) });

describe('data.open', () => {
  test('answers with the streams of the caller’s channels', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada', can: all });
    const transports = await open(ada);
    expect(await ada.call('data.open', { room, ...transports })).toMatchObject({
      sendReliableStream: 0,
      sendLossyStream: 1,
    });
  });

  test.each<[string, GrantName[], 'sendTransportId' | 'recvTransportId']>([
    ['publish:data', ['join', 'subscribe'], 'sendTransportId'],
    ['subscribe', ['join', 'publish:data'], 'recvTransportId'],
  ])('without %s is refused, for that direction only', async (grant, can, direction) => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada', can });
    const { [direction]: refused, ...allowed } = await open(ada);
    const error = await ada.refusal('data.open', { room, [direction]: refused });
    expect([error.reason, error.details]).toEqual(['GRANT_MISSING', { grant }]);
    await ada.call('data.open', { room, ...allowed });
  });
});

describe('data.open of an end-to-end encrypted room', () => {
  test('is refused: messages would pass here as they are', async () => {
    const t = startSignaling();
    const ada = await t.connect({ identity: 'ada', can: all });
    await ada.call('room.join', { room, options: { e2ee: true } });
    const transports = await open(ada);
    const error = await ada.refusal('data.open', { room, ...transports });
    expect([error.reason, error.details]).toEqual(['E2EE_REFUSES', { what: 'data messages' }]);
  });
});

describe('data of a peer', () => {
  test('ends with the grant for it, which its owner is told', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada', can: all });
    const { sendTransportId, recvTransportId } = await open(ada);
    await ada.call('data.open', { room, sendTransportId });
    await ada.call('data.open', { room, recvTransportId });
    await refresh(t, ada, ['join', 'subscribe']);
    expect([...t.media.room(room).transports.keys()]).toEqual([recvTransportId]);
    expect(ada.link.of('transportClosed')).toEqual([{ room, transportId: sendTransportId }]);
    await refresh(t, ada, ['join']);
    expect([...t.media.room(room).transports.keys()]).toEqual([]);
    expect(ada.link.of('transportClosed').map(({ transportId }) => transportId)).toContain(recvTransportId);
  });

  test('is not opened when the grant goes while media is asked', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada', can: all });
    const { sendTransportId } = await open(ada);
    const release = t.media.room(room).hold();
    const refusal = ada.refusal('data.open', { room, sendTransportId });
    await refresh(t, ada, ['join', 'subscribe']);
    release();
    expect((await refusal).reason).toBe('GRANT_MISSING');
    expect(t.media.room(room).transports.has(sendTransportId)).toBe(false);
  });

  test('that is closed already is no matter when the grant goes', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada', can: all });
    const { sendTransportId } = await open(ada);
    await ada.call('data.open', { room, sendTransportId });
    await ada.call('media.closeTransport', { room, transportId: sendTransportId });
    await refresh(t, ada, ['join']);
    expect(ada.link.of('transportClosed')).toEqual([]);
  });
});
