import type { Profiler } from 'node:inspector';
import { expect, test } from 'vitest';
import { cpuShares } from './cpu-shares.ts';

const frame = (functionName: string, url = ''): Profiler.ProfileNode['callFrame'] => ({
  functionName,
  url,
  scriptId: '0',
  lineNumber: 0,
  columnNumber: 0,
});

test('time belongs to whoever’s code called Node.js; what idles and what measures is left out', () => {
  const nodes: Profiler.ProfileNode[] = [
    { id: 1, callFrame: frame('(root)'), children: [2, 3, 4, 6, 8] },
    { id: 2, callFrame: frame('(idle)') },
    { id: 3, callFrame: frame('onMessage', 'node:dgram') },
    { id: 4, callFrame: frame('receive', 'file:///x/sip/agent/transports/transports.js'), children: [5] },
    { id: 5, callFrame: frame('send', 'node:dgram') },
    { id: 6, callFrame: frame('profile', 'file:///x/bench/sip/servers/agent-process.js'), children: [7] },
    { id: 7, callFrame: frame('dispatch') },
    { id: 8, callFrame: frame('parse', 'file:///x/node_modules/drachtio-srf/lib/sip-parser/parser.js') },
  ];

  const shares = cpuShares({
    nodes,
    startTime: 0,
    endTime: 0,
    samples: [2, 3, 4, 5, 7, 8],
    timeDeltas: [1_000, 10, 20, 30, 5_000, 40],
  });

  expect(shares).toEqual({ agent: 0.5, façade: 0, ladder: 0, 'drachtio-srf': 0.4, garbage: 0, 'Node.js': 0.1 });
});
