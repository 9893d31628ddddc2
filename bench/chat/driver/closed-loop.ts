// As fast as the server answers: so many messages are always under way, and each answer lets the next client send. What is
// found is the most that can be acknowledged; how long one waits at a given rate, the open loop tells.

import { setTimeout as delay } from 'node:timers/promises';
import { processCpuSeconds } from '../../support/cpu-time.ts';
import { type Group, roomName } from './group.ts';
import { type Delays, toDelays } from './open-loop.ts';
import { idDigits } from './text-id.ts';

export interface ClosedOrder {
  readonly serverPid: number;
  /** Of all clients together, one for each at most. */
  readonly inFlight: number;
  readonly textBytes: number;
  readonly warmMs: number;
  readonly durationMs: number;
}

export interface ClosedResult {
  readonly seconds: number;
  readonly acks: number;
  readonly refused: number;
  readonly serverCpuSeconds: number;
  /** Of its core, 0 to 1. */
  readonly driverShare: number;
  /** From sending to the acknowledgement. */
  readonly delayMs: Delays;
}

const afterRefusalMs = 5;
const drainMs = 5_000;

export async function runClosedLoop(group: Group, order: ClosedOrder, firstId: number): Promise<ClosedResult> {
  const { clients, dialect } = group;
  const { rooms, membersPerRoom } = group.order;
  const filler = 'x'.repeat(Math.max(0, order.textBytes - idDigits - 1));
  const sentMs: number[] = [];
  const delays: number[] = [];
  let refused = 0;
  let open = 0;
  let measuring = false;
  let stopped = false;

  const sendNext = () => {
    if (stopped) return;
    const at = sentMs.length;
    const room = at % rooms;
    const member = Math.floor(at / rooms) % membersPerRoom;
    const id = firstId + at;
    open++;
    sentMs.push(performance.now());
    const text = `|${String(id).padStart(idDigits, '0')}${filler}`;
    clients[room * membersPerRoom + member]?.send(dialect.publish({ room: roomName(group.order, room), text, id }));
  };
  for (const client of clients) {
    client.readAll();
    client.onPayload = (payload) => {
      const answer = dialect.answered(payload);
      if (answer === undefined) return;
      open--;
      if (answer.refused) {
        if (measuring) refused++;
        setTimeout(sendNext, afterRefusalMs);
        return;
      }
      if (measuring) delays.push(performance.now() - (sentMs[answer.id - firstId] ?? 0));
      sendNext();
    };
  }
  for (let count = 0; count < order.inFlight; count++) sendNext();
  await delay(order.warmMs);
  const count = () => ({
    ms: performance.now(),
    server: processCpuSeconds(order.serverPid),
    driver: processCpuSeconds(process.pid),
  });
  const before = count();
  measuring = true;
  await delay(order.durationMs);
  const after = count();
  measuring = false;
  stopped = true;
  for (const endMs = performance.now() + drainMs; open > 0 && performance.now() < endMs; ) await delay(10);
  for (const client of clients) {
    client.readAll(false);
    client.onPayload = () => {};
  }
  return {
    seconds: (after.ms - before.ms) / 1000,
    acks: delays.length,
    refused,
    serverCpuSeconds: after.server - before.server,
    driverShare: (1000 * (after.driver - before.driver)) / (after.ms - before.ms),
    delayMs: toDelays(delays),
  };
}
