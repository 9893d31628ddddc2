import { describe, expect, test } from 'vitest';
import { SipHeaders } from '../agent/messages/sip-headers.ts';
import { readPlan } from '../dial-plan/file/read-plan.ts';
import { SipFailure } from '../drachtio/sip-failure.ts';
import { openRegistrar, other, phone } from './testing/open-registrar.ts';

test('a phone is asked for its password, and is there until its time is over', async () => {
  const { clock, register, uris, news, published, registrar } = openRegistrar();
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
  const { register, uris, refused } = openRegistrar();
  expect(await register({ contact: phone, password: 'wrong' })).toMatchObject({ status: 403 });
  expect(await register({ contact: phone, user: 'nobody' })).toMatchObject({ status: 403 });
  expect([uris(), refused]).toEqual([[], ['203.0.113.7', '203.0.113.7']]);
});

test('nobody registers for somebody else; login, identity and number are oneself', async () => {
  const { register, uris } = openRegistrar();
  expect(await register({ contact: phone, to: 'ben' })).toMatchObject({ status: 403, reason: 'Not Your Address' });
  expect(uris('ben')).toEqual([]);
  for (const to of ['ann-desk', 'ann', '100'])
    expect(await register({ contact: phone, to })).toMatchObject({ status: 200 });
});

describe('Contact: *', () => {
  test('ends all of them', async () => {
    const { register, uris, news } = openRegistrar();
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
    const { register, uris } = openRegistrar();
    await register({ contact: phone });
    expect(await register(asked)).toMatchObject({ status: 400 });
    expect(uris()).toHaveLength(1);
  });
});

describe('the time of a registration', () => {
  test('that is too short is 423 with the least one', async () => {
    const { register, uris } = openRegistrar();
    expect(await register({ contact: phone, expires: 59 })).toMatchObject({
      status: 423,
      headers: { 'Min-Expires': '60' },
    });
    expect(uris()).toEqual([]);
  });

  test('that is too long is cut', async () => {
    const { register } = openRegistrar();
    expect((await register({ contact: phone, expires: 4_294_967_295 })).headers['Contact']).toContain('expires=3600');
  });

  test('of a Contact goes before that of the message', async () => {
    const { register } = openRegistrar();
    const { headers } = await register({ contact: `${phone};expires=100`, expires: 200 });
    expect(headers['Contact']).toContain('expires=100');
  });
});

test('one that overtook another of the same phone changes nothing', async () => {
  const { register, uris } = openRegistrar();
  await register({ contact: phone, sequence: 5 });
  expect(await register({ contact: `${phone};expires=0`, sequence: 4 })).toMatchObject({ status: 500 });
  expect(await register({ contact: '*', expires: 0, sequence: 5 })).toMatchObject({ status: 500 });
  expect(uris()).toHaveLength(1);
});

test.each(['<tel:+4930123456>', 'x', `<sip:${'x'.repeat(1_100)}@10.0.0.1>`])('%s is no Contact', async (contact) => {
  const { register, uris } = openRegistrar();
  expect(await register({ contact })).toMatchObject({ status: 400 });
  expect(uris()).toEqual([]);
});

test('an answer that cannot be sent is nobody’s failure', async () => {
  const { registrar } = openRegistrar();
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
  const { register, registrar, logins, uris, clock } = openRegistrar();
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
