import { eventually } from '../support/eventually.ts';
import type { Chaos } from './chaos.ts';
import { ChaosPerson } from './chaos-person.ts';

export const newcomersRoom = 'newcomers';
const room = newcomersRoom;
const deadlineMs = 60_000;

/**
 * Two who come now, to these nodes, hear each other: sessions, rooms, transports and tracks are made as things are now.
 * `token`: of the second one.
 */
export async function newcomersTalk(
  { cluster, tokenOf }: Chaos,
  places: readonly [number, number],
  token?: string,
): Promise<void> {
  const come = (place: number, given?: string) => {
    const identity = `newcomer-${place}`;
    const { wsUrl } = cluster.node(place);
    return ChaosPerson.start({
      identity,
      urls: [wsUrl],
      token: () => given ?? tokenOf(identity),
      rooms: [room],
      speaksIn: room,
    });
  };
  await using one = await come(places[0]);
  await using other = await come(places[1], token);
  const hears = async (by: ChaosPerson, of: ChaosPerson) =>
    ((await by.heardOf(of.rooms.get(room)?.peerId ?? ''))?.packets ?? 0) > 0;
  await eventually(() => hears(one, other), 'the first newcomer to hear the second', deadlineMs, 100);
  await eventually(() => hears(other, one), 'the second newcomer to hear the first', deadlineMs, 100);
}
