import { expect, test } from 'vitest';
import { FakeClock } from '../../../core/fake-clock.ts';
import { makeResponse } from '../messages/make-response.ts';
import { byFlowOnly, ContactFlows } from './contact-flows.ts';
import { MemoryNetwork } from './testing/memory-network.ts';
import { ScriptedPeer } from './testing/scripted-peer.ts';

/** The other side of its flow. */
const there = { protocol: 'udp', address: '192.0.2.1', port: 5060 };

/** What one phone registers by UDP, and what the registrar says of it. */
async function withPhone(most?: number) {
  const clock = new FakeClock();
  const network = new MemoryNetwork(clock);
  const phone = new ScriptedPeer(network, { address: '192.0.2.9', port: 5060 }, 'UDP');
  const nobody = { received: () => {}, closed: () => {}, dropped: () => {}, admits: () => true };
  network.host('UDP', { address: '192.0.2.1', port: 5060 }, nobody);
  const flow = await phone.connect({ address: '192.0.2.1', port: 5060 });
  const contacts = new ContactFlows(clock, most);
  const make = (contact: string, method = 'REGISTER', more: readonly (readonly [string, string])[] = []) =>
    phone.make(method, [['Contact', contact], ...more.map(([name, value]): [string, string] => [name, value])]);
  const accept = (request: ReturnType<typeof make>, listed = '', expires = '') => {
    const response = makeResponse(request, 200);
    if (listed !== '') response.headers.add('Contact', listed);
    if (expires !== '') response.headers.add('Expires', expires);
    contacts.remember(request, flow, response);
  };
  return { clock, contacts, flow, make, accept };
}

test('of a connection that is gone nothing is held but that it is gone', async () => {
  const clock = new FakeClock();
  const network = new MemoryNetwork(clock);
  const phone = new ScriptedPeer(network, { address: '192.0.2.9', port: 5060 }, 'WS');
  const nobody = { received: () => {}, closed: () => {}, dropped: () => {}, admits: () => true };
  network.host('WS', { address: '192.0.2.1', port: 5060 }, nobody);
  const flow = await phone.connect({ address: '192.0.2.1', port: 5060 });
  const contacts = new ContactFlows(clock);
  const register = phone.make('REGISTER', [['Contact', '<sip:me@abc.invalid;transport=ws>']]);
  contacts.remember(register, flow, makeResponse(register, 200));
  expect(contacts.find('sip:me@abc.invalid')).toBe(flow);
  flow.close();
  contacts.closed(flow);
  const left = contacts.find('sip:me@abc.invalid');
  expect(left).not.toBe(flow);
  expect(left).toMatchObject({ id: flow.id, transport: 'WS', open: false });
  await expect(left?.send(Buffer.from('x'))).rejects.toMatchObject({ code: 'CLOSED' });
});

test('a name that a phone registers leads to where its REGISTER came from, and nowhere else', async () => {
  const clock = new FakeClock();
  const network = new MemoryNetwork(clock);
  const phone = new ScriptedPeer(network, { address: '192.0.2.9', port: 5060 }, 'UDP');
  const nobody = { received: () => {}, closed: () => {}, dropped: () => {}, admits: () => true };
  network.host('UDP', { address: '192.0.2.1', port: 5060 }, nobody);
  const flow = await phone.connect({ address: '192.0.2.1', port: 5060 });
  const contacts = new ContactFlows(clock);
  for (const contact of ['sip:+8825551@provider.example', 'sip:+8825551@198.51.100.4']) {
    const register = phone.make('REGISTER', [['Contact', `<${contact}>`]]);
    contacts.remember(register, flow, makeResponse(register, 200));
    expect(contacts.find(contact)).toBe(flow);
  }
});

test('beyond the bound newcomers are refused, and nobody who is known is forgotten', async () => {
  const { clock, contacts, flow, make, accept } = await withPhone(2);
  accept(make('<sip:one@phone.example>;expires=60'));
  accept(make('<sip:two@phone.example>;expires=3600'));
  expect(contacts.admits(make('<sip:three@phone.example>'), flow)).toBe(false);
  expect(contacts.admits(make('<sip:two@phone.example>'), flow)).toBe(true);
  expect(contacts.admits(make('<sip:three@phone.example>', 'OPTIONS'), flow)).toBe(true);
  // One that was underway.
  accept(make('<sip:three@phone.example>;expires=3600'));
  for (const user of ['one', 'two', 'three']) expect(contacts.find(`sip:${user}@phone.example`)).toBe(flow);
  clock.advance(61_000);
  accept(make('<sip:two@phone.example>;expires=0'));
  expect(contacts.admits(make('<sip:four@phone.example>'), flow)).toBe(true);
});

test('a phone of which no flow is known is not called by its Contact', async () => {
  const { clock, contacts, flow, make, accept } = await withPhone();
  const contact = 'sip:+8825551@provider.example;transport=tcp?X=1';
  accept(make(`<${contact}>;expires=60`));
  expect(contacts.find(byFlowOnly(contact, there))).toBe(flow);
  clock.advance(60_000);
  expect(contacts.find(contact)).toBeUndefined();
  const none = contacts.find(byFlowOnly(contact, there));
  expect(none?.open).toBe(false);
  await expect(none?.send(Buffer.from('x'))).rejects.toMatchObject({ code: 'CLOSED' });
});

test('a phone that spoke by a proxy without a Path is called by that proxy, and not by its Contact', async () => {
  const { contacts, flow, make, accept } = await withPhone();
  accept(make('<sip:+8825551@198.51.100.4>', 'REGISTER', [['Via', 'SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx']]));
  expect(contacts.find(byFlowOnly('sip:+8825551@198.51.100.4', there))).toBe(flow);
});

test('of Contacts that differ in parameters alone, the one that holds for longest counts', async () => {
  const { clock, contacts, flow, make, accept } = await withPhone();
  const [brief, long] = ['<sip:a@phone.example;transport=tcp>;expires=60', '<sip:a@phone.example>;expires=3600'];
  accept(make(long), `${brief}, ${long}`);
  accept(make('<sip:a@phone.example;transport=tcp>;expires=0'), '<sip:a@phone.example>;expires=3500');
  clock.advance(3_000_000);
  expect(contacts.find('sip:a@phone.example')).toBe(flow);
});

test('what the registrar did not take is not remembered', async () => {
  const { contacts, make, accept } = await withPhone();
  const register = make('<sip:a@phone.example>');
  register.headers.add('Contact', '<sip:b@phone.example>, <sip:c@phone.example>');
  accept(register, '<sip:a@phone.example>;expires=60');
  expect(contacts.size).toBe(1);
});

test('the end of a subscription leaves what was registered', async () => {
  const { contacts, flow, make, accept } = await withPhone();
  accept(make('<sip:a@phone.example>;expires=3600'));
  accept(make('<sip:a@phone.example>', 'SUBSCRIBE', [['Expires', '0']]), '', '0');
  expect(contacts.find('sip:a@phone.example')).toBe(flow);
});

test('of two phones that say the same Contact, each is called where it registered, whoever came last or goes', async () => {
  const clock = new FakeClock();
  const network = new MemoryNetwork(clock);
  const nobody = { received: () => {}, closed: () => {}, dropped: () => {}, admits: () => true };
  const phone = new ScriptedPeer(network, { address: '192.0.2.9', port: 5060 }, 'UDP');
  const contacts = new ContactFlows(clock);
  const contact = 'sip:ann@10.0.0.5:5060';
  for (const address of ['192.0.2.1', '198.51.100.4']) network.host('UDP', { address, port: 5060 }, nobody);
  const register = async (address: string, expires = '600') => {
    const flow = await phone.connect({ address, port: 5060 });
    const request = phone.make('REGISTER', [
      ['Contact', `<${contact}>`],
      ['Expires', expires],
    ]);
    contacts.remember(request, flow, makeResponse(request, 200));
    return flow;
  };
  const wayTo = (address: string) => contacts.find(byFlowOnly(contact, { ...there, address }))?.remote.address;
  await register('192.0.2.1');
  await register('198.51.100.4');
  expect([wayTo('192.0.2.1'), wayTo('198.51.100.4')]).toEqual(['192.0.2.1', '198.51.100.4']);
  await register('198.51.100.4', '0');
  expect([wayTo('192.0.2.1'), contacts.find(byFlowOnly(contact, { ...there, port: 5061 }))?.open]).toEqual([
    '192.0.2.1',
    false,
  ]);
  clock.advance(600_000);
  contacts.find(byFlowOnly(contact, there));
  expect(contacts.size).toBe(0);
});
