import { expect, test } from 'vitest';
import { nothing, offer, withPhone } from './testing/stage.ts';

// Classes of RFC 4475 that need a running agent.

test('3.2.1 requests whose branch is the cookie alone are told apart by what else they say', async () => {
  const s = await withPhone();
  const via = ['Via', 'SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK;rport'] as const;
  const [one, two] = [s.phone.make('OPTIONS'), s.phone.make('OPTIONS')];
  for (const message of [one, two]) message.headers.set(...via);
  await s.say(one);
  await s.say(one);
  await s.say(two);
  expect(s.us.told()).toEqual(['OPTIONS', 'OPTIONS']);
  for (const { incoming } of s.us.incoming) {
    expect(
      s.us.agent.respond(incoming, undefined, { status: 200, headers: one.headers.copy(), body: Buffer.alloc(0) })
        ?.status,
    ).toBe(200);
  }
  await s.pass();
  expect(s.phone.take()).toEqual(['200', '200']);
  expect(await s.left()).toEqual(nothing());
});

test.each([
  ['3.3.10 a 200 whose Via names a broadcast address', [['Via', 'SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1']]],
  ['3.1.2.5 a 200 with numbers beyond what they may be', [['CSeq', '9292394834772304023312 INVITE']]],
  ['3.1.2.5 a 200 of a call that nobody made', []],
] as const)('%s goes nowhere', async (_class, fields) => {
  const s = await withPhone();
  const stray = s.phone.answer(s.phone.make('INVITE'), 200, [], { body: offer });
  for (const [name, value] of fields) stray.headers.set(name, value);
  await s.say(stray);
  await s.pass(1_000);
  expect([s.phone.take(), s.us.told(), s.us.agent.stats.calls]).toEqual([[], [], 0]);
  expect(await s.left()).toEqual(nothing());
});

test('3.4.1 a call of an agent of RFC 2543, which knows no branch and no tag, is taken, acknowledged and ended', async () => {
  const s = await withPhone();
  const plain = (method: string, to?: string) => {
    const message = s.phone.make(method, [], method === 'INVITE' ? offer : '');
    message.headers.set('Via', 'SIP/2.0/UDP 192.0.2.9:5060');
    message.headers.set('From', '<sip:+13035551111@peer.example;user=phone>');
    message.headers.set('Call-ID', 'old@peer.example');
    message.headers.set('CSeq', `${method === 'BYE' ? 2 : 1} ${method}`);
    message.headers.remove('Max-Forwards');
    if (to !== undefined) message.headers.set('To', to);
    return message;
  };
  await s.say(plain('INVITE'));
  s.us.respond('INVITE', 200, [], offer);
  await s.pass();
  const to = s.phone.response(200).headers.get('To');
  await s.say(plain('ACK', to));
  await s.say(plain('BYE', to));
  s.us.respond('BYE', 200);
  await s.pass();
  expect(s.phone.take()).toEqual(['200', '200']);
  expect(s.us.told()).toEqual(['INVITE', 'acknowledged', 'BYE', 'over']);
  expect(await s.left()).toEqual(nothing());
});
