import { expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import type { Call } from '../drachtio/call.ts';
import { openBridge, openPhone, refusalOf } from './testing/bridge-stage.ts';
import { memorySdp } from './testing/memory-phone-media.ts';
import { routeTo } from './testing/memory-trunks.ts';

const plan = `
realm: example.org
users:
  - { identity: ann, password: secret, numbers: ['100'] }
trunks:
  - { name: provider, outbound: { targets: ['sip:127.0.0.1:5999'] } }
rules:
  - { name: out, when: { calledPrefix: '+', from: user }, number: '{called}', trunks: [provider] }
`;
const asAnn = { credentials: { user: 'ann', password: 'secret' }, headers: { From: '<sip:ann@127.0.0.1>' } };

/** Ann dials a number, and the provider sends sound before anybody answers. */
async function open() {
  const server = await openBridge(plan);
  const phone = await openPhone('ann');
  const provider = await openPhone('provider', (call) => void call.progress(183, { sdp: memorySdp(6_000) }));
  server.trunks.routes = [routeTo('provider', provider.port)];
  const placed = phone.calls(`sip:+4930123@127.0.0.1:${server.port}`, asAnn);
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
    placed,
    heard,
    ringing,
    async nothingLeft() {
      await server.nothingLeft();
      await phone.facade.nothingLeft();
      await provider.facade.nothingLeft();
    },
  };
}

test('a caller hears what comes before the answer, and is heard', async () => {
  const { media, trunks, provider, placed, nothingLeft } = await open();
  const [ours, theirs] = [...media.legs];
  await eventually(() => ours?.bridged === theirs, 'that they hear each other');
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
