// What a message costs the server that Parley's gateway is, against uWebSockets.js and ws with nothing around them.

import { parseArgs } from 'node:util';
import { Contest, type SideResult } from './gateway/rounds.ts';
import { echoConnections, peersPerRoom, rooms, workloads } from './gateway/sides.ts';
import { startLoadMeter } from './support/cpu-time.ts';
import { createProgress } from './support/progress.ts';
import { publishReport } from './support/report.ts';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const rounds = flags.quick ? 3 : 11;
const turnMs = flags.quick ? 500 : 1_500;

const progress = createProgress('gateway');
progress.step('starting servers and clients');
await using contest = await Contest.start();
const load = startLoadMeter([process.pid, ...contest.pids]);
const results: Record<string, readonly SideResult[]> = {};
for (const workload of workloads) {
  results[workload.name] = await contest.measure(workload, {
    rounds,
    turnMs,
    onRound: (round) => progress.step(`${workload.name}: round ${round} of ${rounds}`),
  });
}
const machineLoad = load.stop();
progress.done();

publishReport(
  {
    name: 'gateway',
    title: 'Gateway: a message, against uWebSockets.js and ws',
    method:
      'CPU seconds of the server process for a million messages: answers in an echo of `session.ping` with 32 bytes, delivered events in rooms of 100. Servers take turns on one core; the clients are raw TCP sockets on the other, which send prepared frames and count bytes, in rooms marked texts. A ratio compares a turn with the base’s turn of the same round; median and quartiles of all rounds.',
    table: {
      columns: [
        { title: 'workload' },
        { title: 'server' },
        { title: 'CPU-s per million', align: 'right' },
        { title: '× uWS, bytes', align: 'right' },
        { title: 'quartiles', align: 'right' },
        { title: '× uWS, same call', align: 'right' },
        { title: 'messages/s', align: 'right' },
      ],
      rows: Object.entries(results).flatMap(([workload, sides]) => sides.map((side) => toRow(workload, side))),
    },
    notes: [
      'Parley runs with all its policies: rates per connection and address, frame and call limits, slow-reader accounting, batching, counters. “With signaling” adds sessions, validation by the contract, grants, the timing of each call and, in rooms, a numbered log in memory with an answer to each message.',
      'The goal is within 1.3 of bare uWebSockets.js that does the same: answers the same call, or sends the same bytes to the same room. Against a server that sends bytes back unread the echo is beyond 1.3; that column shows what reading JSON costs anyone: with 16 calls in one segment, reading and writing them is most of the work.',
      'In rooms with many messages at once Parley sends what a turn of the event loop brings to a connection in one write; a loop of send is a system call each.',
      `Echo: ${echoConnections} connections. Rooms: ${rooms} rooms of ${peersPerRoom}; with 1 in flight the peers take turns, with 8 in flight one peer of each room sends.`,
    ],
    packages: ['uWebSockets.js', 'ws'],
    load: machineLoad,
    settings: { rounds, turnMs, echoConnections, rooms, peersPerRoom },
    results,
  },
  { record: !flags.quick },
);

function toRow(workload: string, side: SideResult): string[] {
  const isEcho = workload.startsWith('echo');
  return [
    workload,
    side.side,
    side.cpuSecondsPerMillion.toFixed(2),
    side.ratio.toFixed(2),
    `${side.ratioLow.toFixed(2)}–${side.ratioHigh.toFixed(2)}`,
    isEcho ? side.ratioToSecond.toFixed(2) : side.ratio.toFixed(2),
    Math.round(side.messagesPerSecond).toLocaleString('en'),
  ];
}
