// The clients of one contestant, in a process of their own.

import { setTimeout as delay } from 'node:timers/promises';
import { answerCalls } from '../../support/child-calls.ts';
import { type Group, type GroupOrder, openGroup } from './group.ts';
import { type RunOrder, type RunResult, readIds, runOpenLoop } from './open-loop.ts';

export type Driver = {
  open(order: GroupOrder): Promise<void>;
  run(order: RunOrder): Promise<RunResult>;
  /** One connection stops reading. */
  stall(at: number): void;
  /** It reads again. Tells how many of the texts published since it stopped arrived within the time, and how many of them twice. */
  goOn(order: {
    at: number;
    expected: number;
    withinMs: number;
  }): Promise<{ arrived: number; repeated: number; ms: number }>;
  /** Drops all connections. */
  close(): void;
};

/** The last one is at work; those before it stay as they are. */
let groups: Group[] = [];
let firstId = 1;
const idsPerRun = 1_000_000;
/** What reached the connection that stopped reading: how often each text. */
let stalledSeen = new Map<number, number>();

function requireGroup(): Group {
  const group = groups.at(-1);
  if (!group) throw new Error('there are no connections');
  return group;
}

answerCalls(
  {
    async open(order) {
      groups.push(await openGroup(order));
    },
    async run(order) {
      const result = await runOpenLoop(requireGroup(), order, firstId);
      firstId += idsPerRun;
      return result;
    },
    stall(at) {
      const client = requireGroup().clients[at];
      const seen = new Map<number, number>();
      stalledSeen = seen;
      if (!client) throw new Error(`there is no connection ${at}`);
      client.readAll();
      client.onPayload = (payload) => {
        for (const id of readIds(payload)) seen.set(id, (seen.get(id) ?? 0) + 1);
      };
      client.stall();
    },
    async goOn({ at, expected, withinMs }) {
      const startedMs = performance.now();
      requireGroup().clients[at]?.goOn();
      while (stalledSeen.size < expected && performance.now() - startedMs < withinMs) await delay(10);
      const repeated = [...stalledSeen.values()].filter((times) => times > 1).length;
      return { arrived: stalledSeen.size, repeated, ms: performance.now() - startedMs };
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
