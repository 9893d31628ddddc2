import { describe, expect, test } from 'vitest';
import { parseCSeq } from '../messages/parse-cseq.ts';
import { answered, calling } from './testing/established.ts';
import { nothing } from './testing/stage.ts';

const referTo = ['Refer-To', '<sip:other@x.example>'] as const;
const notifyWith = (state: string, event = 'refer') =>
  [
    ['Event', event],
    ['Subscription-State', state],
  ] as const;

/** A call in which the phone asked for a transfer, was promised it, and hung up. */
async function referredAndGone() {
  const { s, ok, session } = await answered();
  await s.say(s.phone.within(ok, 'REFER', [referTo]));
  s.us.respond('REFER', 202);
  await s.say(s.phone.within(ok, 'BYE'));
  s.us.respond('BYE', 200);
  await s.pass();
  expect(s.phone.take()).toEqual(['202', '200']);
  expect(s.us.told()).toEqual(['REFER', 'BYE']);
  return { s, ok, session };
}

describe('the dialog of a call that is over', () => {
  test('carries the NOTIFYs of a REFER that came, and is gone with the last one', async () => {
    const { s, ok, session } = await referredAndGone();
    s.us.within(session, 'NOTIFY', notifyWith('active;expires=60'));
    await s.pass();
    expect(s.phone.request('NOTIFY').headers.get('To')).toBe(ok.headers.get('From'));
    await s.say(s.phone.answer(s.phone.request('NOTIFY'), 200));
    s.us.within(session, 'NOTIFY', notifyWith('terminated;reason=noresource'));
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('NOTIFY'), 200));
    expect([s.phone.take(), s.us.told()]).toEqual([
      ['NOTIFY', 'NOTIFY'],
      ['200', '200', 'over'],
    ]);
    expect(s.us.agent.stats).toMatchObject({ calls: 0, dialogs: 0 });
    expect(await s.left()).toEqual(nothing());
  });

  test('has room for nothing else: 481 both ways, and nobody replaces it', async () => {
    const { s, ok, session } = await referredAndGone();
    for (const method of ['INVITE', 'INFO', 'UPDATE', 'BYE']) await s.say(s.phone.within(ok, method));
    expect(s.phone.take()).toEqual(['481', '481', '481', '481']);
    for (const method of ['INVITE', 'INFO', 'UPDATE', 'BYE']) s.us.within(session, method);
    expect(s.us.told()).toEqual(['481', '481', '481', '481']);
    expect(s.phone.take()).toEqual([]);
    const { callId, localTag, remoteTag } = session.dialog!;
    const replaces = { callId, toTag: localTag, fromTag: remoteTag, earlyOnly: false };
    expect(s.us.agent.findDialog(replaces)).toBe(603);
    session.end('SHUTDOWN');
    await s.pass();
    expect(s.phone.request('NOTIFY').headers.get('Subscription-State')).toBe('terminated;reason=deactivated');
    expect(await s.left()).toEqual(nothing());
  });

  test('ends with a NOTIFY of the agent where the application says nothing until the time is over', async () => {
    const { s } = await referredAndGone();
    await s.pass(179_000);
    expect(s.phone.take()).toEqual([]);
    await s.pass(1_000);
    const last = s.phone.request('NOTIFY').headers;
    expect([last.get('Event'), last.get('Subscription-State')]).toEqual(['refer', 'terminated;reason=timeout']);
    expect(s.us.told()).toEqual(['over']);
    expect(await s.left()).toEqual(nothing());
  });

  test('ends when the other side does not know of it any more, and stays while it only asks who we are', async () => {
    for (const [status, calls] of [
      [481, 0],
      [407, 1],
    ] as const) {
      const { s, session } = await referredAndGone();
      s.us.within(session, 'NOTIFY', notifyWith('active'));
      await s.pass();
      await s.say(s.phone.answer(s.phone.request('NOTIFY'), status));
      expect(s.us.agent.stats.calls).toBe(calls);
      await s.pass(180_000);
      expect(await s.left()).toEqual(nothing());
    }
  });

  test('hears the NOTIFYs of a REFER of ours, though one came before its answer, until the last', async () => {
    const { s, session, ok } = await calling();
    s.us.within(session, 'REFER', [referTo]);
    await s.pass();
    const refer = s.phone.request('REFER');
    await s.say(s.phone.within(ok, 'NOTIFY', notifyWith('active;expires=60')));
    s.us.respond('NOTIFY', 200);
    await s.say(s.phone.answer(refer, 202));
    s.us.within(session, 'BYE');
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('BYE'), 200));
    const number = parseCSeq(refer.headers.get('CSeq') ?? '')?.number;
    // Of another one, that there never was.
    await s.say(s.phone.within(ok, 'NOTIFY', notifyWith('active', 'refer;id=7')));
    await s.say(s.phone.within(ok, 'NOTIFY', notifyWith('terminated;reason=noresource', `refer;id=${number}`)));
    s.us.respond('NOTIFY', 200);
    await s.pass();
    expect(s.us.told()).toEqual(['NOTIFY', '202', '200', 'NOTIFY', 'over']);
    await s.say(s.phone.within(ok, 'NOTIFY', notifyWith('active')));
    expect(s.phone.take()).toEqual(['REFER', '200', 'BYE', '481', '200', '481']);
    expect(await s.left()).toEqual(nothing());
  });

  test('is gone 64 times T1 after the answer to a REFER of ours that is never notified', async () => {
    const { s, session } = await calling();
    s.us.within(session, 'REFER', [referTo]);
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('REFER'), 202));
    s.us.within(session, 'BYE');
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('BYE'), 200));
    await s.pass(31_000);
    expect(s.us.agent.stats.calls).toBe(1);
    await s.pass(1_000);
    expect(s.us.agent.stats).toMatchObject({ calls: 0, dialogs: 0 });
    expect(await s.left()).toEqual(nothing());
  });

  test.each([
    ['refused', 603, []],
    ['accepted without a subscription', 200, [['Refer-Sub', 'false']]],
  ] as const)('is gone with the BYE when the REFER was %s', async (_how, status, fields) => {
    const theirs = await answered();
    await theirs.s.say(theirs.s.phone.within(theirs.ok, 'REFER', [referTo]));
    theirs.s.us.respond('REFER', status, fields);
    await theirs.s.say(theirs.s.phone.within(theirs.ok, 'BYE'));
    expect(theirs.s.us.agent.stats).toMatchObject({ calls: 0, dialogs: 0 });
    const { s, session } = await calling();
    s.us.within(session, 'REFER', [referTo]);
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('REFER'), status, fields));
    s.us.within(session, 'BYE');
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('BYE'), 200));
    expect(s.us.agent.stats).toMatchObject({ calls: 0, dialogs: 0 });
    expect([await theirs.s.left(), await s.left()]).toEqual([nothing(), nothing()]);
  });

  test('is kept for no more subscriptions than it may have', async () => {
    const { s, ok, session } = await answered();
    for (let at = 0; at < 12; at += 1) {
      await s.say(s.phone.within(ok, 'REFER', [referTo]));
      s.us.respond('REFER', 202);
      await s.pass();
    }
    s.phone.take();
    session.end('APPLICATION_GONE');
    await s.pass();
    expect(s.phone.take()).toEqual([...Array.from({ length: 8 }, () => 'NOTIFY'), 'BYE']);
    expect(await s.left()).toEqual(nothing());
  });
});
