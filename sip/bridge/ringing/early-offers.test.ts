import { expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { fieldOf } from '../../agent/facade/testing/udp-peer.ts';
import { openBridge } from '../testing/bridge-stage.ts';
import { type MemoryPhoneLeg, memorySdp } from '../testing/memory-phone-media.ts';
import { routeTo } from '../testing/memory-trunks.ts';

const plan = `
realm: example.org
users:
  - { identity: ann, password: secret, numbers: ['100'] }
trunks:
  - { name: provider, outbound: { targets: ['sip:127.0.0.1:5999'] } }
rules:
  - { name: out, when: { calledPrefix: '+', from: user }, number: '{called}', trunks: [provider] }
`;
const typed = ['Content-Type: application/sdp'];

/** A number that is dialled, whose provider has answered early and offered another session since. */
async function open() {
  const server = await openBridge(plan);
  const peer = await server.facade.peer();
  server.trunks.routes = [routeTo('provider', peer.port)];
  const told: string[] = [];
  server.bridge.telephony.ring(
    { number: '+4930123' },
    { callId: 'call-7', legId: 'leg', from: { name: '', number: '' }, onBehalfOf: 'ann', ringMs: 45_000 },
    {
      ringing: () => {},
      early: () => undefined,
      answered: async () => {
        told.push('answered');
        return undefined;
      },
      failed: (failure) => told.push(failure),
    },
  );
  const invite = await peer.next('INVITE');
  const [leg] = server.media.legs;
  const call = fieldOf(invite, 'Call-ID');
  const more = [...typed, 'Require: 100rel', 'RSeq: 1'];
  peer.answer(invite, '183 Session Progress', { toTag: call, body: memorySdp(6_000), more });
  peer.answer(await peer.next('PRACK'), '200 OK');
  const toTag = /;tag=([^;\s]+)/.exec(fieldOf(invite, 'From'))?.[1] ?? '';
  peer.request('UPDATE', { call, cseq: 7, toTag, body: memorySdp(6_002), more: typed });
  await peer.next('SIP/2.0 200');
  return {
    ...server,
    peer,
    invite,
    call,
    told,
    portsOf: (of: MemoryPhoneLeg | undefined) => of?.taken.map((sdp) => /m=audio (\d+)/.exec(sdp)?.[1]),
    leg,
    /** The call that it rang for is over by now. */
    async hungUp() {
      await eventually(() => told.length > 0, 'the answer');
      expect(told).toEqual(['answered']);
      peer.answer(await peer.next('BYE'), '200 OK');
      await server.nothingLeft();
    },
  };
}

test('an offer before the answer is answered by the leg, and the answer needs no description', async () => {
  const { peer, invite, call, leg, portsOf, hungUp } = await open();
  peer.answer(invite, '200 OK', { toTag: call });
  await hungUp();
  expect(portsOf(leg)).toEqual(['6000', '6002']);
});

test('a place that was heard meanwhile is left for the one that answers', async () => {
  const { peer, invite, call, leg, portsOf, hungUp } = await open();
  peer.answer(invite, '183 Session Progress', { toTag: 'other', body: memorySdp(6_004), more: typed });
  await eventually(() => leg?.taken.length === 3, 'the other place');
  peer.answer(invite, '200 OK', { toTag: call, body: memorySdp(6_000), more: typed });
  await hungUp();
  expect(portsOf(leg)).toEqual(['6000', '6002', '6004', '6002']);
});

test('the other place may answer as well', async () => {
  const { peer, invite, leg, portsOf, hungUp } = await open();
  peer.answer(invite, '200 OK', { toTag: 'other', body: memorySdp(6_004), more: typed });
  await hungUp();
  expect(portsOf(leg)).toEqual(['6000', '6002', '6004']);
});
