import { expect, test } from 'vitest';
import { byFlowOnly } from '../agent/user-agent/contact-flows.ts';
import { openRegistrar, phone, users } from './testing/open-registrar.ts';

test('a phone behind a proxy is called along its Path', async () => {
  const { register, registrar } = openRegistrar(users, {
    remoteAgent: true,
    isProxy: (address) => address === '203.0.113.7',
  });
  const { headers } = await register({
    contact: phone,
    more: [
      ['Path', '<sip:p1;lr>'],
      ['Path', '<sip:p2;lr>'],
    ],
  });
  expect(headers).toMatchObject({ Path: '<sip:p1;lr>, <sip:p2;lr>', Supported: 'path' });
  expect(registrar.contactsOf('ann')[0]).toMatchObject({
    headers: { Route: '<sip:p1;lr>, <sip:p2;lr>' },
    proxy: undefined,
  });
});

test.each([
  [['Path', '<sip:provider.example;lr>'] as const],
  [['Via', 'SIP/2.0/UDP 203.0.113.7;branch=z9hG4bK1, SIP/2.0/UDP 10.0.0.5;branch=z9hG4bK2'] as const],
])('nobody but a proxy of ours says by which way a phone is called: %s', async (field) => {
  const { register, uris } = openRegistrar();
  expect(await register({ contact: phone, more: [field] })).toMatchObject({ status: 403, reason: 'Not By This Proxy' });
  expect(uris()).toEqual([]);
});

test('nobody keeps the phone of another user out by its Contact, or is called in its place', async () => {
  const { register, registrar, uris } = openRegistrar();
  expect(await register({ contact: phone, user: 'ben', callId: 'b', port: 50_000 })).toMatchObject({ status: 200 });
  expect(await register({ contact: phone })).toMatchObject({ status: 200 });
  const ways = ['ann', 'ben'].map((identity) => registrar.contactsOf(identity)[0]?.proxy);
  const from = { protocol: 'udp', address: '203.0.113.7' };
  expect(ways).toEqual([
    byFlowOnly('sip:ann@10.0.0.5:5060', { ...from, port: 40_000 }),
    byFlowOnly('sip:ann@10.0.0.5:5060', { ...from, port: 50_000 }),
  ]);
  await register({ contact: phone, user: 'ben', callId: 'b', expires: 0 });
  expect([uris(), uris('ben')]).toEqual([['sip:ann@10.0.0.5:5060'], []]);
});

test('where the agent is elsewhere, a phone is called where its REGISTER came from', async () => {
  const { register, registrar } = openRegistrar(users, { remoteAgent: true });
  await register({ contact: phone });
  expect(registrar.contactsOf('ann')[0]?.proxy).toBe('sip:203.0.113.7:40000;transport=udp');
});

test('a phone is called on the flow that it registered over, wherever its Contact leads', async () => {
  const { register, registrar } = openRegistrar();
  await register({ contact: '<sip:+8825551@provider.example>' });
  const [{ uri, proxy } = { uri: '', proxy: '' }] = registrar.contactsOf('ann');
  const source = { protocol: 'udp', address: '203.0.113.7', port: 40_000 };
  expect([uri, proxy]).toEqual(['sip:+8825551@provider.example', byFlowOnly('sip:+8825551@provider.example', source)]);
});

test('a phone whose flow failed is not called again', async () => {
  const { register, registrar, uris, published } = openRegistrar();
  await register({ contact: phone });
  registrar.forget(registrar.contactsOf('ann')[0]?.id ?? '');
  registrar.forget('nobody');
  expect([uris(), published]).toEqual([[], ['ann 1', 'ann 0']]);
});
