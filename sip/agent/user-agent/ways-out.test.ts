import { describe, expect, test } from 'vitest';
import { unreachableCause } from '../messages/unreachable-warning.ts';
import { byFlowOnly } from './contact-flows.ts';
import { ScriptedPeer } from './testing/scripted-peer.ts';
import { nothing, offer, withPhone } from './testing/stage.ts';

const names = (...addresses: string[]) => ({
  naptr: () => Promise.resolve([]),
  srv: () => Promise.resolve([]),
  aaaa: () => Promise.resolve([]),
  a: () => Promise.resolve(addresses.map((address) => ({ address, ttl: 60 }))),
});

test('a request goes to the next address when one refuses it, answers 503, or is not there', async () => {
  const s = await withPhone({ dns: names('192.0.2.21', '192.0.2.22', '192.0.2.9') });
  s.network.refusing.add('192.0.2.21:5060');
  const busy = new ScriptedPeer(s.network, { address: '192.0.2.22', port: 5060 });
  s.us.request('OPTIONS', 'sip:trunk.example:5060');
  await s.pass();
  await busy.say(busy.answer(busy.request('OPTIONS'), 503));
  await s.pass();
  await s.say(s.phone.answer(s.phone.request('OPTIONS'), 200));
  expect(s.us.told()).toEqual(['200']);
  expect(await s.left()).toEqual(nothing());
});

test.each([
  ['its name has no address', 503, 'nowhere.example has no address', 'sip:nowhere.example:5060'],
  ['nobody listens there', 503, 'nobody listens there', 'sip:192.0.2.21:5060'],
  ['nobody answers', 408, 'it does not answer', 'sip:192.0.2.22:5060'],
  ['we have no such socket', 416, 'sip.listen has no socket for its transport', 'sip:192.0.2.23:5061;transport=tls'],
])('an answer that nobody sent says why: %s', async (_what, status, cause, uri) => {
  const s = await withPhone({ dns: names() });
  s.network.refusing.add('192.0.2.21:5060');
  s.us.request('OPTIONS', uri);
  await s.pass(33_000);
  const last = s.us.responses.at(-1);
  expect([last?.status, last && unreachableCause(last.headers)]).toEqual([status, cause]);
  expect(await s.left()).toEqual(nothing());
});

test('an answer of somebody says nothing of the kind', async () => {
  const s = await withPhone();
  s.us.request('OPTIONS', 'sip:192.0.2.9:5060');
  await s.pass();
  await s.say(s.phone.answer(s.phone.request('OPTIONS'), 503));
  const last = s.us.responses.at(-1);
  expect([last?.status, last && unreachableCause(last.headers)]).toEqual([503, undefined]);
  expect(await s.left()).toEqual(nothing());
});

test('requests follow a loose route, and a strict one has the target as its last', async () => {
  for (const [route, uri] of [
    ['<sip:192.0.2.9;lr>', 'sip:phone@192.0.2.9:5060'],
    ['<sip:192.0.2.9>', 'sip:192.0.2.9'],
  ] as const) {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [['Record-Route', route]], offer));
    s.us.respond('INVITE', 200);
    await s.pass();
    await s.say(s.phone.within(s.phone.response(200), 'ACK'));
    s.us.within(s.us.last('INVITE').session!, 'BYE');
    await s.pass();
    const bye = s.phone.request('BYE');
    const last = uri === 'sip:192.0.2.9' ? '<sip:phone@192.0.2.9:5060>' : route;
    expect([bye.uri, bye.headers.all('Route').at(-1)]).toEqual([uri, last]);
    expect(await s.left()).toEqual(nothing());
  }
});

test('a contact that registered from a page is reached over its connection, and answered 430 when that is gone', async () => {
  const s = await withPhone({}, 'WS');
  const flow = await s.phone.connect({ address: '192.0.2.1', port: 5060 });
  const contact = 'sip:me@abc.invalid;transport=ws';
  await s.say(
    s.phone.make('REGISTER', [
      ['Contact', `<${contact}>`],
      ['Expires', '600'],
    ]),
  );
  s.us.respond('REGISTER', 200);
  await s.pass();
  s.us.request('OPTIONS', contact);
  await s.pass();
  await s.say(s.phone.answer(s.phone.request('OPTIONS'), 200));
  flow.close();
  s.us.request('OPTIONS', contact);
  await s.pass();
  expect(s.us.told()).toEqual(['REGISTER', '200', '430']);
  expect(await s.left()).toEqual(nothing());
});

test('a phone that is called by its flow alone is answered 430 where none is known, and nothing leaves', async () => {
  const s = await withPhone({ dns: names('192.0.2.9') });
  const contact = 'sip:+8825551@provider.example:5060';
  const from = { protocol: 'udp', address: '192.0.2.9', port: 5060 };
  for (const uri of [contact, 'sip:me@192.0.2.9:5060']) s.us.request('OPTIONS', uri, [], '', byFlowOnly(uri, from));
  s.us.call(contact, [], byFlowOnly(contact, from));
  await s.pass();
  expect([s.us.told(), s.phone.take()]).toEqual([['430', '430', '430', 'over'], []]);
  expect(await s.left()).toEqual(nothing());
});

test('OPTIONS is answered 503 while the agent drains, and a refusal with 405 names what is allowed', async () => {
  const s = await withPhone();
  await s.say(s.phone.make('MESSAGE'));
  s.us.respond('MESSAGE', 405);
  await s.pass();
  expect(s.phone.response(405).headers.all('Allow')).toContain('INVITE');
  s.us.agent.drain();
  await s.say(s.phone.make('OPTIONS'));
  expect(s.phone.take()).toEqual(['405', '503']);
  expect(await s.left()).toEqual(nothing());
});

describe('the next address (RFC 3263 section 4.3)', () => {
  const two = { dns: names('192.0.2.21', '192.0.2.9') };

  test('is tried when nobody answers at the first, and is the first for the next request', async () => {
    const s = await withPhone(two);
    const silent = new ScriptedPeer(s.network, { address: '192.0.2.21', port: 5060 });
    const session = s.us.call('sip:trunk.example:5060');
    await s.pass(32_100);
    expect(silent.take().every((what) => what === 'INVITE')).toBe(true);
    const invite = s.phone.request('INVITE');
    await s.say(s.phone.answer(invite, 200));
    s.us.acknowledge(session);
    s.us.request('OPTIONS', 'sip:trunk.example:5060');
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('OPTIONS'), 200));
    expect([s.us.told(), silent.take(), s.us.agent.stats.deadTargets]).toEqual([['200', '200'], [], 1]);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });

  test('is not tried by a call that rang at the first, whatever becomes of it there', async () => {
    for (const status of [503, 600]) {
      const s = await withPhone({ dns: names('192.0.2.9', '192.0.2.21') });
      const other = new ScriptedPeer(s.network, { address: '192.0.2.21', port: 5060 });
      s.us.call('sip:trunk.example:5060');
      await s.pass();
      await s.say(s.phone.answer(s.phone.request('INVITE'), 180));
      await s.say(s.phone.answer(s.phone.request('INVITE'), status));
      expect([other.take(), s.us.told()]).toEqual([[], ['180', String(status), 'over']]);
      expect(await s.left()).toEqual(nothing());
    }
  });

  test('has a branch of its own, and the same Call-ID, tag and number', async () => {
    const s = await withPhone(two);
    const busy = new ScriptedPeer(s.network, { address: '192.0.2.21', port: 5060 });
    s.us.call('sip:trunk.example:5060');
    await s.pass();
    const first = busy.request('INVITE');
    await busy.say(busy.answer(first, 503, [['Retry-After', '120']]));
    await s.pass();
    const second = s.phone.request('INVITE');
    for (const name of ['Call-ID', 'From', 'CSeq']) expect(second.headers.get(name)).toBe(first.headers.get(name));
    expect(second.headers.get('Via')).not.toBe(first.headers.get('Via'));
    expect(busy.take()).toEqual(['INVITE', 'ACK']);
    await s.say(s.phone.answer(second, 486));
    // For as long as it asked for, it comes last.
    await s.pass(100_000);
    s.us.request('OPTIONS', 'sip:trunk.example:5060');
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('OPTIONS'), 200));
    expect([busy.take(), s.us.told()]).toEqual([[], ['486', 'over', '200']]);
    expect(await s.left()).toEqual(nothing());
  });

  test('after the last there is none: the answer is the last 503, or 408 when nobody spoke', async () => {
    const s = await withPhone({ dns: names('192.0.2.21', '192.0.2.22') });
    s.us.request('OPTIONS', 'sip:trunk.example:5060');
    await s.pass(64_200);
    expect(s.us.told()).toEqual(['408']);
    const busy = new ScriptedPeer(s.network, { address: '192.0.2.22', port: 5060 });
    s.network.refusing.add('192.0.2.21:5060');
    s.us.request('OPTIONS', 'sip:trunk.example:5060');
    await s.pass();
    await busy.say(busy.answer(busy.request('OPTIONS'), 503, [['Retry-After', '7']]));
    await s.pass();
    const last = s.us.responses.at(-1);
    expect([last?.status, last?.headers.get('Retry-After')]).toEqual([503, '7']);
    expect(await s.left()).toEqual(nothing());
  });

  test('is not tried by a request that was taken back', async () => {
    const s = await withPhone(two);
    const session = s.us.call('sip:trunk.example:5060');
    await s.pass(1_000);
    session.cancel();
    await s.pass(32_000);
    expect([s.phone.take(), s.us.told()]).toEqual([[], ['408', 'over']]);
    expect(await s.left()).toEqual(nothing());
  });
});

test('the connection of a call of ours is pinged until the call is over', async () => {
  const s = await withPhone({}, 'TCP');
  const session = s.us.call('sip:phone@192.0.2.9;transport=tcp');
  await s.pass();
  const invite = s.phone.request('INVITE');
  expect(invite.headers.get('Via')).toMatch(/;keep(;|$)/);
  await s.say(s.phone.answer(invite, 200, [], { body: offer }));
  s.us.acknowledge(session);
  await s.pass(121_000);
  expect([s.phone.signs, s.us.agent.stats.keptFlows]).toEqual([1, 1]);
  s.us.within(session, 'BYE');
  await s.pass();
  await s.say(s.phone.answer(s.phone.request('BYE'), 200));
  expect(s.us.agent.stats.keptFlows).toBe(0);
  expect(await s.left()).toEqual(nothing());
});
