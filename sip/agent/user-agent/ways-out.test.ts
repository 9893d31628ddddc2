import { expect, test } from 'vitest';
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
