import { describe, expect, test } from 'vitest';
import type { NodeInfo } from '../../cluster/directory.ts';
import { nodeInfo } from '../../cluster/testing/node-info.ts';
import { chooseNode, readyNodes } from './choose-node.ts';

const among = (...nodes: readonly NodeInfo[]) => new Map(nodes.map((one) => [`${one.name}~1`, one]));

/** One after the other, again and again. */
const inTurn = (...values: readonly number[]) => {
  let at = 0;
  return () => values[at++ % values.length] ?? 0;
};

describe('a choice among nodes', () => {
  test('is of those that take clients', () => {
    const others = among(
      nodeInfo('one', { ready: false }),
      nodeInfo('two', { draining: true }),
      nodeInfo('three', { publicUrl: '' }),
    );
    expect(readyNodes({ others }).map(([life]) => life)).toEqual(['three~1']);
  });

  test('is the less loaded one of two different ones that are taken by chance', () => {
    const nodes = [...among(nodeInfo('one', { load: 0.5 }), nodeInfo('two', { load: 0.3 }), nodeInfo('three'))];
    const choose = (...chances: readonly number[]) =>
      chooseNode(nodes, ([, { load }]) => load, inTurn(...chances))?.[1].name;
    expect(choose(0, 0)).toBe('two');
    expect(choose(0, 0.9)).toBe('three');
    expect(choose(0.4, 0.9)).toBe('two');
    expect(choose(0.9, 0)).toBe('three');
  });

  test('of one is that one, and of none is none', () => {
    const one = [...among(nodeInfo('one', { load: 1 }))];
    expect(chooseNode(one, () => 1)?.[1].name).toBe('one');
    expect(chooseNode([], () => 1)).toBeUndefined();
  });
});
