import { eventually } from '../support/eventually.ts';
import type { Chaos } from './chaos.ts';
import { ChaosPerson } from './chaos-person.ts';

export const newcomersRoom = 'newcomers';
const deadlineMs = 60_000;

/** Two who come now and speak: sessions, rooms, transports and tracks are made as things are now. */
export interface Newcomers extends AsyncDisposable {
  /** Each of them hears the other one. */
  hear(): Promise<void>;
}

/** `token`: of the second one. */
export async function startNewcomers(
  { cluster, tokenOf }: Chaos,
  places: readonly [number, number],
  token?: string,
): Promise<Newcomers> {
  const come = (place: number, given?: string) => {
    const identity = `newcomer-${place}`;
    return ChaosPerson.start({
      identity,
      urls: [cluster.node(place).wsUrl],
      token: () => given ?? tokenOf(identity),
      rooms: [newcomersRoom],
      speaksIn: newcomersRoom,
    });
  };
  const one = await come(places[0]);
  const other = await come(places[1], token).catch(async (error: unknown) => {
    await one[Symbol.asyncDispose]();
    throw error;
  });
  const hears = async (by: ChaosPerson, of: ChaosPerson) => {
    const before = await by.heardOf(of.rooms.get(newcomersRoom)?.peerId ?? '');
    const isHeard = async () => {
      const now = await by.heardOf(of.rooms.get(newcomersRoom)?.peerId ?? '');
      return now !== undefined && now.packets > (before?.track === now.track ? before.packets : 0);
    };
    await eventually(isHeard, `${by.identity} to hear ${of.identity}`, deadlineMs, 100);
  };
  return {
    async hear() {
      await Promise.all([hears(one, other), hears(other, one)]);
      const complaints = [...one.complaints, ...other.complaints, ...one.departures, ...other.departures];
      if (complaints.length > 0) throw new Error(complaints.join());
    },
    async [Symbol.asyncDispose]() {
      await other[Symbol.asyncDispose]();
      await one[Symbol.asyncDispose]();
    },
  };
}
