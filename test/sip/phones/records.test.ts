// What is left of phones, where those look for it who want to know how a call was.

import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CallInfo, ReadLogResponse } from '../../../proto/gen/types.ts';
import { eventually } from '../../support/eventually.ts';
import { type Person, signIn } from '../../support/phones/person.ts';
import { dial, hangUp, registeredPhone, tones } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { fairMos } from '../../support/phones/recordings.ts';
import { startScriptedPhone } from '../../support/phones/scripted-phone.ts';
import { requireOrSkip } from '../../support/require.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip');

interface PhoneLine {
  readonly identity: string;
  readonly phone: { readonly codec: string; readonly quality?: { readonly mos: number } };
}

describe.skipIf(!here)('the record of a phone', { timeout: 90_000 }, () => {
  let server: PhoneServer;
  let mia: Person;

  beforeEach(async () => {
    server = await startPhoneServer(planOfThree, { sip: { media: { silenceTimeoutMs: 4_000 } } });
    mia = await signIn(server, 'mia');
  });

  const ask = (query: string, room = '*') =>
    fetch(`${server.url}/api/v1/calls?${query}`, {
      headers: { authorization: `Bearer ${server.issueToken({ identity: 'op', room, can: ['moderate'] })}` },
    });

  test('that dialled into a room is in the room’s log, and among those of all rooms for operators', async () => {
    const ann = await registeredPhone(server, { user: 'ann', codecs: ['PCMA/8000/1'] });
    await dial(ann, '800');
    await delay(3_000);
    await hangUp(ann);
    const lines = await eventually(async () => {
      const { calls } = (await (await ask('kind=phone')).json()) as { calls: PhoneLine[] };
      return calls.length > 0 ? calls : undefined;
    }, 'the line');
    expect(lines).toMatchObject([
      { kind: 'phone', room: 'lobby', identity: 'ann', phone: { codec: 'PCMA', callId: '', endReason: 'hung-up' } },
    ]);
    expect(lines[0]?.phone.quality?.mos).toBeGreaterThan(fairMos);
    const midnight = new Date().setUTCHours(0, 0, 0, 0);
    expect(await (await ask(`kind=phone&before=${midnight}`)).json()).toEqual({ calls: [] });
    expect(await (await ask('room=lobby&kind=client', 'lobby')).json()).toEqual({ calls: [] });
    expect((await ask('kind=phone', 'lobby')).status).toBe(403);
    for (const wrong of ['kind=fax', 'before=yesterday', 'before=', 'room=%20']) {
      expect([wrong, (await ask(wrong)).status]).toEqual([wrong, 400]);
    }

    await mia.call('room.join', { room: 'lobby' });
    const { records } = await mia.call<ReadLogResponse>('log.read', { room: 'lobby' });
    const visits = records.flatMap(({ call }) => (call?.step === 'visited' ? [call] : []));
    expect(visits).toMatchObject([{ callId: '', reason: 'hung-up', leg: { identity: 'ann', codec: 'PCMA' } }]);
    expect(visits[0]?.leg?.quality?.mos).toBeGreaterThan(fairMos);
  });

  test('whose packets were lost says how many, and that it was heard worse for it', async () => {
    const [ann, ben] = await Promise.all([startScriptedPhone(tones.ann), startScriptedPhone(tones.ben)]);
    ann.rtp.lose(10);
    const lobby = `sip:800@127.0.0.1:${server.port}`;
    const calls = await Promise.all([ann.dial(lobby, 'ann'), ben.dial(lobby, 'ben')]);
    await ann.listen(4_000);
    for (const call of calls) await call.bye();
    const ended = () => server.lines.filter(({ message }) => message === 'phone call ended');
    await eventually(() => ended().length === 2, 'both records');
    await mia.call('room.join', { room: 'lobby' });
    const { records } = await mia.call<ReadLogResponse>('log.read', { room: 'lobby' });
    const legs = records.flatMap(({ call }) => (call?.step === 'visited' && call.leg ? [call.leg] : []));
    const qualityOf = (who: string) => legs.find(({ identity }) => identity === who)?.quality ?? { mos: 0, loss: 0 };
    const [atLoss, clean] = [qualityOf('ann'), qualityOf('ben')];
    expect(atLoss.loss).toBeGreaterThan(0.08);
    expect(atLoss.loss).toBeLessThan(0.12);
    expect(clean.loss).toBeLessThan(0.02);
    // ITU-T G.107 and G.113: one of ten takes 1.6 off G.711, and less where packets are late as well.
    expect(clean.mos - atLoss.mos).toBeGreaterThan(0.4);
    expect(atLoss.mos).toBeGreaterThan(1);
  });

  test('that vanished from a call without a word says that nothing came of it', async () => {
    const ann = await registeredPhone(server, { user: 'ann', answers: true });
    const { room } = await mia.call<CallInfo>('call.start', { to: [{ user: 'ann' }] });
    await mia.call('room.join', { room });
    await mia.callThat(({ state }) => state === 'accepted', 'the answer');
    await delay(1_000);
    process.kill(ann.pid, 'SIGKILL');
    await eventually(() => mia.told('callEnded').length > 0, 'the end', 20_000);
    const { calls } = await mia.call<{ calls: CallInfo[] }>('call.list');
    expect(calls[0]?.endReason).toBe('no-media');
    const leg = calls[0]?.legs.find(({ identity }) => identity === 'ann');
    expect([leg?.endReason, leg?.codec]).toEqual(['no-media', 'PCMU']);
  });
});
