// Calls that are handed on and taken over, and sound before the answer, by what is heard.

import { describe, expect, test } from 'vitest';
import { tagOf } from '../../../sip/agent/messages/parse-name-addr.ts';
import type { Call } from '../../../sip/drachtio/call.ts';
import { eventually } from '../../support/eventually.ts';
import { hangUp, registeredPhone, tones } from '../../support/phones/phone.ts';
import { startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { hearEachOther, listenAt, untilHeard } from '../../support/phones/recordings.ts';
import { type ScriptedPhone, startScriptedPhone } from '../../support/phones/scripted-phone.ts';
import { requireOrSkip } from '../../support/require.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip');

/** How another call of the same phone is named (RFC 3891): `to` is the tag of the server, `from` that of the phone. */
function replacing(call: Call, to: string): string {
  const [callId, from] = call.id.split(';from-tag=');
  return `${callId};to-tag=${to};from-tag=${from}`;
}

/** A call of this phone, and the tag that the server has in it. */
async function place(phone: ScriptedPhone, uri: string) {
  let tag = '';
  const placed = phone.sip.place({
    uri,
    sdp: phone.rtp.describe(),
    headers: { From: '<sip:ann@127.0.0.1>' },
    credentials: { user: 'ann', password: 'secret' },
  });
  placed.events.on('progress', ({ answer }) => {
    tag = tagOf(answer.headers.get('To')) ?? '';
  });
  const call = await placed.answered;
  phone.rtp.connect(call.remoteSdp);
  return { call, tag };
}

describe.skipIf(!here)('a phone with two calls', { timeout: 60_000 }, () => {
  test('brings the two others together and is out', async () => {
    const server = await startPhoneServer(planOfThree);
    const at = (number: string) => `sip:${number}@127.0.0.1:${server.port}`;
    const ben = await registeredPhone(server, { user: 'ben', answers: true });
    const cy = await registeredPhone(server, { user: 'cy', answers: true, codecs: ['PCMA/8000/1'] });
    const ann = await startScriptedPhone(tones.ann);
    const first = await ann.dial(at('101'), 'ann');
    await first.modify(ann.rtp.describe('sendonly'));
    const { call: second, tag } = await place(ann, at('102'));
    const told: string[] = [];
    first.events.on('notify', ({ body }) => told.push(body.trim()));
    await first.refer(`<${at('102')}?Replaces=${encodeURIComponent(replacing(second, tag))}>`);
    await Promise.all([first.ended, second.ended]);
    expect(told).toEqual(['SIP/2.0 100 Trying', 'SIP/2.0 200 OK']);
    await hearEachOther(ben, cy);
    expect([ben, cy].flatMap(({ events }) => events).filter(({ type }) => type === 'CALL_CLOSED')).toEqual([]);
    await hangUp(cy);
    await ben.heard('CALL_CLOSED');
  });
});

describe.skipIf(!here)('a phone that takes the place of another call', { timeout: 60_000 }, () => {
  test('of its own goes on where that one was', async () => {
    const server = await startPhoneServer(planOfThree);
    const ben = await registeredPhone(server, { user: 'ben', answers: true });
    const desk = await startScriptedPhone(tones.cy);
    const mobile = await startScriptedPhone(tones.ann);
    const { call, tag } = await place(desk, `sip:101@127.0.0.1:${server.port}`);
    const headers = { From: '<sip:ann@127.0.0.1>', Replaces: replacing(call, tag) };
    const taken = await mobile.dial(`sip:101@127.0.0.1:${server.port}`, 'ann', { headers });
    expect(await call.ended).toMatchObject({ by: 'them', reason: 'another call took its place' });
    await Promise.all([untilHeard((ms) => mobile.listen(ms), 'ben'), untilHeard((ms) => listenAt(ben, ms), 'ann')]);
    await taken.bye();
    await ben.heard('CALL_CLOSED');
  });
});

describe.skipIf(!here)('a number whose network speaks before it answers', { timeout: 60_000 }, () => {
  test('is heard early, and hears the caller; then they go on', async () => {
    const plan = `
realm: phones.test
users:
  - { identity: ann, password: secret, numbers: ['100'] }
trunks:
  - { name: provider, outbound: { targets: ['sip:127.0.0.1:PORT'], probeSeconds: 0 } }
rules:
  - { name: out, when: { calledPrefix: '+', from: user }, number: '{called}', trunks: [provider] }
`;
    const provider = await startScriptedPhone(tones.cy, (call, rtp) => {
      rtp.connect(call.sdp);
      void call.progress(183, { sdp: rtp.describe() });
    });
    const server = await startPhoneServer(plan.replace('PORT', String(provider.port)));
    const ann = await startScriptedPhone(tones.ann);
    const placed = ann.sip.place({
      uri: `sip:+4930123@127.0.0.1:${server.port}`,
      sdp: ann.rtp.describe(),
      headers: { From: '<sip:ann@127.0.0.1>' },
      credentials: { user: 'ann', password: 'secret' },
    });
    placed.events.on('progress', ({ sdp }) => {
      if (sdp !== '') ann.rtp.connect(sdp);
    });
    const invite = await eventually(() => provider.incoming[0], 'the call');
    const bothWays = () =>
      Promise.all([untilHeard((ms) => ann.listen(ms), 'cy'), untilHeard((ms) => provider.listen(ms), 'ann')]);
    await bothWays();
    await invite.accept({ sdp: provider.rtp.describe() });
    const call = await placed.answered;
    await bothWays();
    await call.bye();
  });
});
