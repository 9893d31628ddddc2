import { describe, expect, test } from 'vitest';
import { parseReplaces } from '../messages/parse-replaces.ts';
import { nothing, offer, withPhone } from './testing/stage.ts';

const phoneUri = 'sip:phone@192.0.2.9';
/** 64 × T1. */
const patienceMs = 32_000;

/** The phone called, we accepted, it acknowledged. */
async function answered(options = {}, fields: readonly (readonly [string, string])[] = []) {
  const s = await withPhone(options);
  await s.say(s.phone.make('INVITE', fields, offer));
  s.us.respond('INVITE', 200, [], offer);
  await s.pass();
  const ok = s.phone.response(200);
  await s.say(s.phone.within(ok, 'ACK'));
  s.phone.take();
  s.us.told();
  const session = s.us.last('INVITE').session!;
  return { ...s, s, ok, session };
}

/** We called, the phone accepted, we acknowledged. */
async function calling(fields: readonly (readonly [string, string])[] = []) {
  const s = await withPhone();
  const session = s.us.call(phoneUri);
  await s.pass();
  const ok = s.phone.answer(s.phone.request('INVITE'), 200, fields, { body: offer });
  await s.say(ok);
  s.us.acknowledge(session);
  await s.pass();
  s.phone.take();
  s.us.told();
  return { s, session, ok };
}

describe('a call that came', () => {
  test('rings, is accepted and acknowledged, and ends with the BYE of the caller', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.respond('INVITE', 180);
    await s.pass();
    s.us.respond('INVITE', 200, [], offer);
    await s.pass();
    const ok = s.phone.response(200);
    await s.say(s.phone.within(ok, 'ACK'));
    expect(s.us.last('INVITE').session?.state).toBe('confirmed');
    await s.say(s.phone.within(ok, 'BYE'));
    s.us.respond('BYE', 200);
    await s.pass();
    expect(s.phone.take()).toEqual(['180', '200', '200']);
    expect(s.us.told()).toEqual(['INVITE', 'acknowledged', 'BYE', 'over']);
    expect(await s.left()).toEqual(nothing());
  });

  test('says its 2xx again with pauses up to T2, until the ACK comes', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.respond('INVITE', 200);
    await s.pass(8_000);
    // At 0, 0.5, 1.5, 3.5 and 7.5 seconds.
    expect(s.phone.heard.filter((message) => message.kind === 'response' && message.status === 200)).toHaveLength(5);
    const ok = s.phone.response(200);
    s.phone.take();
    await s.say(s.phone.within(ok, 'ACK'));
    await s.say(s.phone.within(ok, 'ACK'));
    await s.pass(10_000);
    expect([s.phone.take(), s.us.told()]).toEqual([[], ['INVITE', 'acknowledged']]);
    s.us.last('INVITE').session!.end('APPLICATION_GONE');
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('BYE'), 200));
    expect(await s.left()).toEqual(nothing());
  });

  test('ends with a BYE of the agent when no ACK comes', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.respond('INVITE', 200);
    await s.pass(patienceMs + 100);
    expect(s.phone.request('BYE').headers.get('Reason')).toContain('ACK timeout');
    expect(s.us.told()).toEqual(['INVITE', 'ACK_TIMEOUT', 'over']);
    expect(await s.left()).toEqual(nothing());
  });

  test('hangs up only when its 2xx is acknowledged', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.respond('INVITE', 200);
    await s.pass();
    s.us.within(s.us.last('INVITE').session!, 'BYE');
    await s.pass(1_000);
    const ok = s.phone.response(200);
    expect(s.phone.take()).not.toContain('BYE');
    await s.say(s.phone.within(ok, 'ACK'));
    expect(s.phone.take()).toEqual(['BYE']);
    expect(await s.left()).toEqual(nothing());
  });

  test('says BYE after all when the ACK of a 2xx never comes', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.respond('INVITE', 200);
    await s.pass();
    s.us.within(s.us.last('INVITE').session!, 'BYE');
    await s.pass(patienceMs + 100);
    expect(s.phone.take()).toContain('BYE');
    expect(await s.left()).toEqual(nothing());
  });

  test('is refused by 503 when the agent ends it while it rings, and no BYE is said', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.respond('INVITE', 180);
    await s.pass();
    s.us.last('INVITE').session!.end('APPLICATION_GONE');
    await s.pass(1_000);
    expect(s.phone.take().filter((what) => what === 'BYE')).toEqual([]);
    expect(s.us.told()).toEqual(['INVITE', 'over']);
    expect(await s.left()).toEqual(nothing());
  });

  test('that is canceled while it rings is answered 487, and the CANCEL 200', async () => {
    const s = await withPhone();
    const invite = s.phone.make('INVITE', [], offer);
    await s.say(invite);
    s.us.respond('INVITE', 180);
    await s.pass();
    const headers = invite.headers.copy();
    headers.set('CSeq', (headers.get('CSeq') ?? '').replace('INVITE', 'CANCEL'));
    await s.say({ ...invite, method: 'CANCEL', headers, body: Buffer.alloc(0) });
    expect(s.phone.take()).toEqual(['180', '200', '487']);
    expect(s.us.told()).toEqual(['INVITE', 'over', 'canceled']);
    expect(s.us.respond('INVITE', 200)).toBeUndefined();
    expect(await s.left()).toEqual(nothing());
  });

  test('that is canceled after it was accepted goes on', async () => {
    const s = await withPhone();
    const invite = s.phone.make('INVITE', [], offer);
    await s.say(invite);
    s.us.respond('INVITE', 200);
    await s.pass();
    const headers = invite.headers.copy();
    headers.set('CSeq', (headers.get('CSeq') ?? '').replace('INVITE', 'CANCEL'));
    const ok = s.phone.response(200);
    s.phone.take();
    await s.say({ ...invite, method: 'CANCEL', headers, body: Buffer.alloc(0) });
    expect([s.phone.take(), s.us.told()]).toEqual([['200'], ['INVITE']]);
    await s.say(s.phone.within(ok, 'ACK'));
    await s.say(s.phone.within(ok, 'BYE'));
    s.us.respond('BYE', 200);
    expect(await s.left()).toEqual(nothing());
  });

  test('answers 481 to what comes within it after its end', async () => {
    const { s, ok } = await answered();
    await s.say(s.phone.within(ok, 'BYE'));
    s.us.respond('BYE', 200);
    await s.pass();
    s.phone.take();
    await s.say(s.phone.within(ok, 'INFO'));
    await s.say(s.phone.within(ok, 'INVITE', [], offer));
    expect(s.phone.take()).toEqual(['481', '481']);
    expect(await s.left()).toEqual(nothing());
  });

  test('ends once when both hang up at once, and each BYE is answered', async () => {
    const { s, ok, session } = await answered();
    s.us.within(session, 'BYE');
    await s.say(s.phone.within(ok, 'BYE'));
    expect(s.phone.take().sort()).toEqual(['200', 'BYE']);
    expect(s.us.told()).toEqual(['over']);
    await s.say(s.phone.answer(s.phone.make('BYE'), 200));
    expect(await s.left()).toEqual(nothing());
  });

  test('answers 500 to a request that was overtaken by a later one', async () => {
    const { s, ok } = await answered();
    const early = s.phone.within(ok, 'INFO');
    const late = s.phone.within(ok, 'INFO');
    await s.say(late);
    s.us.respond('INFO', 200);
    await s.say(early);
    expect(s.phone.take()).toEqual(['200', '500']);
    await s.say(s.phone.within(ok, 'BYE'));
    s.us.respond('BYE', 200);
    expect(await s.left()).toEqual(nothing());
  });
});

describe('a call of ours', () => {
  test('is accepted, acknowledged once, and acknowledged again when the 2xx comes again', async () => {
    const s = await withPhone();
    const session = s.us.call(phoneUri);
    await s.pass();
    const invite = s.phone.request('INVITE');
    await s.say(s.phone.answer(invite, 180));
    const ok = s.phone.answer(invite, 200, [], { body: offer });
    await s.say(ok);
    expect(s.us.told()).toEqual(['180', '200']);
    // Before the application acknowledges, a copy is nothing new.
    await s.say(ok);
    s.us.acknowledge(session);
    await s.pass();
    await s.say(ok);
    const acks = s.phone.heard.filter((message) => message.kind === 'request' && message.method === 'ACK');
    expect(acks).toHaveLength(2);
    expect(acks[0]?.headers.get('Via')).toBe(acks[1]?.headers.get('Via'));
    expect(s.us.told()).toEqual([]);
    s.us.within(session, 'BYE');
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('BYE'), 200));
    expect(s.us.told()).toEqual(['200', 'over']);
    expect(await s.left()).toEqual(nothing());
  });

  test('is over when it is refused', async () => {
    const s = await withPhone();
    s.us.call(phoneUri);
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('INVITE'), 486));
    expect([s.phone.take(), s.us.told()]).toEqual([
      ['INVITE', 'ACK'],
      ['486', 'over'],
    ]);
    expect(await s.left()).toEqual(nothing());
  });

  test('that nobody answers is answered 408', async () => {
    const s = await withPhone();
    s.us.call('sip:nobody@192.0.2.77');
    await s.pass(patienceMs + 100);
    expect(s.us.told()).toEqual(['408', 'over']);
    expect(await s.left()).toEqual(nothing());
  });

  test('rings at several phones; the first that accepts has it, a second one gets ACK and BYE', async () => {
    const s = await withPhone();
    const session = s.us.call(phoneUri);
    await s.pass();
    const invite = s.phone.request('INVITE');
    await s.say(s.phone.answer(invite, 180, [], { tag: 'one' }));
    await s.say(s.phone.answer(invite, 180, [], { tag: 'two' }));
    expect(s.us.agent.stats.dialogs).toBe(2);
    await s.say(s.phone.answer(invite, 200, [], { tag: 'one' }));
    s.us.acknowledge(session);
    await s.pass();
    expect([s.us.agent.stats.dialogs, session.dialog?.remoteTag]).toEqual([1, 'one']);
    s.phone.take();
    const second = s.phone.answer(invite, 200, [], { tag: 'two' });
    await s.say(second);
    expect(s.phone.request('BYE').headers.get('To')).toContain('tag=two');
    expect(s.phone.request('ACK').headers.get('To')).toContain('tag=two');
    expect(s.phone.take()).toEqual(['ACK', 'BYE']);
    // Again: it is acknowledged again, and not hung up twice.
    await s.say(second);
    expect(s.phone.take()).toEqual(['ACK']);
    expect([session.state, s.us.told()]).toEqual(['confirmed', ['180', '180', '200']]);
    s.us.within(session, 'BYE');
    expect(await s.left()).toEqual(nothing());
  });

  test('keeps no more early dialogs than it may have phones', async () => {
    const s = await withPhone();
    const session = s.us.call(phoneUri);
    await s.pass();
    const invite = s.phone.request('INVITE');
    for (let tag = 0; tag < 100; tag += 1) await s.say(s.phone.answer(invite, 180, [], { tag: `t${tag}` }));
    expect(s.us.agent.stats.dialogs).toBe(32);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });

  test('hangs up on a phone that accepts when the transaction is long over', async () => {
    const { s, session, ok } = await calling();
    await s.pass(patienceMs + 1_000);
    const invite = s.us.sent[0]!.request;
    await s.say(s.phone.answer(invite, 200, [], { tag: 'late' }));
    expect(s.phone.take()).toEqual(['ACK', 'BYE']);
    // Of an INVITE that was never sent.
    const headers = ok.headers.copy();
    headers.set('Call-ID', 'made-up');
    await s.say({ ...ok, headers });
    expect(s.phone.take().filter((what) => what !== 'BYE')).toEqual([]);
    s.us.within(session, 'BYE');
    expect(await s.left()).toEqual(nothing());
  });

  test('that is taken back before anything came says CANCEL at the first provisional answer', async () => {
    const s = await withPhone();
    const session = s.us.call(phoneUri);
    await s.pass();
    session.cancel();
    await s.pass(100);
    const invite = s.phone.request('INVITE');
    expect(s.phone.take()).toEqual(['INVITE']);
    await s.say(s.phone.answer(invite, 180));
    const cancel = s.phone.request('CANCEL');
    expect(cancel.headers.get('Via')).toBe(invite.headers.get('Via'));
    await s.say(s.phone.answer(cancel, 200));
    await s.say(s.phone.answer(invite, 487));
    expect(s.us.told()).toEqual(['180', '487', 'over']);
    expect(await s.left()).toEqual(nothing());
  });

  test('that is taken back before it is sent never goes out', async () => {
    const s = await withPhone();
    s.us.call(phoneUri).cancel();
    await s.pass();
    expect([s.phone.take(), s.us.told()]).toEqual([[], ['487', 'over']]);
    expect(await s.left()).toEqual(nothing());
  });

  test('that is accepted while its CANCEL is under way is a call that the application ends', async () => {
    const s = await withPhone();
    const session = s.us.call(phoneUri);
    await s.pass();
    const invite = s.phone.request('INVITE');
    await s.say(s.phone.answer(invite, 180));
    session.cancel();
    await s.say(s.phone.answer(invite, 200));
    await s.say(s.phone.answer(s.phone.request('CANCEL'), 481));
    expect([session.state, s.us.told()]).toEqual(['confirmed', ['180', '200']]);
    s.us.acknowledge(session);
    s.us.within(session, 'BYE');
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('BYE'), 200));
    expect(await s.left()).toEqual(nothing());
  });

  test('that the agent gave up is hung up when it is accepted all the same', async () => {
    const s = await withPhone();
    const session = s.us.call(phoneUri);
    await s.pass();
    const invite = s.phone.request('INVITE');
    await s.say(s.phone.answer(invite, 180));
    session.end('APPLICATION_GONE');
    await s.say(s.phone.answer(invite, 200));
    expect(s.phone.take()).toEqual(['INVITE', 'CANCEL', 'ACK', 'BYE']);
    expect(await s.left()).toEqual(nothing());
  });

  test('whose CANCEL gets no final answer is given up after 64 times T1', async () => {
    const s = await withPhone();
    const session = s.us.call(phoneUri);
    await s.pass();
    const invite = s.phone.request('INVITE');
    await s.say(s.phone.answer(invite, 180));
    session.cancel();
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('CANCEL'), 200));
    await s.pass(patienceMs);
    expect(s.us.told()).toEqual(['180', '487', 'over']);
    expect(await s.left()).toEqual(nothing());
  });

  test('ends when a request within it is answered 481, without a BYE', async () => {
    const { s, session } = await calling();
    s.us.within(session, 'INFO');
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('INFO'), 481));
    expect([s.phone.take(), s.us.told()]).toEqual([['INFO'], ['481', 'DIALOG_GONE', 'over']]);
    expect(await s.left()).toEqual(nothing());
  });

  test('ends with a BYE when a request within it is not answered', async () => {
    const { s, session } = await calling();
    s.us.within(session, 'INFO');
    await s.pass(patienceMs + 100);
    expect(s.us.told()).toEqual(['408', 'NO_ANSWER', 'over']);
    expect(s.phone.take()).toContain('BYE');
    expect(await s.left()).toEqual(nothing());
  });

  test('is over after its BYE though nobody answers it', async () => {
    const { s, session } = await calling();
    s.us.within(session, 'BYE');
    s.us.within(session, 'INFO');
    expect(s.us.told()).toEqual(['481']);
    await s.pass(patienceMs + 100);
    expect(s.us.told()).toEqual(['408', 'over']);
    expect(await s.left()).toEqual(nothing());
  });
});

describe('findDialog()', () => {
  test('finds the call that an INVITE wants to replace, by the rules of RFC 3891', async () => {
    const { s, session } = await calling();
    const { callId, localTag, remoteTag } = session.dialog!;
    const replaces = parseReplaces(`${callId};to-tag=${localTag};from-tag=${remoteTag}`)!;
    expect(s.us.agent.findDialog(replaces)).toMatchObject({ session });
    expect(s.us.agent.findDialog({ ...replaces, earlyOnly: true })).toBe(486);
    expect(s.us.agent.findDialog({ ...replaces, toTag: remoteTag, fromTag: localTag })).toBe(481);
    session.end('APPLICATION_GONE');
    expect(s.us.agent.findDialog(replaces)).toBe(481);
    // One that rings here cannot be picked up; one that we ring at can.
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.respond('INVITE', 180);
    const ringing = s.us.last('INVITE').session!.dialog!;
    const early = { callId: ringing.callId, toTag: ringing.localTag, fromTag: ringing.remoteTag, earlyOnly: true };
    expect(s.us.agent.findDialog(early)).toBe(481);
    s.us.respond('INVITE', 486);
    expect(await s.left()).toEqual(nothing());
  });
});
