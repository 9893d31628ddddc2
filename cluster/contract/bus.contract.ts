import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { type Bus, type Channel, maxFrameBytes } from '../bus.ts';
import type { ContractCluster } from './cluster.contract.ts';

/** What every engine of the port does. */
export function describeBus(engine: string, start: () => Promise<ContractCluster>): void {
  describe.concurrent(`bus: ${engine}`, () => {
    const room: Channel = { to: 'room', room: 'r' };

    async function listen(bus: Bus, channel: Channel) {
      const heard: string[] = [];
      const end = await bus.subscribe(channel, (frame) => heard.push(textOf(frame)));
      return { heard, end };
    }
    const textOf = (frame: Uint8Array) => Buffer.from(frame).toString('latin1');
    const say = (bus: Bus, channel: Channel, text: string) => bus.publish(channel, Buffer.from(text, 'latin1'));

    test('frames reach everybody who subscribed, the sender too, in the order of each sender', async () => {
      await using cluster = await start();
      const [a, b] = [await cluster.join('a'), await cluster.join('b')];
      const [atA, atB] = [await listen(a.bus, room), await listen(b.bus, room)];
      const numbers = Array.from({ length: 200 }, (_, index) => String(index));
      await Promise.all(numbers.flatMap((it) => [say(a.bus, room, `a${it}`), say(b.bus, room, `b${it}`)]));
      for (const { heard } of [atA, atB]) {
        await eventually(() => heard.length === 400, 'all frames');
        for (const from of ['a', 'b']) {
          expect(heard.filter((it) => it.startsWith(from))).toEqual(numbers.map((it) => from + it));
        }
      }
    });

    test('a channel is heard by those who are meant: a room, one node, all nodes', async () => {
      await using cluster = await start();
      const [a, b] = [await cluster.join('a'), await cluster.join('b')];
      const toB: Channel = { to: 'node', life: b.directory.nodes.life };
      const inRoom = await listen(a.bus, room);
      const forB = await listen(b.bus, toB);
      const forA = await listen(a.bus, { to: 'node', life: a.directory.nodes.life });
      const forAll = [await listen(a.bus, { to: 'nodes' }), await listen(b.bus, { to: 'nodes' })];
      await say(a.bus, { to: 'room', room: 'another' }, 'elsewhere');
      await say(a.bus, toB, 'to b');
      await say(b.bus, { to: 'nodes' }, 'to all');
      await say(b.bus, room, 'to the room');
      await eventually(
        () => inRoom.heard.length + forB.heard.length + forAll.flatMap((it) => it.heard).length === 4,
        'all',
      );
      expect([inRoom.heard, forB.heard, forA.heard]).toEqual([['to the room'], ['to b'], []]);
      expect(forAll.map(({ heard }) => heard)).toEqual([['to all'], ['to all']]);
    });

    test('a frame comes as it is, empty or as large as may be; a larger one is refused', async () => {
      await using cluster = await start();
      const { bus } = await cluster.join('a');
      const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      const largest = Buffer.alloc(maxFrameBytes, all);
      const heard: Uint8Array[] = [];
      await bus.subscribe(room, (frame) => heard.push(frame));
      for (const frame of [all, new Uint8Array(0), largest]) await bus.publish(room, frame);
      await expect(bus.publish(room, Buffer.alloc(maxFrameBytes + 1))).rejects.toMatchObject({ kind: 'corrupt' });
      await eventually(() => heard.length === 3, 'the frames');
      expect(heard.map((frame) => Buffer.from(frame).equals(all))).toEqual([true, false, false]);
      expect(heard[1]).toHaveLength(0);
      expect(Buffer.from(heard[2]!).equals(largest)).toBe(true);
    });

    test('who ends a subscription hears no more; another one of the same channel does, and a new one too', async () => {
      await using cluster = await start();
      const { bus } = await cluster.join('a');
      const [one, two] = [await listen(bus, room), await listen(bus, room)];
      await say(bus, room, '1');
      await eventually(() => two.heard.length === 1, 'the first');
      one.end();
      one.end();
      await say(bus, room, '2');
      await eventually(() => two.heard.length === 2, 'the second');
      two.end();
      const three = await listen(bus, room);
      await say(bus, room, '3');
      await eventually(() => three.heard.length === 1, 'the third');
      expect([one.heard, two.heard, three.heard]).toEqual([['1'], ['1', '2'], ['3']]);
    });

    test('a node that is cut off is told so and refused; when it is restored its subscriptions hold again', async () => {
      await using cluster = await start();
      const [a, b] = [await cluster.join('a'), await cluster.join('b')];
      const atB = await listen(b.bus, room);
      const happened: string[] = [];
      b.bus.events.on('interrupted', () => happened.push('interrupted'));
      b.bus.events.on('restored', () => happened.push('restored'));
      b.cut();
      await eventually(() => happened.length === 1, 'it is told');
      await eventually(
        () => refusal(say(b.bus, room, 'lost')).then((kind) => kind === 'away'),
        'publishing is refused',
      );
      expect(await refusal(b.bus.subscribe(room, () => {}))).toBe('away');
      await say(a.bus, room, 'missed');
      b.mend();
      await eventually(() => happened.length === 2, 'it is restored');
      await say(a.bus, room, 'heard');
      await eventually(() => atB.heard.at(-1) === 'heard', 'the subscription holds');
      await eventually(() => refusal(say(b.bus, room, 'own')).then((kind) => kind === undefined), 'it publishes again');
      await eventually(() => atB.heard.includes('own'), 'its own frame');
      expect(happened).toEqual(['interrupted', 'restored']);
      expect(atB.heard).not.toContain('missed');
    });
  });
}

const refusal = (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => undefined,
    (error: { kind?: string }) => error.kind ?? 'no StoreError',
  );
