// Publishes at fixed times, whatever comes back: delay is counted from when a message was due, so that a server that is
// behind cannot hide it.

import { setTimeout as delay } from 'node:timers/promises';
import { processCpuSeconds } from '../../support/cpu-time.ts';
import { mark } from '../../support/frame-counter.ts';
import { quantile } from '../../support/statistics.ts';
import { type Group, nodeOf, roomName } from './group.ts';
import type { RawClient } from './raw-client.ts';
import { idDigits } from './text-id.ts';

export interface RunOrder {
  readonly serverPid: number;
  /** Of other processes that belong to it. */
  readonly alsoPids?: readonly number[];
  readonly perSecond: number;
  /** Of each room; they take turns. */
  readonly publishersPerRoom: number;
  readonly textBytes: number;
  readonly warmMs: number;
  readonly durationMs: number;
  /** How long what is under way may take to arrive. */
  readonly drainMs: number;
  /** So many connections are read: delays, losses and repetitions are those that they see. */
  readonly sampled: number;
  /** Publishers read their acknowledgements. */
  readonly readsAcks?: boolean;
  /** So many connections, the last ones, have stopped reading, and nobody waits for them. */
  readonly stalled?: number;
  /** Delays are those of messages from other nodes than the reader's. */
  readonly remoteOnly?: boolean;
  /** Which group of connections; otherwise the last one that was opened. */
  readonly group?: number;
}

export interface RunResult {
  readonly seconds: number;
  readonly published: number;
  /** Before and after that included, and without what was refused. */
  readonly total: number;
  /** Texts that arrived while it was measured, and those that should have. */
  readonly deliveries: number;
  readonly expected: number;
  readonly frames: number;
  readonly bytes: number;
  readonly serverCpuSeconds: number;
  /** In the order of `alsoPids`. */
  readonly alsoCpuSeconds: readonly number[];
  /** Of its core, 0 to 1. */
  readonly driverShare: number;
  readonly delayMs: Delays;
  /** `count` came while it was measured. Delays are those of what was due then, unanswered ones until the waiting ended. */
  readonly acks: {
    readonly count: number;
    readonly refused: number;
    readonly unanswered: number;
    readonly delayMs: Delays;
  };
  /** Of all that was published, at the sampled connections, after waiting. */
  readonly lost: number;
  readonly repeated: number;
  /** Everything arrived within the time for it. */
  readonly drained: boolean;
}

export interface Delays {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** How often what is due is sent. */
const tickMs = 1;

export async function runOpenLoop(group: Group, order: RunOrder, firstId: number): Promise<RunResult> {
  const { clients } = group;
  const { rooms, membersPerRoom } = group.order;
  const others = clients.slice(0, clients.length - (order.stalled ?? 0));
  const dueMs: number[] = [];
  const delays: number[] = [];
  const ackDelays: number[] = [];
  let acked = 0;
  let refused = 0;
  let rejected = 0;
  const unanswered = new Set<number>();
  let measuring = false;
  const fromMs = performance.now() + order.warmMs;
  const toMs = fromMs + order.durationMs;
  const samples = pickSamples(others, order).map((at) => watch(at));

  /** Where the message with this place among the published ones came in. */
  function publisherNodeOf(at: number): number {
    return (Math.floor(at / rooms) % order.publishersPerRoom) % group.order.ports.length;
  }

  function watch(at: number) {
    const client = clients[at] as RawClient;
    const seen = new Map<number, number>();
    const node = nodeOf(group.order, at);
    client.readAll();
    client.onPayload = (payload) => {
      const nowMs = performance.now();
      for (const id of readIds(payload)) {
        seen.set(id, (seen.get(id) ?? 0) + 1);
        const due = dueMs[id - firstId] ?? 0;
        if (due < fromMs || due >= toMs) continue;
        if (!order.remoteOnly || publisherNodeOf(id - firstId) !== node) delays.push(nowMs - due);
      }
    };
    return { room: Math.floor(at / membersPerRoom), seen };
  }

  if (order.readsAcks) {
    const publishes = (_: unknown, at: number) => at % membersPerRoom < order.publishersPerRoom;
    for (const client of others.filter(publishes)) {
      const before = client.onPayload;
      client.readAll();
      client.onPayload = (payload, opcode) => {
        const answer = group.dialect.answered(payload);
        if (answer === undefined) return before(payload, opcode);
        if (answer.refused) rejected++;
        if (measuring && answer.refused) refused++;
        else if (measuring) acked++;
        if (!unanswered.delete(answer.id) || answer.refused) return;
        ackDelays.push(performance.now() - (dueMs[answer.id - firstId] ?? 0));
      };
    }
  }

  const count = () => ({
    ms: performance.now(),
    published: dueMs.length,
    deliveries: total(clients, ({ counter }) => counter.deliveries),
    frames: total(clients, ({ counter }) => counter.frames),
    bytes: total(clients, ({ bytes }) => bytes),
    server: processCpuSeconds(order.serverPid),
    also: (order.alsoPids ?? []).map(processCpuSeconds),
    driver: processCpuSeconds(process.pid),
  });

  const filler = 'x'.repeat(Math.max(0, order.textBytes - idDigits - 1));
  const startedMs = fromMs - order.warmMs;
  const everyMs = 1000 / order.perSecond;
  const publishUntil = async (endMs: number) => {
    for (;;) {
      const nowMs = performance.now();
      for (let at = dueMs.length; startedMs + at * everyMs <= Math.min(nowMs, endMs); at++) {
        const room = at % rooms;
        const member = Math.floor(at / rooms) % order.publishersPerRoom;
        const due = startedMs + at * everyMs;
        dueMs.push(due);
        if (order.readsAcks && due >= fromMs) unanswered.add(firstId + at);
        const text = `|${String(firstId + at).padStart(idDigits, '0')}${filler}`;
        clients[room * membersPerRoom + member]?.send(
          group.dialect.publish({ room: roomName(group.order, room), text, id: firstId + at }),
        );
      }
      if (nowMs >= endMs) return;
      await delay(tickMs);
    }
  };

  await publishUntil(fromMs);
  const before = count();
  measuring = true;
  await publishUntil(toMs);
  const after = count();
  measuring = false;

  const expectedOf = (room: number) => Math.floor((dueMs.length - 1 - room) / rooms) + 1;
  const isComplete = () => unanswered.size === 0 && samples.every(({ room, seen }) => seen.size >= expectedOf(room));
  for (const endMs = performance.now() + order.drainMs; !isComplete() && performance.now() < endMs; ) await delay(10);
  const drained = isComplete();
  const endedMs = performance.now();
  for (const id of unanswered) ackDelays.push(endedMs - (dueMs[id - firstId] ?? 0));
  for (const client of others) {
    client.readAll(false);
    client.onPayload = () => {};
  }
  const readers = membersPerRoom - (order.stalled ?? 0) / rooms;
  return {
    seconds: (after.ms - before.ms) / 1000,
    published: after.published - before.published,
    total: dueMs.length - rejected,
    deliveries: after.deliveries - before.deliveries,
    expected: Math.round((after.published - before.published) * readers),
    frames: after.frames - before.frames,
    bytes: after.bytes - before.bytes,
    serverCpuSeconds: after.server - before.server,
    alsoCpuSeconds: after.also.map((seconds, at) => seconds - (before.also[at] ?? 0)),
    driverShare: (after.driver - before.driver) / ((after.ms - before.ms) / 1000),
    delayMs: toDelays(delays),
    acks: { count: acked, refused, unanswered: unanswered.size, delayMs: toDelays(ackDelays) },
    lost: samples.reduce((lost, { room, seen }) => lost + Math.max(0, expectedOf(room) - seen.size), 0),
    repeated: samples.reduce((sum, { seen }) => sum + [...seen.values()].filter((times) => times > 1).length, 0),
    drained,
  };
}

/** Spread over the group, and away from its first members, which publish. */
function pickSamples(clients: readonly RawClient[], { sampled }: RunOrder): number[] {
  const step = clients.length / Math.min(sampled, clients.length);
  return Array.from({ length: Math.min(sampled, clients.length) }, (_, at) => Math.floor((at + 0.999) * step)).filter(
    (at) => at < clients.length,
  );
}

/** The numbers behind the marks. */
export function readIds(payload: Buffer): number[] {
  const ids: number[] = [];
  for (let at = payload.indexOf(mark); at >= 0; at = payload.indexOf(mark, at + 1)) {
    let id = 0;
    for (let digit = at + 1; digit <= at + idDigits; digit++) id = id * 10 + (payload[digit] ?? 48) - 48;
    ids.push(id);
  }
  return ids;
}

function total(clients: readonly RawClient[], of: (client: RawClient) => number): number {
  let sum = 0;
  for (const client of clients) sum += of(client);
  return sum;
}

export function toDelays(values: readonly number[]): Delays {
  return { p50: quantile(values, 0.5), p99: quantile(values, 0.99), p999: quantile(values, 0.999) };
}
