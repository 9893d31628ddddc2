import { expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { fieldOf } from '../../agent/facade/testing/udp-peer.ts';
import { memorySdp } from '../testing/memory-phone-media.ts';
import { routeTo } from '../testing/memory-trunks.ts';
import { last, openRinging } from '../testing/ring-stage.ts';

const typed = 'Content-Type: application/sdp';

/** A number whose provider refuses who cannot acknowledge what it says before the answer (RFC 3262). */
async function dial() {
  const server = await openRinging();
  const provider = await server.facade.peer();
  server.trunks.routes = [routeTo('provider', provider.port)];
  const { told, ringing } = server.ring({ number: '+4930123' });
  const invite = await provider.next('INVITE');
  const call = fieldOf(invite, 'Call-ID');
  const [leg] = server.media.legs;
  return {
    ...server,
    provider,
    invite,
    told,
    ringing,
    call,
    portsHeard: () => leg?.taken.map((sdp) => /m=audio (\d+)/.exec(sdp)?.[1]),
    announce(rseq: number, body = '') {
      const understands = /\b100rel\b/.test(fieldOf(invite, 'Supported'));
      if (!understands) provider.answer(invite, '421 Extension Required', { more: ['Require: 100rel'] });
      const more = ['Require: 100rel', `RSeq: ${rseq}`, ...(body === '' ? [] : [typed])];
      if (understands) provider.answer(invite, '183 Session Progress', { toTag: call, more, body });
    },
    /** It hangs up. */
    async bye() {
      const toTag = /;tag=([^;\s]+)/.exec(fieldOf(invite, 'From'))?.[1] ?? '';
      provider.request('BYE', { call, cseq: 2, toTag });
      await provider.next('SIP/2.0 200');
      await server.nothingLeft();
    },
  };
}

test('an announcement that must not get lost is heard and acknowledged, once however often it comes', async () => {
  const { provider, invite, told, ringing, call, announce, portsHeard, nothingLeft } = await dial();
  const cseq = fieldOf(invite, 'CSeq');
  announce(11, memorySdp(6_000));
  const prack = await provider.next('PRACK');
  expect([fieldOf(prack, 'RAck'), fieldOf(prack, 'To')]).toEqual([`11 ${cseq}`, expect.stringContaining(call)]);
  announce(11, memorySdp(6_000));
  provider.answer(prack, '200 OK');
  announce(12, memorySdp(6_002));
  const next = await provider.next('PRACK');
  expect(fieldOf(next, 'RAck')).toBe(`12 ${cseq}`);
  provider.answer(next, '200 OK');
  await eventually(() => portsHeard()?.includes('6002'), 'the second one');
  expect(portsHeard()).toEqual(['6000', '6002']);
  ringing.cancel('canceled');
  provider.answer(await provider.next('CANCEL'), '200 OK');
  provider.answer(invite, '487 Request Terminated', { toTag: call });
  await provider.next('ACK');
  expect(new Set(told)).toEqual(new Set(['ringing']));
  await nothingLeft();
});

test('the answer after it needs no description', async () => {
  const { provider, invite, told, call, announce, portsHeard, bye } = await dial();
  announce(1, memorySdp(6_000));
  provider.answer(await provider.next('PRACK'), '200 OK');
  provider.answer(invite, '200 OK', { toTag: call });
  await provider.next('ACK');
  expect(await last(told)).toBe('answered +4930123 provider');
  expect(new Set(portsHeard())).toEqual(new Set(['6000']));
  await bye();
});

test('a PRACK that is refused or not answered is no reason to end the call', async () => {
  const { provider, invite, told, call, announce, bye } = await dial();
  announce(1, memorySdp(6_000));
  provider.answer(await provider.next('PRACK'), '481 Call/Transaction Does Not Exist');
  announce(2);
  await provider.next('PRACK');
  provider.answer(invite, '200 OK', { toTag: call, more: [typed], body: memorySdp(6_000) });
  await provider.next('ACK');
  expect(await last(told)).toBe('answered +4930123 provider');
  await bye();
});
