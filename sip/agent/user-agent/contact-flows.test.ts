import { expect, test } from 'vitest';
import { FakeClock } from '../../../core/fake-clock.ts';
import { makeResponse } from '../messages/make-response.ts';
import { ContactFlows } from './contact-flows.ts';
import { MemoryNetwork } from './testing/memory-network.ts';
import { ScriptedPeer } from './testing/scripted-peer.ts';

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
