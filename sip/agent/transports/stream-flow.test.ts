import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { invite } from '../messages/testing/sample-messages.ts';
import type { Flow } from './flow.ts';
import { transportLimits } from './listen.ts';
import { StreamFlow } from './stream-flow.ts';

const nowhere = { address: '127.0.0.1', port: 5060 };

async function openFlow(writeQueueBytes: number, received: (bytes: Buffer, flow: Flow) => void = () => {}) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const other = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  const [socket] = (await accepted) as [Socket];
  onTestFinished(() => {
    socket.destroy();
    other.destroy();
    server.close();
  });
  const dropped: string[] = [];
  const about = { transport: 'TCP', local: nowhere, remote: nowhere, sentBy: { host: 'us.example' } } as const;
  const flow = new StreamFlow(
    socket,
    { ...about, accepted: true },
    { ...transportLimits, writeQueueBytes },
    { received, closed: () => {}, dropped: (what) => dropped.push(what), admits: () => true },
  );
  return { flow, socket, other, dropped };
}

test('many small writes that wait are as many bytes as they cost', async () => {
  const { flow, socket, dropped } = await openFlow(10_000);
  // As if the other side did not read.
  socket.cork();
  const sent = Array.from({ length: 100 }, () => flow.send(Buffer.from('\r\n')));
  await expect(Promise.all(sent)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  await Promise.allSettled(sent);
  expect(dropped).toEqual(['queue']);
});

test('many small writes that leave at once cost nothing', async () => {
  const { flow, dropped } = await openFlow(10_000);
  await Promise.all(Array.from({ length: 1_000 }, () => flow.send(Buffer.from('\r\n'))));
  expect(dropped).toEqual([]);
});

test('of one that is closed for a message, what it sent behind it is not read', async () => {
  const heard: string[] = [];
  const { socket, other } = await openFlow(10_000, (bytes, flow) => {
    heard.push(bytes.toString());
    flow.close();
  });
  other.resume().write(Buffer.concat([invite(), invite(), invite()]));
  await once(socket, 'close');
  expect(heard).toEqual([invite().toString()]);
});
