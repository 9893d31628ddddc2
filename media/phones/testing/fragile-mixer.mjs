// A mixer thread that dies, is busy with something else, or whose sockets throw for a port, when a test says so.
import { Socket } from 'node:dgram';
import { BroadcastChannel } from 'node:worker_threads';

const { send } = Socket.prototype;
let refused;
Socket.prototype.send = function (...args) {
  if (args[3] === refused) throw new RangeError('told to throw');
  send.apply(this, args);
};

const orders = new BroadcastChannel('fragile-mixer');
orders.onmessage = ({ data }) => {
  if (data === 'die') throw new Error('told to die');
  if (data.refused) {
    refused = data.refused;
    return;
  }
  const until = performance.now() + data;
  while (performance.now() < until);
};
orders.unref();

await import('../../mixer/thread/boot.mjs');
