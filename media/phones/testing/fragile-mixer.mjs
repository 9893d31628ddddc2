// A mixer thread that dies, or is busy with something else, when a test says so.
import { BroadcastChannel } from 'node:worker_threads';

const orders = new BroadcastChannel('fragile-mixer');
orders.onmessage = ({ data }) => {
  if (data === 'die') throw new Error('told to die');
  const until = performance.now() + data;
  while (performance.now() < until);
};
orders.unref();

await import('../../mixer/thread/boot.mjs');
