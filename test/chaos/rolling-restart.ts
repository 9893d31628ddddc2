// Nodes are stopped and started again, one after the other, as an operator would, while people write and speak.

import { type Listening, listenTo } from '../cluster/silence.ts';
import type { Chaos } from './chaos.ts';
import { allKnown } from './faults.ts';
import type { Fault } from './round.ts';

/** Enough for clients to go, and for what the old node keeps of them; a node that is done before does not wait for it. */
export const drainOptions = ['shutdown.drainMs=30000', 'shutdown.moveStaggerMs=20'];
/** On a machine that has nothing left for them people hear nothing either: longer than that, a voice was lost and begun anew. */
const mostSilenceMs = 10_000;

/** Between all who speak, as it is heard. */
export async function listenToAll({ people }: Chaos): Promise<(Listening & { readonly name: string })[]> {
  const speakers = people.filter(({ speaksIn }) => speaksIn !== undefined);
  const pairs = speakers.flatMap((by) => speakers.filter((of) => of !== by).map((of) => ({ by, of })));
  return Promise.all(
    pairs.map(async ({ by, of }) => {
      const room = by.rooms.get(by.speaksIn ?? '');
      if (!room) throw new Error(`${by.identity} speaks nowhere`);
      return Object.assign(await listenTo(room, of.identity), { name: `${by.identity} hears ${of.identity}` });
    }),
  );
}

/** @throws {Error} when somebody was not heard for too long, or is not any more. Answers the longest silence. */
export async function requireHeard(listening: readonly (Listening & { readonly name: string })[]): Promise<number> {
  await Promise.all(listening.map((one) => one.goesOn()));
  const found = listening.filter(({ longestMs }) => longestMs >= mostSilenceMs);
  if (found.length > 0)
    throw new Error(found.map(({ name, longestMs }) => `${name}: ${longestMs} ms of silence`).join());
  return Math.round(Math.max(...listening.map(({ longestMs }) => longestMs)));
}

/** Counted from its end: until then nobody is to notice anything. */
export function restartNodes(places: readonly number[], say: (line: string) => void): Fault {
  return {
    name: 'rolling-restart',
    about: `SIGTERM of ${places.length} nodes, one after the other, each started again; counted from there`,
    async strike(chaos, begin) {
      const { cluster } = chaos;
      const listening = await listenToAll(chaos);
      try {
        for (const place of places) {
          await cluster.node(place).stop();
          say(`rolling-restart: node ${place} has ended, ${await requireHeard(listening)} ms of silence at most`);
          await cluster.node(place).startAgain();
          await allKnown(cluster);
          say(`rolling-restart: node ${place} is there again, ${await requireHeard(listening)} ms of silence at most`);
        }
      } finally {
        for (const one of listening) one[Symbol.dispose]();
      }
      begin();
    },
  };
}
