import { expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { DigestClient } from '../agent/digest/digest-client.ts';
import { SipHeaders } from '../agent/messages/sip-headers.ts';
import { readPlan } from './file/read-plan.ts';
import { Callers } from './identify-caller.ts';
import { Logins } from './logins.ts';

const text = `
realm: test
algorithms: [MD5]
users: [{ identity: ann, login: ann-desk, password: right }]
trunks:
  - { name: address, inbound: { addresses: 198.51.100.0/24, calledFrom: to } }
  - { name: login, inbound: { login: trunk, password: right } }
  - { name: both, inbound: { login: strict, password: right, addresses: 203.0.113.0/24 } }
  - name: registered
    inbound: { addresses: 192.0.2.1 }
    register: { registrar: 'sip:provider.example', user: parley, password: x }
`;

interface Asked {
  readonly at?: string;
  readonly as?: string;
  readonly password?: string;
  readonly uri?: string;
  readonly more?: readonly (readonly [string, string])[];
}

async function identify(
  { at = '10.9.9.9', as, password = 'right', uri = 'sip:100@test', more = [] }: Asked,
  plan = text,
) {
  const data = readPlan(plan, 'plan.yaml');
  const callers = new Callers(new Logins({ clock: new FakeClock() }, data), data);
  const fields: (readonly [string, string])[] = [
    ['From', '"Cy" <sip:+4930@x>;tag=1'],
    ['To', '<sip:200@test>'],
    ...more,
  ];
  const ask = (extra: readonly (readonly [string, string])[] = []) =>
    callers.identify({
      method: 'INVITE',
      uri,
      headers: SipHeaders.of([...fields, ...extra]),
      body: '',
      source: { address: at, port: 5060, protocol: 'udp' },
    });
  const first = await ask();
  if (as === undefined || first.request !== undefined) return first;
  const challenge = first.headers['WWW-Authenticate'] ?? '';
  const about = { method: 'INVITE', uri, body: new Uint8Array() };
  return ask([['Authorization', new DigestClient({ user: as, password }).answer([challenge], about, false) ?? '']]);
}

const by = (trunk: string) => ({ request: { from: { kind: 'trunk', trunk } } });

test('a trunk is known by its address, its password, or both where it has both', async () => {
  expect(await identify({ at: '198.51.100.9' })).toMatchObject(by('address'));
  expect(await identify({ as: 'trunk' })).toMatchObject(by('login'));
  expect(await identify({ as: 'strict', at: '203.0.113.4' })).toMatchObject(by('both'));
  expect(await identify({ as: 'strict' })).toMatchObject({ request: undefined, status: 403 });
  expect(await identify({ at: '203.0.113.4' })).toMatchObject({ request: undefined, status: 401 });
});

test('a user is known by the password, and nobody else is let in', async () => {
  expect(await identify({ as: 'ann-desk' })).toMatchObject({ request: { from: { kind: 'user', identity: 'ann' } } });
  expect(await identify({ as: 'ann-desk', password: 'wrong' })).toMatchObject({ request: undefined, status: 403 });
  expect(await identify({})).toMatchObject({ request: undefined, status: 401 });
});

test('a phone of a user calls as that user at a trunk’s address, too, and with a wrong password as nobody', async () => {
  const data = readPlan(text, 'plan.yaml');
  const callers = new Callers(new Logins({ clock: new FakeClock() }, data), data);
  const from = { method: 'INVITE', uri: 'sip:100@test', body: '' };
  const at = (address: string) => ({ ...from, source: { address, port: 5060, protocol: 'udp' } });
  const fields = [
    ['From', '<sip:ann-desk@test>;tag=1'],
    ['To', '<sip:100@test>'],
  ] as const;
  // It is challenged where nobody knows its address, and moves on.
  const challenged = await callers.identify({ ...at('10.9.9.9'), headers: SipHeaders.of(fields) });
  if (challenged.request !== undefined) throw new Error('It was let in without a password.');
  const challenge = challenged.headers['WWW-Authenticate'] ?? '';
  const as = (password: string) => {
    const client = new DigestClient({ user: 'ann-desk', password });
    const answer = client.answer([challenge], { ...from, body: new Uint8Array() }, false) ?? '';
    return callers.identify({
      ...at('198.51.100.9'),
      headers: SipHeaders.of([...fields, ['Authorization', answer]]),
    });
  };
  expect(await as('wrong')).toMatchObject({ request: undefined, status: 403 });
  expect(await as('right')).toMatchObject({ request: { from: { kind: 'user', identity: 'ann' }, called: '100' } });
});

test('credentials that nobody can read are refused', async () => {
  const data = readPlan(text, 'plan.yaml');
  const callers = new Callers(new Logins({ clock: new FakeClock() }, data), data);
  const headers = SipHeaders.of([['Authorization', 'Digest realm="test", username="ann-desk"']]);
  const source = { address: '10.9.9.9', port: 5060, protocol: 'udp' };
  const asked = await callers.identify({ method: 'INVITE', uri: 'sip:100@test', headers, body: '', source });
  expect(asked).toMatchObject({ request: undefined, status: 400 });
});

test('guests are let in where the plan says so, but users are asked who they are', async () => {
  const open = `guests: true\n${text}`;
  expect(await identify({}, open)).toMatchObject({ request: { from: { kind: 'guest' } } });
  const more = [['From', '<sip:ann-desk@test>;tag=1']] as const;
  const headers = SipHeaders.of(more);
  const data = readPlan(open, 'plan.yaml');
  const callers = new Callers(new Logins({ clock: new FakeClock() }, data), data);
  const source = { address: '10.9.9.9', port: 5060, protocol: 'udp' };
  const asked = await callers.identify({ method: 'INVITE', uri: 'sip:100@test', headers, body: '', source });
  expect(asked).toMatchObject({ request: undefined, status: 401 });
});

test('who was called stands where the trunk has it', async () => {
  expect(await identify({ at: '198.51.100.9' })).toMatchObject({ request: { called: '200' } });
  expect(await identify({ at: '192.0.2.1' })).toMatchObject({ request: { called: '100' } });
  expect(await identify({ at: '192.0.2.1', uri: 'sip:parley@test' })).toMatchObject({ request: { called: '200' } });
  expect(await identify({ as: 'ann-desk', uri: 'tel:+49-30-1' })).toMatchObject({ request: { called: '+49301' } });
});

test('a trunk vouches for who calls, a phone does not, and who wants to be hidden is', async () => {
  const asserted = [['P-Asserted-Identity', '"Dee" <tel:+43123456>']] as const;
  const hidden = [['Privacy', 'id']] as const;
  const at = '198.51.100.9';
  expect(await identify({ at })).toMatchObject({ request: { caller: '+4930', callerName: 'Cy' } });
  expect(await identify({ at, more: asserted })).toMatchObject({ request: { caller: '+43123456', callerName: 'Dee' } });
  expect(await identify({ as: 'ann-desk', more: asserted })).toMatchObject({ request: { caller: '+4930' } });
  expect(await identify({ at, more: [...asserted, ...hidden] })).toMatchObject({
    request: { caller: '', callerName: '' },
  });
});
