import { expect, test } from 'vitest';
import type { RingTarget } from '../../../signaling/calls/ring-target.ts';
import type { PhoneJoin } from '../../../signaling/phones/phone-desk.ts';
import { eventually } from '../../../test/support/eventually.ts';
import type { Call } from '../../drachtio/call.ts';
import { openBridge, openPhone } from '../testing/bridge-stage.ts';
import { roomOf } from '../testing/memory-phone-desk.ts';
import { memorySdp } from '../testing/memory-phone-media.ts';
import { routeTo } from '../testing/memory-trunks.ts';

const plan = `
realm: example.org
users:
  - { identity: ann, password: secret, numbers: ['100'] }
trunks:
  - { name: provider, outbound: { targets: ['sip:127.0.0.1:5999'] } }
rules:
  - { name: out, when: { calledPrefix: '+', from: user }, number: '{called}', trunks: [provider] }
  - { name: ann, when: { called: '100' }, user: ann }
`;
const join: PhoneJoin = { room: roomOf('call-7'), identity: 'tel:+4930123', name: '', number: '+4930123', trunk: '' };

/** Somebody at a browser calls, and what rings sends sound before anybody answers. `wanted`: they are to hear it. */
async function open(target: RingTarget, { wanted = true, places = 1, mostPeers = 10 } = {}) {
  const server = await openBridge(plan);
  server.desk.mostPeers = mostPeers;
  const phones = await Promise.all(
    Array.from({ length: places }, () =>
      openPhone('place', (call) => void call.progress(183, { sdp: memorySdp(6_000) })),
    ),
  );
  const [provider] = phones;
  if (provider !== undefined) server.trunks.routes = [routeTo('provider', provider.port)];
  for (const { uri } of phones) server.register('ann', uri);
  const told: string[] = [];
  const ringing = server.bridge.telephony.ring(
    target,
    { callId: 'call-7', legId: 'leg', from: { name: 'Mia', number: '' }, onBehalfOf: 'mia', ringMs: 45_000 },
    {
      ringing: () => {},
      early: () => (wanted ? { ...join, ringing: true } : undefined),
      answered: async () => {
        told.push('answered');
        return join;
      },
      failed: (failure) => told.push(failure),
    },
  );
  await eventually(() => phones.every(({ incoming }) => incoming.length === 1), 'that it rings');
  return {
    ...server,
    phones,
    ringing,
    told,
    inRoom: () =>
      eventually(() => {
        const [leg] = [...server.media.legs].filter(({ room }) => room !== undefined);
        return server.desk.peers[0]?.state.codec === '' ? undefined : leg;
      }, 'the sound in the room'),
    async answers(at = 0): Promise<Call> {
      const call = await phones[at]?.incoming[0]?.accept({ sdp: memorySdp(6_000) });
      await eventually(() => told.includes('answered'), 'the answer');
      return call ?? expect.fail('it does not ring there');
    },
    async nothingLeft() {
      await server.nothingLeft();
      for (const { facade } of phones) await facade.nothingLeft();
    },
  };
}

test('a number is heard in the room before it is answered, and goes on as the same peer without leaving', async () => {
  const { inRoom, desk, answers, nothingLeft } = await open({ number: '+4930123' });
  const leg = await inRoom();
  const [peer] = desk.peers;
  expect(peer?.state).toMatchObject({ ringing: true, codec: 'PCMU' });
  const call = await answers();
  await eventually(() => peer?.state.ringing === false, 'that it is told as answered');
  expect([desk.peers.length, leg.entered, leg.room === peer?.media]).toEqual([1, 1, true]);
  await call.bye();
  await nothingLeft();
});

test('an announcement before a refusal is heard, and its peer is out before the refusal is told', async () => {
  const { inRoom, desk, phones, told, nothingLeft } = await open({ number: '+4930123' });
  await inRoom();
  await phones[0]?.incoming[0]?.reject(404);
  await eventually(() => told.length > 0, 'the refusal');
  expect([told, desk.peers.map(({ left }) => left)]).toEqual([['unreachable'], [true]]);
  await nothingLeft();
});

test('who gives up takes what is heard early out of the room at once', async () => {
  const { inRoom, desk, ringing, nothingLeft } = await open({ number: '+4930123' });
  await inRoom();
  ringing.cancel('canceled');
  expect(desk.peers.map(({ left }) => left)).toEqual([true]);
  await nothingLeft();
});

test('sound that nobody in the room is to hear stays outside, and the answer enters', async () => {
  const { desk, answers, nothingLeft } = await open({ number: '+4930123' }, { wanted: false });
  expect(desk.peers).toEqual([]);
  const call = await answers();
  await eventually(() => desk.peers[0]?.state.codec, 'that it is in the room');
  expect(desk.peers[0]?.request).toBe(join);
  await call.bye();
  await nothingLeft();
});

test('of two places that ring, the first one is heard, and the one that answers goes on', async () => {
  const { inRoom, desk, media, phones, answers, nothingLeft } = await open({ uri: 'sip:100@127.0.0.1' }, { places: 2 });
  const heard = await inRoom();
  await eventually(() => media.legs.size === 2 && [...media.legs].every(({ taken }) => taken.length > 0), 'both');
  expect(desk.peers).toHaveLength(1);
  const first = phones.findIndex(({ incoming }) => incoming[0]?.sdp.includes(`m=audio ${heard.port} `));
  const call = await answers(1 - first);
  await eventually(() => desk.peers[1]?.state.codec, 'that the other one is in the room');
  expect(desk.peers.map(({ left }) => left)).toEqual([true, false]);
  await call.bye();
  await nothingLeft();
});

test('where the one that is heard comes to nothing, the other one is heard as a peer of its own', async () => {
  const { inRoom, desk, media, phones, told, answers, nothingLeft } = await open(
    { uri: 'sip:100@127.0.0.1' },
    { places: 2 },
  );
  const heard = await inRoom();
  await eventually(() => media.legs.size === 2 && [...media.legs].every(({ taken }) => taken.length > 0), 'both');
  const first = phones.findIndex(({ incoming }) => incoming[0]?.sdp.includes(`m=audio ${heard.port} `));
  await phones[first]?.incoming[0]?.reject(404);
  await eventually(() => desk.peers[1]?.state.codec, 'that the other one is in the room');
  expect([desk.peers.map(({ left }) => left), told]).toEqual([[true, false], []]);
  const call = await answers(1 - first);
  await eventually(() => desk.peers[1]?.state.ringing === false, 'that it is told as answered');
  expect(desk.peers).toHaveLength(2);
  await call.bye();
  await nothingLeft();
});

test('a room that was full before the answer is entered with it', async () => {
  const { desk, media, answers, nothingLeft } = await open({ number: '+4930123' }, { mostPeers: 0 });
  await eventually(() => [...media.legs].every(({ taken }) => taken.length > 0), 'the sound');
  desk.mostPeers = 1;
  const call = await answers();
  await eventually(() => desk.peers[0]?.state.codec, 'that it is in the room');
  await call.bye();
  await nothingLeft();
});
