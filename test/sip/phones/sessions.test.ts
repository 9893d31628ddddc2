// How sessions change within a call, by what is heard.

import { beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { briefPrompts } from '../../support/phones/brief-prompts.ts';
import { dial, registeredPhone, type TestPhone, tones } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { expectToHear, listenAt, untilHeard, untilSilent } from '../../support/phones/recordings.ts';
import { type ScriptedPhone, startScriptedPhone } from '../../support/phones/scripted-phone.ts';
import { requireOrSkip } from '../../support/require.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip');

describe.skipIf(!here)('a phone in a room with another', { timeout: 60_000 }, () => {
  let server: PhoneServer;
  let ann: ScriptedPhone;
  let ben: TestPhone;
  const lobby = () => `sip:800@127.0.0.1:${server.port}`;

  beforeEach(async () => {
    const promptsFolder = await briefPrompts(['room-entered']);
    server = await startPhoneServer(planOfThree, { sip: { promptsFolder } });
    ann = await startScriptedPhone(tones.ann);
    ben = await registeredPhone(server, { user: 'ben' });
    await dial(ben, '800');
  });

  const atAnn = (ms = 1_000) => ann.listen(ms);
  const atBen = (ms = 1_000) => listenAt(ben, ms);
  const settled = () => Promise.all([untilHeard(atAnn, 'ben'), untilHeard(atBen, 'ann')]);

  test.each([
    ['sendonly', (sdp: string) => sdp],
    ['inactive', (sdp: string) => sdp],
    ['sendrecv', (sdp: string) => sdp.replace('c=IN IP4 127.0.0.1', 'c=IN IP4 0.0.0.0')],
  ])(
    'that holds by %s (%#) hears nothing, nor is heard whatever it plays, until it goes on',
    async (direction, change) => {
      const call = await ann.dial(lobby(), 'ann');
      await settled();
      await call.modify(change(ann.rtp.describe(direction)));
      // It still says its tone, as one that plays music to whom it holds.
      await Promise.all([untilSilent(atAnn), untilSilent(atBen)]);
      ann.rtp.connect(await call.modify(ann.rtp.describe()));
      await settled();
      await call.bye();
    },
  );

  test('that only listens (recvonly) hears on, and is not heard', async () => {
    const call = await ann.dial(lobby(), 'ann');
    await settled();
    await call.modify(ann.rtp.describe('recvonly'));
    await untilSilent(atBen);
    expectToHear(await atAnn(), 'ben');
    ann.rtp.connect(await call.modify(ann.rtp.describe()));
    await settled();
    await call.bye();
  });

  test('that lets the server offer hears the other, from the first call on and when it asks again', async () => {
    const call = await ann.sip.place({
      uri: lobby(),
      headers: { From: '<sip:ann@127.0.0.1>' },
      credentials: { user: 'ann', password: 'secret' },
      answer: (offer) => {
        ann.rtp.connect(offer);
        return ann.rtp.describe();
      },
    }).answered;
    await settled();
    await call.modify((offer) => {
      ann.rtp.connect(offer);
      return ann.rtp.describe();
    });
    await settled();
    await call.bye();
  });

  test('that offers what cannot be taken stays as it was', async () => {
    const call = await ann.dial(lobby(), 'ann');
    await settled();
    const video = ann.rtp.describe().replace('m=audio', 'm=video');
    await expect(call.modify(video)).rejects.toMatchObject({ status: 488 });
    await settled();
    await call.bye();
  });

  test('and hangs up with the reason that it has', async () => {
    const call = await ann.dial(lobby(), 'ann');
    await call.bye({ Reason: 'Q.850;cause=16;text="battery is empty"' });
    const ended = () => server.lines.find(({ message }) => message === 'phone call ended');
    await eventually(ended, 'the record');
    expect(ended()?.fields).toMatchObject({ why: 'battery is empty', trunk: '', room: 'lobby' });
  });
});
