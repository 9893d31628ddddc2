import { describe, expect, test } from 'vitest';
import { startSignaling } from './testing/start-signaling.ts';

describe('a session whose token expires', () => {
  test('is warned, then told, then closed, and its peers leave as expired', async () => {
    const t = startSignaling();
    const bob = await t.join({ identity: 'bob' });
    const ada = await t.join({ identity: 'ada', ttlMs: 100_000 });
    bob.link.take();
    const expiresAtMs = t.clock.nowMs() + 100_000;
    t.clock.advance(40_000);
    expect(ada.link.take()).toEqual([{ name: 'tokenExpiring', payload: { expiresAtMs } }]);
    expect(ada.link.closedWith).toBeUndefined();
    t.clock.advance(60_000);
    expect(ada.link.take()).toEqual([{ name: 'sessionClosing', payload: { reason: 'TOKEN_EXPIRED' } }]);
    expect(ada.link.closedWith).toBe('TOKEN_EXPIRED');
    await t.turns.end();
    expect(bob.link.take()).toMatchObject([
      { name: 'peersLeft', payload: { peers: [{ name: 'ada', reason: 'expired' }], peerCount: 1 } },
    ]);
    expect((await ada.refusal('session.ping', {})).reason).toBe('NOT_CONNECTED');
    expect(t.signaling.stats().sessions).toEqual({ connected: 1, away: 0 });
  });

  test('is warned behind the answer of connect when little is left from the start', async () => {
    const t = startSignaling();
    const ada = t.open();
    await ada.connect(t.verifier.issue({ identity: 'ada', ttlMs: 5_000 }));
    expect(ada.link.names()).toEqual([]);
    await t.turns.end();
    expect(ada.link.names()).toEqual(['tokenExpiring']);
  });

  test('expires while it is away, too', async () => {
    const t = startSignaling();
    const bob = await t.join({ identity: 'bob' });
    const ada = await t.join({ identity: 'ada', ttlMs: 20_000 });
    ada.link.lose();
    bob.link.take();
    t.clock.advance(20_000);
    await t.turns.end();
    expect(bob.link.of('peersLeft')).toMatchObject([{ peers: [{ reason: 'expired' }] }]);
    t.clock.advance(t.options.sessions.resumeGraceMs);
    await t.turns.end();
    expect(bob.link.of('peersLeft')).toHaveLength(1);
  });

  test('lives as long as the token that it was resumed with', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada', ttlMs: 20_000 });
    ada.link.lose();
    const again = t.open();
    await again.connect(t.verifier.issue({ identity: 'ada', ttlMs: 500_000 }), ada);
    await t.turns.end();
    t.clock.advance(440_000);
    expect(again.link.names()).toEqual(['tokenExpiring']);
    t.clock.advance(60_000);
    expect(again.link.closedWith).toBe('TOKEN_EXPIRED');
  });
});
