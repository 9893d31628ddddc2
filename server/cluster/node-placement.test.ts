import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LeaseEvents, NodeInfo } from '../../cluster/directory.ts';
import { nodeInfo } from '../../cluster/testing/node-info.ts';
import { Emitter } from '../../core/events.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import type { RoomId } from '../../core/ids.ts';
import { createRandom } from '../../test/support/random.ts';
import { NodePlacement } from './node-placement.ts';

const usual = { placement: 'spread', pinnedRooms: [], regionalRooms: [], fullAt: 0.85 } as const;
const spread = { placement: 'spread', region: '', owner: undefined } as const;
const pinnedTo = (owner: string) => ({ placement: 'pinned', region: '', owner }) as const;
const inNorth = { placement: 'regional', region: 'north', owner: 'a~1' } as const;
const urlOf = (name: string) => `https://${name}.example.org`;

interface Known {
  readonly own?: Partial<NodeInfo>;
  readonly others?: readonly NodeInfo[];
  readonly options?: Partial<ConstructorParameters<typeof NodePlacement>[0]['options']>;
  readonly random?: () => number;
}

/** On the node `here`. */
function startPlacement({ own = {}, others = [], options = {}, random }: Known = {}) {
  const clock = new FakeClock();
  const events = new Emitter<LeaseEvents>(() => {});
  const known = new Map(others.map((one) => [`${one.name}~1`, one]));
  const nodes = { life: 'here~1', others: known, state: 'up', events } as const;
  const leases = { ...nodes, isDead: () => false, start: () => Promise.resolve(), end: () => Promise.resolve() };
  const placement = new NodePlacement({
    nodes: leases,
    own: () => nodeInfo('here', own),
    options: { ...usual, ...options },
    clock,
    ...(random && { random }),
  });
  const tell = (info: NodeInfo) => {
    const life = `${info.name}~1`;
    known.set(life, info);
    events.emit('changed', { life, info });
  };
  return { clock, events, known, placement, tell };
}

describe('a room that is spread', () => {
  test('is served by the node that was reached, however idle others are', () => {
    const { placement } = startPlacement({ own: { load: 0.8 }, others: [nodeInfo('a')] });
    expect(placement.elsewhere(spread)).toBeUndefined();
  });

  test('is served elsewhere when this node is full and another one has much less to do', () => {
    const place = (load: number) =>
      startPlacement({ own: { load: 0.8, promised: 0.1 }, others: [nodeInfo('a', { load })] }).placement;
    expect(place(0.7).elsewhere(spread)).toBe(urlOf('a'));
    expect(place(0.8).elsewhere(spread)).toBeUndefined();
  });

  test('is served elsewhere when this node is drained, and by none that is not ready or has no address', () => {
    const others = [
      nodeInfo('a', { ready: false }),
      nodeInfo('b', { draining: true }),
      nodeInfo('c', { publicUrl: '' }),
    ];
    const drained = { draining: true };
    expect(startPlacement({ own: drained, others }).placement.elsewhere(spread)).toBeUndefined();
    const withOne = [...others, nodeInfo('d', { load: 1 })];
    expect(startPlacement({ own: drained, others: withOne }).placement.elsewhere(spread)).toBe(urlOf('d'));
  });
});

describe('a room that is pinned', () => {
  const others = [nodeInfo('a', { load: 1 }), nodeInfo('b')];

  test('is served by its owner, whatever that has to do', () => {
    expect(startPlacement({ others }).placement.elsewhere(pinnedTo('a~1'))).toBe(urlOf('a'));
    expect(startPlacement({ own: { load: 1 }, others }).placement.elsewhere(pinnedTo('here~1'))).toBeUndefined();
  });

  test('is served here when its owner takes nobody, or is not known', () => {
    const { placement, tell } = startPlacement({ others });
    tell(nodeInfo('a', { draining: true }));
    expect(placement.elsewhere(pinnedTo('a~1'))).toBeUndefined();
    expect(placement.elsewhere(pinnedTo('nobody~1'))).toBeUndefined();
  });

  test('is opened elsewhere when this node is drained', () => {
    const { placement } = startPlacement({ own: { draining: true }, others: [nodeInfo('b')] });
    expect(placement.elsewhere(pinnedTo('here~1'))).toBe(urlOf('b'));
    expect(placement.elsewhere({ ...pinnedTo('x~1'), owner: undefined })).toBe(urlOf('b'));
  });
});

describe('a room that is regional', () => {
  const [north, south] = [nodeInfo('a', { region: 'north', load: 0.5 }), nodeInfo('b', { region: 'south' })];

  test('is served by nodes of its region, and by the one that was reached when that is one', () => {
    expect(startPlacement({ own: { region: 'south' }, others: [north, south] }).placement.elsewhere(inNorth)).toBe(
      urlOf('a'),
    );
    expect(
      startPlacement({ own: { region: 'north' }, others: [north, south] }).placement.elsewhere(inNorth),
    ).toBeUndefined();
  });

  test('stays in it when this node is full or drained', () => {
    for (const own of [{ load: 1 }, { draining: true }]) {
      const { placement } = startPlacement({ own: { region: 'north', ...own }, others: [north, south] });
      expect(placement.elsewhere(inNorth)).toBe(urlOf('a'));
    }
  });

  test('is served by any node rather than by none', () => {
    const elsewhere = (own: Partial<NodeInfo>) =>
      startPlacement({ own: { region: 'east', ...own }, others: [south] }).placement.elsewhere(inNorth);
    expect(elsewhere({})).toBeUndefined();
    expect(elsewhere({ draining: true })).toBe(urlOf('b'));
  });
});

describe('the placement of a room that nobody has open', () => {
  test('is by its name: pinned before regional before what is usual', () => {
    const options = { placement: 'regional', pinnedRooms: ['studio-*'], regionalRooms: ['studio-1', 'eu'] } as const;
    const policyOf = (more: object, room: string) =>
      startPlacement({ own: { region: 'north' }, options: { ...options, ...more } }).placement.policyOf(room as RoomId);
    expect(policyOf({}, 'studio-1')).toEqual({ placement: 'pinned', region: 'north' });
    expect(policyOf({}, 'other').placement).toBe('regional');
    expect(policyOf({ placement: 'spread' }, 'eu').placement).toBe('regional');
    expect(policyOf({ placement: 'spread' }, 'eu-1').placement).toBe('spread');
  });
});

describe('clients that were sent to a node', () => {
  /** One of two whose loads differ by less than a promised client. */
  const start = () =>
    startPlacement({ own: { draining: true }, others: [nodeInfo('a'), nodeInfo('b', { load: 0.001 })] });

  test('count as its load until it tells of them', () => {
    const { placement, tell } = start();
    expect([placement.leave(), placement.leave()]).toEqual([urlOf('a'), urlOf('b')]);
    tell(nodeInfo('a', { peers: 1 }));
    expect(placement.leave()).toBe(urlOf('a'));
  });

  test('count no more when they have not come in time', () => {
    const { clock, placement } = start();
    expect([placement.leave(), placement.leave()]).toEqual([urlOf('a'), urlOf('b')]);
    clock.advance(10_000);
    expect(placement.leave()).toBe(urlOf('a'));
  });

  test('are spread evenly between two beats, over as many nodes as there are', () => {
    const counts = fc.tuple(fc.integer({ min: 2, max: 16 }), fc.integer({ min: 1, max: 40 }), fc.nat());
    fc.assert(
      fc.property(counts, ([count, each, seed]) => {
        const others = Array.from({ length: count }, (_, place) => nodeInfo(`n${place}`));
        const { placement } = startPlacement({ own: { draining: true }, others, random: createRandom(seed) });
        const sent = new Map<string, number>();
        for (let client = 0; client < count * each; client++) {
          const url = placement.leave();
          sent.set(url, (sent.get(url) ?? 0) + 1);
        }
        // By chance alone the fullest of 16 has 40 + √(2·40·ln 16) = 55.
        expect(Math.max(...sent.values()) - each).toBeLessThanOrEqual(6);
      }),
    );
  });

  test('go to nodes in the order of their load, though what is known of it is old', () => {
    const others = [0.1, 0.3, 0.5, 0.7].map((load, place) => nodeInfo(`n${place}`, { load }));
    const { placement } = startPlacement({ own: { draining: true }, others });
    const sent = new Map<string, number>();
    for (let client = 0; client < 200; client++) {
      const url = placement.leave();
      sent.set(url, (sent.get(url) ?? 0) + 1);
    }
    const counts = others.map(({ publicUrl }) => sent.get(publicUrl) ?? 0);
    expect(counts).toEqual([...counts].sort((one, other) => other - one));
    // Of any two that are taken, the fullest is never the better one, for as long as nobody tells.
    expect(counts.at(-1)).toBe(0);
  });
});
