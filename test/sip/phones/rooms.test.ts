// Real phones in real rooms: what one says is found in what the other one recorded.

import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { briefPrompts } from '../../support/phones/brief-prompts.ts';
import { dial, hangUp, type PhoneOptions, registeredPhone } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { expectSilence, fairMos, heardBy, hearEachOther, lastOf } from '../../support/phones/recordings.ts';
import { requireOrSkip } from '../../support/require.ts';
import { testCertificate } from '../../support/sip-certificate.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip') && requireOrSkip('openssl');

/** Both hear each other in the lobby, and have hung up. */
async function meet(server: PhoneServer, forAnn: Partial<PhoneOptions>, forBen: Partial<PhoneOptions>) {
  const [ann, ben] = await Promise.all([
    registeredPhone(server, { ...forAnn, user: 'ann' }),
    registeredPhone(server, { ...forBen, user: 'ben' }),
  ]);
  await dial(ann, '800');
  await dial(ben, '800');
  await hearEachOther(ann, ben);
  await Promise.all([hangUp(ann), hangUp(ben)]);
  return ann;
}

/** What one is told who enters a room is for others to test. */
const briefly = async () => ({ sip: { promptsFolder: await briefPrompts(['room-entered']) } });
const endedCalls = (server: PhoneServer) => server.lines.filter(({ message }) => message === 'phone call ended');

describe.skipIf(!here)('two phones in a room hear each other and not themselves', { timeout: 60_000 }, () => {
  test.each([
    ['PCMU and PCMU', ['PCMU/8000/1'], ['PCMU/8000/1']],
    ['PCMU and PCMA', ['PCMU/8000/1'], ['PCMA/8000/1']],
    ['G.722 and PCMA', ['G722/16000/1'], ['PCMA/8000/1']],
    ['Opus and PCMU', ['opus/48000/2'], ['PCMU/8000/1']],
    ['Opus and G.722', ['opus/48000/2'], ['G722/16000/1']],
  ] as const)('by %s', async (_names, ours, theirs) => {
    const server = await startPhoneServer(planOfThree, await briefly());
    await meet(server, { codecs: ours }, { codecs: theirs });
    await eventually(() => endedCalls(server).length === 2, 'that both have left');
    const spoken = { PCMU: 'PCMU', PCMA: 'PCMA', G722: 'G722', opus: 'opus' };
    const codecs = endedCalls(server).map(({ fields }) => fields['codec']);
    const offered = [ours, theirs].map(([codec]) => spoken[codec.split('/')[0] as keyof typeof spoken]);
    expect(codecs.toSorted()).toEqual(offered.toSorted());
    for (const { fields } of endedCalls(server)) {
      expect(fields['mos']).toBeGreaterThan(fairMos);
      expect(fields).toMatchObject({ direction: 'incoming', room: 'lobby', why: 'it hung up' });
    }
  });

  test.each(['tcp', 'tls'] as const)('over %s with SRTP', async (transport) => {
    const server = await startPhoneServer(planOfThree, { tls: testCertificate(), ...(await briefly()) });
    const secure = { transport, encryption: 'srtp-mand' } as const;
    const ann = await meet(server, secure, { ...secure, codecs: ['PCMA/8000/1'] });
    expect(ann.events.some(({ type }) => type === 'CALL_MENC')).toBe(true);
    await eventually(() => endedCalls(server).length === 2, 'that both have left');
    for (const { fields } of endedCalls(server)) expect(fields).toMatchObject({ encrypted: true });
  });

  test('and a phone alone hears nothing of itself', async () => {
    const server = await startPhoneServer(planOfThree, await briefly());
    const ann = await registeredPhone(server, { user: 'ann' });
    await dial(ann, '800');
    // An echo would be there by then.
    await delay(2_500);
    await hangUp(ann);
    const [heard] = await heardBy(ann);
    expectSilence(heard && lastOf(heard, 1_500));
  });
});
