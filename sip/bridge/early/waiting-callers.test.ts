import { expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import type { Call } from '../../drachtio/call.ts';
import type { IncomingCall } from '../../drachtio/incoming-call.ts';
import { openBridge, openPhone, refusalOf } from '../testing/bridge-stage.ts';
import { memorySdp } from '../testing/memory-phone-media.ts';
import { routeTo } from '../testing/memory-trunks.ts';

const plan = `
realm: example.org
users:
  - { identity: ann, password: secret, numbers: ['100'] }
  - { identity: ben, password: secret, numbers: ['101'] }
trunks:
  - { name: provider, outbound: { targets: ['sip:127.0.0.1:5999'] } }
rules:
  - { name: out, when: { calledPrefix: '+', from: user }, number: '{called}', trunks: [provider] }
  - { name: ben, when: { called: '101' }, user: ben }
`;
const asAnn = { credentials: { user: 'ann', password: 'secret' }, headers: { From: '<sip:ann@127.0.0.1>' } };

/** Ann dials, and what rings there sends sound before anybody answers: the provider of a number, or both phones of Ben. */
async function open(called: '+4930123' | '101' = '+4930123', hops = 70) {
  const server = await openBridge(plan);
  const phone = await openPhone('ann');
  const speak = (call: IncomingCall) => void call.progress(183, { sdp: memorySdp(6_000) });
  const [provider, second] = await Promise.all([openPhone('provider', speak), openPhone('second', speak)]);
  server.trunks.routes = [routeTo('provider', provider.port)];
  for (const { uri } of [provider, second]) server.register('ben', uri);
  const headers = { ...asAnn.headers, 'Max-Forwards': String(hops) };
  const placed = phone.calls(`sip:${called}@127.0.0.1:${server.port}`, { ...asAnn, headers });
  const heard: string[] = [];
  placed.events.on('progress', ({ status, sdp }) => heard.push(`${status}${sdp === '' ? '' : ' with sound'}`));
  const call = await eventually(() => server.desk.calls[0], 'the call');
  const failures: string[] = [];
  const ringing = server.bridge.telephony.ring(
    call.request.to,
    {
      callId: call.callId,
      legId: 'leg',
      from: call.request.caller,
      onBehalfOf: call.request.caller.identity,
      ringMs: 45_000,
    },
    {
      ringing: () => call.told.ringing(),
      early: () => expect.fail('who calls by phone is in no room yet'),
      answered: async ({ number, trunk }) => {
        call.accept();
        const { room } = { room: server.desk.peers[0]?.room };
        return room && { room, identity: 'phone:x', name: 'x', number, trunk };
      },
      failed: (failure) => {
        failures.push(failure);
        call.told.failed(failure);
      },
    },
  );
  await eventually(() => heard.includes('183 with sound'), 'the sound');
  return {
    ...server,
    provider,
    second,
    placed,
    heard,
    ringing,
    async nothingLeft() {
      await server.nothingLeft();
      await phone.facade.nothingLeft();
      for (const { facade } of [provider, second]) await facade.nothingLeft();
    },
  };
}

test('a call goes one hop further, so that one that comes back here again and again ends', async () => {
  const { provider, placed, ringing, nothingLeft } = await open('+4930123', 5);
  expect(provider.incoming[0]?.headers.get('Max-Forwards')).toBe('4');
  await placed.cancel();
  ringing.cancel('canceled');
  await nothingLeft();
});

test('a caller hears what comes before the answer, and is heard', async () => {
  const { media, trunks, provider, placed, nothingLeft } = await open();
  const [ours, theirs] = [...media.legs];
  await eventually(() => ours?.bridged === theirs, 'that they hear each other');
  ours?.digitByInfo('1', 160);
  theirs?.digitByInfo('2', 160);
  expect([theirs?.sentDigits, ours?.sentDigits]).toEqual([['1'], []]);
  expect(trunks.asked).toEqual([{ number: '+4930123', trunks: ['provider'], identity: 'ann' }]);
  const calls: Call[] = [];
  const [invite] = provider.incoming;
  if (invite !== undefined) calls.push(await invite.accept({ sdp: memorySdp(6_000) }));
  const up = await placed.answered;
  expect(up.remoteSdp).toContain('m=audio');
  await up.bye();
  await calls[0]?.bye();
  await nothingLeft();
});

test('an announcement before a refusal is heard, and the refusal is told as what it is', async () => {
  const { provider, placed, heard, nothingLeft } = await open();
  await provider.incoming[0]?.reject(486);
  expect(await refusalOf(placed)).toMatch(/^486/);
  expect(heard.filter((one) => one === '183 with sound')).toHaveLength(1);
  await nothingLeft();
});

test('what was heard early ends with a caller who gives up', async () => {
  const { placed, ringing, media, provider, nothingLeft } = await open();
  await placed.cancel();
  ringing.cancel('canceled');
  await eventually(() => media.legs.size === 0, 'that no leg is left');
  await eventually(() => provider.incoming[0]?.canceled, 'that the provider is told');
  await nothingLeft();
});

test('of two phones that speak the first one is heard, and where it comes to nothing the other one', async () => {
  const { media, provider, second, placed, heard, nothingLeft } = await open('101');
  await eventually(() => media.legs.size === 3 && [...media.legs].every(({ taken }) => taken.length > 0), 'both');
  const [ours, ...theirs] = [...media.legs];
  const first = await eventually(() => theirs.find((leg) => ours?.bridged === leg), 'that one is heard');
  const phones = [provider, second];
  const failing = phones.find(({ incoming }) => incoming[0]?.sdp.includes(`m=audio ${first.port} `));
  await failing?.incoming[0]?.reject(486);
  const other = theirs.find((leg) => leg !== first);
  await eventually(() => ours?.bridged === other, 'that the other one is heard');
  ours?.digitByInfo('1', 160);
  expect([first.sentDigits, other?.sentDigits]).toEqual([[], ['1']]);
  expect(heard.filter((one) => one === '183 with sound')).toHaveLength(1);
  const call = await phones.find((one) => one !== failing)?.incoming[0]?.accept({ sdp: memorySdp(6_000) });
  await (await placed.answered).bye();
  await call?.bye();
  await nothingLeft();
});

test('what speaks at its second try, with other keys, is heard', async () => {
  const { media, provider, placed, nothingLeft } = await open();
  const [ours, first] = [...media.legs];
  await eventually(() => ours?.bridged === first, 'that the first try is heard');
  await provider.incoming[0]?.reject(488);
  await eventually(() => provider.incoming.length === 2 && ours?.bridged !== first, 'that the second one is heard');
  expect([...media.legs][1]?.options.srtp).toBe('required');
  expect(ours?.bridged).toBe([...media.legs][1]);
  await provider.incoming[1]?.reject(486);
  expect(await refusalOf(placed)).toMatch(/^486/);
  await nothingLeft();
});
