// Keys of a phone at one node for a phone at another, over a real Redis and gRPC.

import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { dial, type TestPhone } from '../support/phones/phone.ts';
import { startPhoneCluster } from '../support/phones/phone-cluster.ts';
import { planOfThree } from '../support/phones/plan.ts';
import { requireOrSkip } from '../support/require.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('redis') && requireOrSkip('baresip');
const pin = '*271828#';

const keysAt = ({ events }: TestPhone) =>
  events.flatMap(({ type, param }) => (type === 'CALL_DTMF_START' ? [param] : [])).join('');

describe.skipIf(!here)('phones of two nodes', { timeout: 120_000 }, () => {
  test('press keys for each other, in order, and no node writes them down', async () => {
    const phones = await startPhoneCluster(`${planOfThree}registration: { minSeconds: 10 }\n`, { nodes: 2 });
    onTestFinished(() => phones[Symbol.asyncDispose]());
    const [ann, ben] = await Promise.all([
      phones.phoneAt(0, { user: 'ann' }),
      phones.phoneAt(1, { user: 'ben', answers: true }),
    ]);
    await eventually(async () => (await phones.registered()).length === 2, 'that both are known', 20_000);
    await dial(ann, '101');
    await ben.heard('CALL_ESTABLISHED');
    await delay(500);
    for (const key of pin) {
      await ann.command('sndcode', key);
      await delay(150);
      await ann.command('sndcode', '\u0004');
      await delay(150);
    }
    await eventually(() => keysAt(ben) === pin, 'the keys', 20_000);
    await ben.command('sndcode', '5');
    await eventually(() => keysAt(ann) === '5', 'the other’s key', 20_000);
    const places = [0, 1];
    const said = places.map((place) => phones.cluster.node(place).output).join('\n');
    expect(said).toContain('phone registered');
    expect(said).not.toMatch(/271828|"digits?":/);
  });
});
