import { describe, expect, test } from 'vitest';
import { calling } from './testing/established.ts';
import { nothing, offer, withPhone } from './testing/stage.ts';

const phoneUri = 'sip:phone@192.0.2.9';
/** 64 × T1. */
const patienceMs = 32_000;

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

  test('says in its ACKs the credentials that its INVITE had, to the phone that accepts and to another one', async () => {
    const s = await withPhone();
    const credentials = [
      ['Authorization', 'Digest username="a"'],
      ['Proxy-Authorization', 'Digest username="b"'],
    ] as const;
    const session = s.us.call(phoneUri, credentials);
    await s.pass();
    const invite = s.phone.request('INVITE');
    await s.say(s.phone.answer(invite, 200, [], { body: offer }));
    s.us.acknowledge(session);
    await s.pass();
    await s.say(s.phone.answer(invite, 200, [], { tag: 'another' }));
    const acks = s.phone.heard.filter((message) => message.kind === 'request' && message.method === 'ACK');
    expect(acks).toHaveLength(2);
    for (const { headers } of acks) {
      for (const [name, value] of credentials) expect(headers.all(name)).toEqual([value]);
    }
    session.end('SHUTDOWN');
    expect(await s.left()).toEqual(nothing());
  });

  test('acknowledges its 2xx with its own ACK though a re-INVITE is under way', async () => {
    const { s, session, ok } = await calling();
    s.us.within(session, 'INVITE', [], offer);
    await s.pass();
    const again = s.phone.request('INVITE');
    s.phone.take();
    await s.say(ok);
    const number = Number.parseInt(ok.headers.get('CSeq') ?? '', 10);
    expect(s.phone.request('ACK').headers.get('CSeq')).toBe(`${number} ACK`);
    await s.say(s.phone.answer(again, 200, [], { body: offer }));
    s.us.acknowledge(session);
    await s.pass();
    expect(s.phone.request('ACK').headers.get('CSeq')).toBe(`${number + 1} ACK`);
    session.end('APPLICATION_GONE');
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
