// One-to-one calls of a browser and a phone that speak one codec: what a call costs, and whom.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Effort, Findings } from '../../support/findings.ts';
import { median } from '../../support/statistics.ts';
import { type Cost, nextSsrc, openBrowser, openPhones, openStage } from '../stage.ts';

const goalShare = 0.05;
const packetsPerSecond = 50;

export async function direct({ rounds, quick, step }: Effort): Promise<Findings> {
  const count = quick ? 10 : 40;
  const turnSeconds = quick ? 4 : 10;
  await using stage = await openStage();
  step(`${count} calls begin`);
  for (let at = 0; at < count; at++) {
    const room = `call-${at}`;
    const ssrc = nextSsrc();
    const browser = await openBrowser(stage, { room, codec: 'PCMU', ssrc });
    const [phone] = await openPhones(stage, { room, count: 1, perSocket: 1 });
    await browser.listen();
    if (!phone) throw new Error('A phone did not come into its room.');
    const voice = { codec: 'PCMU', says: 'speech' } as const;
    await stage.load.call('talk', {
      talks: [
        { ...voice, way: { caller: browser.mouth }, ssrc, tellsLevel: true },
        { ...voice, way: phone },
      ],
    });
  }
  await sleep(3_000);
  const passing = await stage.server.call('passing');
  const costs: Cost[] = [];
  const came: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    step(`round ${round} of ${rounds}`);
    await stage.load.call('count');
    costs.push(await stage.costPerSecond(turnSeconds));
    const { sent, received } = await stage.load.call('count');
    came.push(received / sent);
  }
  const perCall = (part: keyof Cost) => median(costs.map((cost) => cost[part])) / count;
  const rows = [
    { name: 'main loop of Node.js', cost: perCall('main') },
    { name: 'mixer thread of Node.js', cost: perCall('mixer') },
    { name: 'worker (mediasoup)', cost: perCall('worker') },
  ];
  const [main, mixer, worker] = rows.map(({ cost }) => cost) as [number, number, number];
  const all = main + mixer + worker;
  const nodeShare = (main + mixer) / all;
  const percent = (cost: number) => `${(100 * cost).toFixed(3)} %`;
  return {
    title: 'Direct calls',
    method: `${count} calls of a browser with real ICE, DTLS and SRTP and a phone with RTP, both PCMU and both speaking all the time: ${packetsPerSecond} packets a second each way, ${passing} of ${count} legs passed through as they came. CPU seconds per second of a call.`,
    table: {
      columns: [
        { title: 'who' },
        { title: 'CPU ms per second of a call', align: 'right' },
        { title: 'of a core', align: 'right' },
        { title: 'of the call', align: 'right' },
      ],
      rows: rows.map(({ name, cost }) => [
        name,
        (1_000 * cost).toFixed(3),
        percent(cost),
        `${((100 * cost) / all).toFixed(1)} %`,
      ]),
    },
    goals: [
      {
        name: 'node-share',
        workload: 'direct calls',
        goal: `Node.js with all its threads takes at most ${100 * goalShare} % of a direct call’s CPU`,
        measured: `${(100 * nodeShare).toFixed(0)} %: ${percent(main)} of a core in the main loop, ${percent(mixer)} in the mixer’s thread`,
        reached: nodeShare <= goalShare,
      },
    ],
    notes: [`Of the packets of direct calls ${(100 * median(came)).toFixed(2)} % arrived.`],
    results: { count, passing, main, mixer, worker, costs, came },
  };
}
