import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { DigestClient } from '../agent/digest/digest-client.ts';
import { SipHeaders } from '../agent/messages/sip-headers.ts';
import { byFlowOnly } from '../agent/user-agent/contact-flows.ts';
import { readPlan } from '../dial-plan/file/read-plan.ts';
import { Logins } from '../dial-plan/logins.ts';
import { SipFailure } from '../drachtio/sip-failure.ts';
import type { SrfHeaders } from '../drachtio/srf.ts';
import { Registrar, type RegistrarOptions } from './registrar.ts';

const users = `
realm: test
algorithms: [MD5]
users:
  - { identity: ann, login: ann-desk, password: right, numbers: [100] }
  - { identity: ben, password: right }
`;

interface Asked {
  readonly contact?: string | readonly string[];
  readonly expires?: number;
  readonly user?: string;
  readonly to?: string;
  readonly password?: string;
  readonly callId?: string;
  readonly sequence?: number;
  readonly port?: number;
  readonly more?: readonly (readonly [string, string])[];
}

function open(text = users, options: Pick<RegistrarOptions, 'remoteAgent' | 'isProxy'> = {}) {
  const clock = new FakeClock();
  const plan = readPlan(text, 'plan.yaml');
  const refused: string[] = [];
  const published: string[] = [];
  const logins = new Logins({ clock, refused: ({ address }) => refused.push(address) }, plan);
  const registrar = new Registrar({
    clock,
    logins,
    plan,
    publish: (identity, contacts) => published.push(`${identity} ${contacts.length}`),
    onListenerError: (error) => {
      throw error;
    },
    ...options,
  });
  const news: string[] = [];
  registrar.events.on('came', ({ registration }) => news.push(`came ${registration.uri}`));
  registrar.events.on('left', ({ registration, why }) => news.push(`left ${registration.uri} ${why}`));
  let sequence = 0;
  const send = async (fields: readonly (readonly [string, string])[], port = 40_000) => {
    let answer: { status: number; headers: SrfHeaders; reason: string } = { status: 0, headers: {}, reason: '' };
    await registrar.handle({
      method: 'REGISTER',
      uri: 'sip:test',
      headers: SipHeaders.of(fields),
      body: '',
      source: { address: '203.0.113.7', port, protocol: 'udp' },
      answer: (status, { headers = {}, reason = '' } = {}) => {
        answer = { status, headers, reason };
      },
    });
    return answer;
  };
  /** With a password, as a phone does: asked first, then with an answer. */
  const register = async (asked: Asked = {}) => {
    const { user = 'ann-desk', to = user, password = 'right', contact = [], expires, callId = 'a', more = [] } = asked;
    sequence = asked.sequence ?? sequence + 1;
    const fields: (readonly [string, string])[] = [
      ['To', `<sip:${to}@test>`],
      ['Call-ID', callId],
      ['CSeq', `${sequence} REGISTER`],
      ...[contact].flat().map((one) => ['Contact', one] as const),
      ...(expires === undefined ? [] : [['Expires', String(expires)] as const]),
      ...more,
    ];
    const { headers } = await send(fields);
    const challenge = headers['WWW-Authenticate'] ?? '';
    const about = { method: 'REGISTER', uri: 'sip:test', body: new Uint8Array() };
    const answer = new DigestClient({ user, password }).answer([challenge], about, false) ?? '';
    return send([...fields, ['Authorization', answer]], asked.port);
  };
  const uris = (identity = 'ann') => registrar.contactsOf(identity).map(({ uri }) => uri);
  return { clock, registrar, logins, register, send, uris, news, published, refused };
}

const phone = '<sip:ann@10.0.0.5:5060>';
const other = '<sip:ann@10.0.0.6:5060>';

test('a phone is asked for its password, and is there until its time is over', async () => {
  const { clock, register, uris, news, published, registrar } = open();
  const { status, headers } = await register({ contact: phone, expires: 120 });
  expect([status, headers['Contact']]).toEqual([200, '<sip:ann@10.0.0.5:5060>;expires=120']);
  expect(uris()).toEqual(['sip:ann@10.0.0.5:5060']);
  clock.advance(60_000);
  expect((await register()).headers['Contact']).toBe('<sip:ann@10.0.0.5:5060>;expires=60');
  clock.advance(59_999);
  expect(uris()).toHaveLength(1);
  clock.advance(1);
  expect(uris()).toEqual([]);
  expect(news).toEqual(['came sip:ann@10.0.0.5:5060', 'left sip:ann@10.0.0.5:5060 expired']);
  expect(published).toEqual(['ann 1', 'ann 0']);
  expect([registrar.stats, clock.pendingTimers]).toEqual([{ phones: 0, users: 0 }, 0]);
});

test('a wrong password is refused, and told of; nobody is registered', async () => {
  const { register, uris, refused } = open();
  expect(await register({ contact: phone, password: 'wrong' })).toMatchObject({ status: 403 });
  expect(await register({ contact: phone, user: 'nobody' })).toMatchObject({ status: 403 });
  expect([uris(), refused]).toEqual([[], ['203.0.113.7', '203.0.113.7']]);
});

test('nobody registers for somebody else; login, identity and number are oneself', async () => {
  const { register, uris } = open();
  expect(await register({ contact: phone, to: 'ben' })).toMatchObject({ status: 403, reason: 'Not Your Address' });
  expect(uris('ben')).toEqual([]);
  for (const to of ['ann-desk', 'ann', '100'])
    expect(await register({ contact: phone, to })).toMatchObject({ status: 200 });
});

describe('several phones of a user', () => {
  test('are told apart, and the best rings first', async () => {
    const { register, uris } = open();
    await register({ contact: `${phone};q=0.5`, callId: 'a' });
    const { headers } = await register({ contact: `${other};q=0.9`, callId: 'b', expires: 60 });
    expect(headers['Contact']).toBe(
      '<sip:ann@10.0.0.5:5060>;q=0.5;expires=3600, <sip:ann@10.0.0.6:5060>;q=0.9;expires=60',
    );
    expect(uris()).toEqual(['sip:ann@10.0.0.6:5060', 'sip:ann@10.0.0.5:5060']);
    await register({ contact: `${phone};expires=0`, callId: 'a' });
    expect(uris()).toEqual(['sip:ann@10.0.0.6:5060']);
  });

  test('stay one each when they refresh, and keep their id', async () => {
    const { clock, register, registrar, news } = open();
    await register({ contact: phone, expires: 100 });
    const [before] = registrar.contactsOf('ann');
    clock.advance(90_000);
    await register({ contact: phone, expires: 100 });
    clock.advance(90_000);
    const [after] = registrar.contactsOf('ann');
    expect([after?.id, news]).toEqual([before?.id, ['came sip:ann@10.0.0.5:5060']]);
  });

  test('by +sip.instance a phone is the same at another address', async () => {
    const { register, uris } = open();
    const instance = '+sip.instance="<urn:uuid:1>";reg-id=1';
    await register({ contact: `${phone};${instance}`, callId: 'a' });
    const { headers } = await register({ contact: `${other};${instance}`, callId: 'b' });
    expect(uris()).toEqual(['sip:ann@10.0.0.6:5060']);
    expect(headers['Contact']).toContain('+sip.instance="<urn:uuid:1>"');
  });

  test('are bounded: the one that was heard of longest ago goes', async () => {
    const { register, uris, news } = open(`registration: { phonesPerUser: 2 }\n${users}`);
    for (const host of ['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.3'])
      await register({ contact: `<sip:ann@${host}>`, callId: host });
    expect(uris()).toEqual(['sip:ann@10.0.0.1', 'sip:ann@10.0.0.3']);
    expect(news.at(-1)).toBe('left sip:ann@10.0.0.2 gone');
    const three = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((host) => `<sip:ann@${host}>`);
    expect(await register({ contact: three })).toMatchObject({ status: 403 });
  });

  test('of all users are bounded: 503, and who is there may refresh', async () => {
    const { register } = open(`registration: { phones: 1 }\n${users}`);
    expect(await register({ contact: phone })).toMatchObject({ status: 200 });
    const full = await register({ contact: '<sip:ben@10.0.0.9>', user: 'ben' });
    expect(full).toMatchObject({ status: 503, headers: { 'Retry-After': '60' } });
    expect(await register({ contact: phone })).toMatchObject({ status: 200 });
  });
});

describe('Contact: *', () => {
  test('ends all of them', async () => {
    const { register, uris, news } = open();
    await register({ contact: phone, callId: 'a' });
    await register({ contact: other, callId: 'b' });
    expect(await register({ contact: '*', expires: 0, callId: 'c' })).toMatchObject({ status: 200 });
    expect([uris(), news.length]).toEqual([[], 4]);
  });

  test.each([
    ['without Expires', { contact: '*' }],
    ['with Expires of more than 0', { contact: '*', expires: 60 }],
    ['beside another one', { contact: ['*', phone], expires: 0 }],
  ])('%s is 400, and nothing happens', async (_, asked) => {
    const { register, uris } = open();
    await register({ contact: phone });
    expect(await register(asked)).toMatchObject({ status: 400 });
    expect(uris()).toHaveLength(1);
  });
});

describe('the time of a registration', () => {
  test('that is too short is 423 with the least one', async () => {
    const { register, uris } = open();
    expect(await register({ contact: phone, expires: 59 })).toMatchObject({
      status: 423,
      headers: { 'Min-Expires': '60' },
    });
    expect(uris()).toEqual([]);
  });

  test('that is too long is cut', async () => {
    const { register } = open();
    expect((await register({ contact: phone, expires: 4_294_967_295 })).headers['Contact']).toContain('expires=3600');
  });

  test('of a Contact goes before that of the message', async () => {
    const { register } = open();
    const { headers } = await register({ contact: `${phone};expires=100`, expires: 200 });
    expect(headers['Contact']).toContain('expires=100');
  });
});

test('one that overtook another of the same phone changes nothing', async () => {
  const { register, uris } = open();
  await register({ contact: phone, sequence: 5 });
  expect(await register({ contact: `${phone};expires=0`, sequence: 4 })).toMatchObject({ status: 500 });
  expect(await register({ contact: '*', expires: 0, sequence: 5 })).toMatchObject({ status: 500 });
  expect(uris()).toHaveLength(1);
});

test.each(['<tel:+4930123456>', 'x', `<sip:${'x'.repeat(1_100)}@10.0.0.1>`])('%s is no Contact', async (contact) => {
  const { register, uris } = open();
  expect(await register({ contact })).toMatchObject({ status: 400 });
  expect(uris()).toEqual([]);
});

test('a phone behind a proxy is called along its Path', async () => {
  const { register, registrar } = open(users, { remoteAgent: true, isProxy: (address) => address === '203.0.113.7' });
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
  const { register, uris } = open();
  expect(await register({ contact: phone, more: [field] })).toMatchObject({ status: 403, reason: 'Not By This Proxy' });
  expect(uris()).toEqual([]);
});

test('nobody keeps the phone of another user out by its Contact, or is called in its place', async () => {
  const { register, registrar, uris } = open();
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
  const { register, registrar } = open(users, { remoteAgent: true });
  await register({ contact: phone });
  expect(registrar.contactsOf('ann')[0]?.proxy).toBe('sip:203.0.113.7:40000;transport=udp');
});

test('a phone is called on the flow that it registered over, wherever its Contact leads', async () => {
  const { register, registrar } = open();
  await register({ contact: '<sip:+8825551@provider.example>' });
  const [{ uri, proxy } = { uri: '', proxy: '' }] = registrar.contactsOf('ann');
  const source = { protocol: 'udp', address: '203.0.113.7', port: 40_000 };
  expect([uri, proxy]).toEqual(['sip:+8825551@provider.example', byFlowOnly('sip:+8825551@provider.example', source)]);
});

test('a phone whose flow failed is not called again', async () => {
  const { register, registrar, uris, published } = open();
  await register({ contact: phone });
  registrar.forget(registrar.contactsOf('ann')[0]?.id ?? '');
  registrar.forget('nobody');
  expect([uris(), published]).toEqual([[], ['ann 1', 'ann 0']]);
});

test('an answer that cannot be sent is nobody’s failure', async () => {
  const { registrar } = open();
  await registrar.handle({
    method: 'REGISTER',
    uri: 'sip:test',
    headers: SipHeaders.of([]),
    body: '',
    source: { address: '203.0.113.7', port: 40_000, protocol: 'udp' },
    answer: () => {
      throw new SipFailure('NOT_SENT', 'the connection was lost');
    },
  });
});

test('users that are in no plan any more have no phones', async () => {
  const { register, registrar, logins, uris, clock } = open();
  await register({ contact: phone });
  await register({ contact: '<sip:ben@10.0.0.9>', user: 'ben' });
  const plan = readPlan('realm: test\nalgorithms: [MD5]\nusers: [{ identity: ben, password: right }]', 'plan.yaml');
  logins.use(plan);
  registrar.use(plan);
  expect([uris(), uris('ben')]).toEqual([[], ['sip:ben@10.0.0.9']]);
  expect(await register({ contact: phone })).toMatchObject({ status: 403 });
  registrar.close();
  expect(clock.pendingTimers).toBe(0);
});
