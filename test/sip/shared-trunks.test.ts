import { describe, expect, onTestFinished, test } from 'vitest';
import { redisNodes } from '../../cluster/redis/testing/redis-nodes.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import { readPlan } from '../../sip/dial-plan/file/read-plan.ts';
import { TrunkTallies } from '../../sip/trunks/trunk-tallies.ts';
import { Trunks } from '../../sip/trunks/trunks.ts';
import { eventually } from '../support/eventually.ts';
import { startRedis } from '../support/redis-server.ts';
import { requireOrSkip } from '../support/require.ts';

const plan = readPlan(
  `trunks: [{ name: p, outbound: { targets: 'sip:one.example', probeSeconds: 0 }, limits: { spendPerDay: 3 },
    prices: { +49: 1 }, fraud: { pricePerMinute: 0 } }]`,
  'plan.yaml',
);

describe.skipIf(!requireOrSkip('redis'))('the money of a trunk', { timeout: 60_000 }, () => {
  test('is the same for all nodes of a Redis, which lose sight of it and find it again', async () => {
    await using redis = await startRedis();
    await using nodes = redisNodes(redis.url);
    const open = async (name: string) => {
      const node = await nodes.join(name);
      const onListenerError = (error: unknown) => {
        throw error;
      };
      const trunks = new Trunks({ clock: systemClock, plan, node: name, onListenerError });
      const parts = { clock: systemClock, log: silentLogger, tallies: node.directory.tallies, trunks };
      const tallies = new TrunkTallies(parts);
      onTestFinished(() => tallies.close());
      return {
        node,
        why: () => trunks.choose({ number: '+4930123456' }).refusal?.reason,
        spend() {
          const [route] = trunks.choose({ number: '+4930123456' }).routes;
          const call = route && trunks.begin(route, () => {});
          call?.answered();
          call?.ended();
        },
      };
    };
    const [a, b] = [await open('a'), await open('b')];
    const used = 'the day’s 3 would be exceeded: 3.00 are spent';
    a.spend();
    b.spend();
    expect([a.why(), b.why()]).toEqual([undefined, undefined]);
    a.node.cut();
    b.spend();
    expect(a.why()).toBeUndefined();
    a.node.mend();
    await eventually(() => a.why() === used, 'that a knows', 20_000);
    await eventually(() => b.why() === used, 'that b knows', 20_000);
    // One that begins now is told, too; what a dead one spent stays spent.
    await b.node.kill();
    const c = await open('c');
    await eventually(() => c.why() === used, 'that c knows', 20_000);
  });
});
