import type { PhoneMediaStats, PhoneThreadStats } from '../../media/phones/phone-media.ts';
import type { ExchangeStats } from '../../sip/exchange.ts';
import type { PulledMetric } from './pulled-metrics.ts';
import { type TrunkStats, trunkMetrics } from './trunk-metrics.ts';

export interface PhoneStats extends TrunkStats {
  readonly exchange: ExchangeStats;
  readonly media: PhoneMediaStats;
}

export const phoneMetrics: readonly PulledMetric<PhoneStats>[] = [
  { name: 'phones_registered', help: 'Phones that are registered here.', read: ({ exchange }) => exchange.phones },
  {
    name: 'phone_calls',
    help: 'Calls of phones: those that are answered, those that came and are not answered, whom the server rings.',
    label: 'state',
    read: ({ exchange: { lines, incoming, outgoing } }) => ({ answered: lines, incoming, outgoing }),
  },
  {
    name: 'phone_pins_total',
    help: 'PINs that callers entered: right, wrong, or not looked at because too many were wrong before.',
    label: 'outcome',
    read: ({ exchange: { pins } }) => ({ right: pins.right, wrong: pins.wrong, locked: pins.locked }),
  },
  {
    name: 'phone_pin_rules_locked',
    help: 'Rules of trunks where only callers come in who were right before: too many PINs were wrong.',
    read: ({ exchange }) => exchange.pins.lockedGroups,
  },
  { name: 'phone_legs', help: 'Sockets of phones: a pair of ports each.', read: ({ media }) => media.legs },
  {
    name: 'phone_legs_refused_total',
    help: 'Phones that were refused because the threads that mix were late.',
    read: ({ media }) => media.refused,
  },
  {
    name: 'phone_leg_failures_total',
    help: 'Phones whose media ended by an error in the server, and that of no other with it.',
    read: ({ media }) => media.legFailures,
  },
  {
    name: 'phone_thread_deaths_total',
    help: 'Threads that mix and ended by themselves.',
    read: ({ media }) => media.threadDeaths,
  },
  ofThreads('legs', 'Phones by the thread that mixes for them.', ({ legs }) => legs),
  ofThreads('rooms', 'Rooms by the thread that mixes them.', ({ rooms }) => rooms),
  ofThreads(
    'late_seconds',
    'How late one of a hundred ticks of each thread comes, of the last seconds.',
    ({ lateMsP99 }) => lateMsP99 / 1_000,
  ),
  ofThreads('cpu_seconds_total', 'CPU time of each thread.', ({ cpuSeconds }) => cpuSeconds),
  ...trunkMetrics,
];

function ofThreads(name: string, help: string, read: (thread: PhoneThreadStats) => number): PulledMetric<PhoneStats> {
  return {
    name: `phone_thread_${name}`,
    help,
    label: 'thread',
    read: ({ media }) => Object.fromEntries(media.threads.map((thread) => [thread.place, read(thread)])),
  };
}
