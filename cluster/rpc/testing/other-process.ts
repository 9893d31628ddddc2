// A node in a process of its own, which a test can stop: says its port and life to its parent, and answers pings.

import { createTestCluster, startTestNode } from './test-nodes.ts';

const node = await startTestNode(createTestCluster(), 'other');
await node.join();
process.send?.({ port: node.calls.port, life: node.life });
process.once('disconnect', () => process.exit());
