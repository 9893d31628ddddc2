import { describe, expect, test } from 'vitest';
import type { NodeInfo } from '../../cluster/directory.ts';
import { chooseNode, chooseNodeUrl, readyNodes } from './choose-node.ts';

const node = (name: string, more: Partial<NodeInfo> = {}): NodeInfo => ({
  ...{ name, region: '', publicUrl: `https://${name}.example.org`, rpcAddress: '', pipeAddress: '', version: '0' },
  ...{ ready: true, draining: false, cores: 1, load: 0, promised: 0, rooms: 0, peers: 0 },
  ...more,
});
const among = (...nodes: readonly NodeInfo[]) => ({ others: new Map(nodes.map((one) => [`${one.name}~1`, one])) });

/** One after the other, again and again. */
const inTurn = (...values: readonly number[]) => {
  let at = 0;
  return () => values[at++ % values.length] ?? 0;
};

describe('where a client had better go', () => {
  test('is a node that takes clients', () => {
    const nodes = among(node('one', { ready: false }), node('two', { draining: true }), node('three'));
    expect(readyNodes(nodes).map(({ name }) => name)).toEqual(['three']);
    expect(chooseNodeUrl(nodes)).toBe('https://three.example.org');
  });

  test('is the less used one of two that are taken by chance', () => {
    const nodes = [node('one', { peers: 5 }), node('two', { peers: 3 }), node('three', { peers: 0 })];
    expect(chooseNode(nodes, inTurn(0, 0.4))?.name).toBe('two');
    expect(chooseNode(nodes, inTurn(0, 0.9))?.name).toBe('three');
    expect(chooseNode(nodes, inTurn(0.1, 0.2))?.name).toBe('one');
  });

  test('is left to the balancer where nodes have no addresses of their own, and where there is none', () => {
    expect(chooseNodeUrl(among(node('one', { publicUrl: '' })))).toBe('');
    expect(chooseNodeUrl(among())).toBe('');
    expect(chooseNode([])).toBeUndefined();
  });
});
