// The clients of one contestant, in a process of their own.

import { setTimeout as delay } from 'node:timers/promises';
import { answerCalls } from '../../support/child-calls.ts';
import { type ClosedOrder, type ClosedResult, runClosedLoop } from './closed-loop.ts';
import { jsonCall } from './dialects.ts';
import { type Group, type GroupOrder, openGroup, roomName } from './group.ts';
import { type RunOrder, type RunResult, readIds, runOpenLoop } from './open-loop.ts';
import type { RawClient } from './raw-client.ts';

export type Driver = {
  open(order: GroupOrder): Promise<void>;
  run(order: RunOrder): Promise<RunResult>;
  saturate(order: ClosedOrder): Promise<ClosedResult>;
  /** The last connection of the last group enters a room of another group too; Parley in JSON only. */
  enterToo(group: number): Promise<void>;
  /** The last `count` connections of the last group stop reading. */
  stall(count: number): void;
  /**
   * They read again. Tells how many of the texts published since they stopped arrived within the time, and how many of them
   * twice: `expected` each.
   */
  goOn(order: { expected: number; withinMs: number }): Promise<{ arrived: number; repeated: number; ms: number }>;
  /** Drops all connections. */
  close(): void;
};

/** The last one is at work unless another is named; the others stay as they are. */
let groups: Group[] = [];
let firstId = 1;
const idsPerRun = 1_000_000;
/** The connections that stopped reading, and what reached each: how often each text. */
let stalled: { readonly client: RawClient; readonly seen: Map<number, number> }[] = [];

function requireGroup(at = -1): Group {
  const group = groups.at(at);
  if (!group) throw new Error('there are no connections');
  return group;
}

answerCalls(
  {
    async open(order) {
      groups.push(await openGroup(order));
    },
    async run(order) {
      const result = await runOpenLoop(requireGroup(order.group), order, firstId);
      firstId += idsPerRun;
      return result;
    },
    async saturate(order) {
      const result = await runClosedLoop(requireGroup(), order, firstId);
      firstId += idsPerRun;
      return result;
    },
    async enterToo(group) {
      const client = requireGroup().clients.at(-1);
      if (!client) throw new Error('there are no connections');
      client.readAll();
      const entered = new Promise<void>((resolve) => {
        client.onPayload = (payload) => {
          if (payload.includes('"id":3,"result"')) resolve();
        };
      });
      client.send(jsonCall(3, 'room.join', { room: roomName(requireGroup(group).order, 0) }));
      await entered;
    },
    stall(count) {
      stalled = requireGroup()
        .clients.slice(-count)
        .map((client) => {
          const seen = new Map<number, number>();
          client.readAll();
          client.onPayload = (payload) => {
            for (const id of readIds(payload)) seen.set(id, (seen.get(id) ?? 0) + 1);
          };
          client.stall();
          return { client, seen };
        });
    },
    async goOn({ expected, withinMs }) {
      const startedMs = performance.now();
      for (const { client } of stalled) client.goOn();
      const isBehind = () => stalled.some(({ seen }) => seen.size < expected);
      while (isBehind() && performance.now() - startedMs < withinMs) await delay(10);
      return {
        arrived: stalled.reduce((sum, { seen }) => sum + seen.size, 0),
        repeated: stalled.reduce((sum, { seen }) => sum + [...seen.values()].filter((times) => times > 1).length, 0),
        ms: performance.now() - startedMs,
      };
    },
    close() {
      for (const client of groups.flatMap(({ clients }) => clients)) {
        client.onClose = () => {};
        client.drop();
      }
      groups = [];
    },
  } satisfies Driver,
  () => {},
);
