// Everybody loses the network at once, while others write.

import { startChild } from '../../support/child-calls.ts';
import { compiledModule } from '../../support/compile.ts';
import { withDeadline } from '../../support/deadline.ts';
import { type Effort, type Findings, ms } from '../../support/findings.ts';
import { clientCore, pin } from '../../support/pin.ts';
import { Entrant } from '../contest.ts';
import { ours } from '../contestants.ts';
import type { StormDriver, StormResult } from '../driver/storm.ts';

const stormMs = 90_000;

export async function reconnectStorm({ quick, step }: Effort): Promise<Findings> {
  const size = quick ? { clients: 400, rooms: 200, publishers: 50, perSecond: 200 } : full;
  const results: (StormResult & { title: string })[] = [];
  for (const contestant of Object.values(ours)) {
    step(contestant.title);
    await using entrant = await Entrant.start(contestant);
    await using driver = await startChild<StormDriver>(compiledModule('chat/driver/storm.ts'));
    pin(driver.pid, clientCore);
    const order = { ...size, roomsEach: 10, awayMs: 1_000, withinMs: 30_000 };
    const storming = driver.call('storm', { ...order, port: entrant.port, serverPid: entrant.server.pid });
    results.push({ title: contestant.title, ...(await withDeadline(storming, stormMs, 'the storm')) });
  }
  const right = 'right' as const;
  return {
    title: `${size.clients.toLocaleString('en')} come back at once`,
    method: `${size.clients.toLocaleString('en')} connections in 10 of ${size.rooms.toLocaleString('en')} rooms each are cut for a second while ${size.publishers} others publish ${size.perSecond} messages/s; all resume their sessions at once and ask \`log.sync\` with their cursors. A tenth was writing when it was cut, and sends that again. Every text is looked for at every member of its room. Once each.`,
    table: {
      columns: [
        { title: 'server' },
        { title: 'live p50 ms', align: right },
        { title: 'p99 ms', align: right },
        { title: 'all live ms', align: right },
        { title: 'texts due', align: right },
        { title: 'lost', align: right },
        { title: 'double', align: right },
        { title: 'by sync', align: right },
        { title: 'told to wait', align: right },
        { title: 'server CPU s', align: right },
      ],
      rows: results.map((it) => [
        it.title,
        ms(it.liveMs.p50),
        ms(it.liveMs.p99),
        ms(it.liveMs.all),
        it.expected.toLocaleString('en'),
        String(it.lost),
        String(it.doubled),
        it.recordsFromSync.toLocaleString('en'),
        it.refusals.toLocaleString('en'),
        it.serverCpuSeconds.toFixed(2),
      ]),
    },
    goals: results.map(({ title, lost, doubled, gaps, holes, liveMs }) => ({
      name: `storm ${title}`,
      workload: 'storm',
      goal: `${title}: nothing lost, nothing double, everybody back`,
      measured: `${lost} lost, ${doubled} double, ${gaps + holes} gaps, all live after ${ms(liveMs.all)} ms`,
      reached: lost + doubled + gaps + holes === 0 && !Number.isNaN(liveMs.all),
    })),
    notes: [],
    results,
  };
}

const full = { clients: 2_000, rooms: 1_000, publishers: 100, perSecond: 500 };
