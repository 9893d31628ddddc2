import { expect, test } from 'vitest';
import { nothing, offer, withPhone } from './testing/stage.ts';

test('of three phones that accept, one has the call; each of the others is acknowledged and hung up on, once', async () => {
  const s = await withPhone();
  const session = s.us.call('sip:phone@192.0.2.9');
  await s.pass();
  const invite = s.phone.request('INVITE');
  for (const tag of ['one', 'two', 'three']) await s.say(s.phone.answer(invite, 180, [], { tag }));
  const accepted = (tag: string) => s.phone.answer(invite, 200, [], { tag, body: offer });
  await s.say(accepted('two'));
  s.us.acknowledge(session);
  await s.pass();
  expect(session.dialog?.remoteTag).toBe('two');
  s.phone.take();
  for (const tag of ['three', 'one', 'three', 'one']) await s.say(accepted(tag));
  expect(s.phone.take()).toEqual(['ACK', 'BYE', 'ACK', 'BYE', 'ACK', 'ACK']);
  // What they say of a call that is not theirs changes nothing.
  await s.say(s.phone.within(accepted('one'), 'INFO'));
  await s.say(s.phone.within(accepted('two'), 'INFO'));
  s.us.respond('INFO', 200);
  await s.pass();
  expect(s.phone.take()).toEqual(['481', '200']);
  expect([session.state, s.us.told()]).toEqual(['confirmed', ['180', '180', '180', '200', 'INFO']]);
  session.end('APPLICATION_GONE');
  expect(await s.left()).toEqual(nothing());
});

test('a phone of many that hangs up while it rings leaves the others ringing', async () => {
  const s = await withPhone();
  const session = s.us.call('sip:phone@192.0.2.9');
  await s.pass();
  const invite = s.phone.request('INVITE');
  const one = s.phone.answer(invite, 180, [], { tag: 'one' });
  await s.say(one);
  await s.say(s.phone.answer(invite, 180, [], { tag: 'two' }));
  await s.say(s.phone.within(one, 'BYE'));
  expect([s.phone.take(), s.us.agent.stats.dialogs, session.state]).toEqual([['INVITE', '200'], 1, 'early']);
  await s.say(s.phone.answer(invite, 200, [], { tag: 'two' }));
  expect(session.state).toBe('confirmed');
  session.end('APPLICATION_GONE');
  expect(await s.left()).toEqual(nothing());
});

test('a PRACK goes to the phone whose answer it acknowledges', async () => {
  const s = await withPhone();
  const session = s.us.call('sip:phone@192.0.2.9');
  await s.pass();
  const invite = s.phone.request('INVITE');
  const reliable = (tag: string, rseq: number) =>
    s.phone.answer(
      invite,
      183,
      [
        ['Require', '100rel'],
        ['RSeq', String(rseq)],
      ],
      { tag },
    );
  await s.say(reliable('one', 10));
  await s.say(reliable('two', 20));
  const number = invite.headers.get('CSeq');
  for (const [rseq, tag] of [
    [10, 'one'],
    [20, 'two'],
  ] as const) {
    s.us.within(session, 'PRACK', [['RAck', `${rseq} ${number}`]]);
    await s.pass();
    expect(s.phone.request('PRACK').headers.get('To')).toContain(`tag=${tag}`);
    await s.say(s.phone.answer(s.phone.request('PRACK'), 200));
  }
  session.end('APPLICATION_GONE');
  expect(await s.left()).toEqual(nothing());
});

test('an INVITE that came on two ways rings once: the copy is 482', async () => {
  const s = await withPhone();
  const invite = s.phone.make('INVITE', [], offer);
  await s.say(invite);
  const headers = invite.headers.copy();
  headers.set('Via', `${headers.get('Via')?.replace(/branch=[^;]+/, 'branch=z9hG4bKanother-way')}`);
  await s.say({ ...invite, headers });
  expect([s.phone.take(), s.us.told(), s.us.agent.stats.calls]).toEqual([['482'], ['INVITE'], 1]);
  s.us.respond('INVITE', 486);
  await s.pass();
  expect(s.us.told()).toEqual(['over']);
  expect(await s.left()).toEqual(nothing());
});
