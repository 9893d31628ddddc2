// What the owner of a room decided, over a real Redis: it holds at whoever owns the room next.

import { describe, expect, test } from 'vitest';
import type { ContractNode } from '../../cluster/contract/cluster.contract.ts';
import { redisNodes } from '../../cluster/redis/testing/redis-nodes.ts';
import type { AppError } from '../../core/errors.ts';
import { type ControlChange, RoomControl } from '../../signaling/cluster/room-control.ts';
import { eventually } from '../../test/support/eventually.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';

const room = 'standup';
const lock = (owner: string): ControlChange => ({ setLock: { owner, lock: 'sound', locked: true } });

/** In the room, as its node knows it. */
async function enter(node: ContractNode, controls: Map<string, RoomControl>) {
  const { rooms, nodes } = node.directory;
  let place = await rooms.enter(room, '{}');
  const control: RoomControl = new RoomControl({
    room,
    life: () => nodes.life,
    isThere: (life) => life === nodes.life || nodes.others.has(life),
    place: () => place,
    lookAgain: async () => {
      place = (await rooms.find(room)) ?? place;
      control.read(place);
      return place;
    },
    keep: (term, text) => rooms.keepControl(room, term, text),
    ask: async (owner, _term, change) => void (await controls.get(owner)?.carryOut(change)),
    publish: (told) => {
      for (const other of controls.values()) if (other !== control) other.heard(told);
    },
    onChanged: () => {},
  });
  rooms.events.on('ownerChanged', (changed) => {
    place = changed.place;
    control.read(place);
  });
  control.read(place);
  controls.set(nodes.life, control);
  const owners = (text: string) => control.locks.map(({ owner }) => owner).join() === text;
  const claim = async () => {
    place = await rooms.claim(room, place.term);
  };
  return { control, claim, owners, place: () => place };
}

describe.skipIf(!requireOrSkip('redis'))('what the owner of a room decided', () => {
  test('holds at all nodes, at the next owner, and for who comes in later; an owner that is none any more is refused', async () => {
    await using redis = await startRedis();
    await using nodes = redisNodes(redis.url);
    const controls = new Map<string, RoomControl>();
    const [a, b] = [await nodes.join('a'), await nodes.join('b')];
    const first = await enter(a, controls);
    const second = await enter(b, controls);
    await second.control.change(lock('ada'));
    expect([first.owners('ada'), second.owners('ada')]).toEqual([true, true]);

    // The first one does not hear of it at once.
    const stale = first.place();
    await second.claim();
    await second.control.change(lock('bo'));
    expect(await a.directory.rooms.keepControl(room, stale.term, 'late')).toBe('not-owner');
    await first.control.change(lock('cy'));
    expect([first.owners('ada,bo,cy'), second.owners('ada,bo,cy')]).toEqual([true, true]);

    const third = await enter(await nodes.join('c'), controls);
    expect(third.owners('ada,bo,cy')).toBe(true);
    await a.directory.rooms.leave(room);
    await b.directory.rooms.leave(room);
    await eventually(() => third.place().term > 2, 'the third one to own it');
    await third.control.change(lock('dee'));
    expect((await nodes.join('d')) && third.owners('ada,bo,cy,dee')).toBe(true);
  });

  test('is refused while Redis cannot be reached, and nobody takes it for decided', async () => {
    await using redis = await startRedis();
    await using nodes = redisNodes(redis.url);
    const a = await nodes.join('a');
    const { control, owners } = await enter(a, new Map());
    a.cut();
    const failure = await eventually(
      () =>
        control.change(lock('ada')).then(
          () => undefined,
          (error: AppError) => error,
        ),
      'the cut to be noticed',
    );
    expect(['STORE_UNAVAILABLE', 'STORE_OUTCOME_UNKNOWN']).toContain(failure.reason);
    expect(owners('')).toBe(true);
    a.mend();
    await eventually(
      () =>
        control.change(lock('ada')).then(
          () => true,
          () => false,
        ),
      'it is back',
      20_000,
    );
    expect(owners('ada')).toBe(true);
  });
});
