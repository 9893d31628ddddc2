import { describe, expect, test } from 'vitest';
import { openRegistrar, other, phone, users } from './testing/open-registrar.ts';

describe('several phones of a user', () => {
  test('are told apart, and the best rings first', async () => {
    const { register, uris } = openRegistrar();
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
    const { clock, register, registrar, news } = openRegistrar();
    await register({ contact: phone, expires: 100 });
    const [before] = registrar.contactsOf('ann');
    clock.advance(90_000);
    await register({ contact: phone, expires: 100 });
    clock.advance(90_000);
    const [after] = registrar.contactsOf('ann');
    expect([after?.id, news]).toEqual([before?.id, ['came sip:ann@10.0.0.5:5060']]);
  });

  test('by +sip.instance a phone is the same at another address', async () => {
    const { register, uris } = openRegistrar();
    const instance = '+sip.instance="<urn:uuid:1>";reg-id=1';
    await register({ contact: `${phone};${instance}`, callId: 'a' });
    const { headers } = await register({ contact: `${other};${instance}`, callId: 'b' });
    expect(uris()).toEqual(['sip:ann@10.0.0.6:5060']);
    expect(headers['Contact']).toContain('+sip.instance="<urn:uuid:1>"');
  });

  test('are bounded: the one that was heard of longest ago goes', async () => {
    const { register, uris, news } = openRegistrar(`registration: { phonesPerUser: 2 }\n${users}`);
    for (const host of ['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.3'])
      await register({ contact: `<sip:ann@${host}>`, callId: host });
    expect(uris()).toEqual(['sip:ann@10.0.0.1', 'sip:ann@10.0.0.3']);
    expect(news.at(-1)).toBe('left sip:ann@10.0.0.2 gone');
    const three = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((host) => `<sip:ann@${host}>`);
    expect(await register({ contact: three })).toMatchObject({ status: 403 });
  });

  test('of all users are bounded: 503, and who is there may refresh', async () => {
    const { register } = openRegistrar(`registration: { phones: 1 }\n${users}`);
    expect(await register({ contact: phone })).toMatchObject({ status: 200 });
    const full = await register({ contact: '<sip:ben@10.0.0.9>', user: 'ben' });
    expect(full).toMatchObject({ status: 503, headers: { 'Retry-After': '60' } });
    expect(await register({ contact: phone })).toMatchObject({ status: 200 });
  });
});
