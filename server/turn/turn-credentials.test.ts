import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { createTurnCredentials, type TurnOptions } from './turn-credentials.ts';

const secret = 'what-the-relay-knows-too';

function credentialsOf(identity: string, options: Partial<TurnOptions> = {}) {
  const clock = new FakeClock();
  const issue = createTurnCredentials({
    urls: ['turn:turn.example.org:3478?transport=udp', 'turns:turn.example.org:443?transport=tcp'],
    secret,
    ttlSeconds: 600,
    alwaysRelay: false,
    clock,
    ...options,
  });
  return { ...issue(identity), nowMs: clock.nowMs() };
}

describe('credentials for a relay', () => {
  it('end after their time, and are signed with the secret', () => {
    const { iceServers, expiresAtMs, nowMs } = credentialsOf('ada');
    expect(expiresAtMs).toBe(nowMs + 600_000);
    expect(iceServers).toHaveLength(1);
    const { username, credential, urls } = iceServers[0]!;
    expect(urls).toHaveLength(2);
    expect(username).toMatch(/^\d+:[0-9a-f]{16}$/);
    expect(Number.parseInt(username, 10)).toBe(Math.floor(expiresAtMs / 1000));
    expect(credential).toBe(createHmac('sha1', secret).update(username).digest('base64'));
  });

  it('do not name who has them, and tell people apart', () => {
    const [ada, bob] = ['ada@example.org', 'bob:1/2'].map(
      (identity) => credentialsOf(identity).iceServers[0]!.username,
    );
    expect(ada).not.toContain('ada');
    expect(bob!.split(':')).toHaveLength(2);
    expect(ada).not.toBe(bob);
    expect(credentialsOf('ada@example.org').iceServers[0]!.username).toBe(ada);
    expect(credentialsOf('ada@example.org', { secret: 'another' }).iceServers[0]!.username).not.toBe(ada);
  });

  it('are not given to STUN servers, and urls come in pieces that the contract takes', () => {
    const stun = Array.from({ length: 9 }, (_, index) => `stun:stun${index}.example.org`);
    const { iceServers } = credentialsOf('ada', { urls: [...stun, 'turn:turn.example.org'] });
    expect(iceServers.map(({ urls, username }) => [urls.length, username !== ''])).toEqual([
      [8, false],
      [1, false],
      [1, true],
    ]);
  });

  it('are none where there is no relay', () => {
    expect(credentialsOf('ada', { urls: [] })).toMatchObject({ iceServers: [], expiresAtMs: 0, relayOnly: false });
  });
});
