import { expect, test } from 'vitest';
import { TestSocket } from '../../test/support/rpc-client.ts';
import { recordingSocket, startListener } from '../../test/support/start-listener.ts';
import { endOfWrite } from './shared-writes.ts';

const ofSize = (bytes: number) => new Uint8Array(bytes);

/** The frames of each write, by their sizes. */
function writes(...sizes: number[]): number[][] {
  const frames = sizes.map(ofSize);
  const found: number[][] = [];
  for (let next = 0; next < frames.length; ) {
    const end = endOfWrite(frames, next);
    found.push(sizes.slice(next, end));
    next = end;
  }
  return found;
}

test('what fits goes into one write', () => {
  expect(writes(1)).toEqual([[1]]);
  expect(writes(100, 200, 16_000)).toEqual([[100, 200, 16_000]]);
});

test('what does not fit goes into the next one, and a large frame into one of its own', () => {
  expect(writes(10_000, 6_000, 1_000)).toEqual([[10_000, 6_000], [1_000]]);
  expect(writes(1_000, 50_000, 20_000, 1_000, 2_000)).toEqual([[1_000], [50_000], [20_000], [1_000, 2_000]]);
});

test('texts count as they leave, not as characters', () => {
  const text = 'ä'.repeat(6_000);
  expect([endOfWrite([text, text], 0), endOfWrite(['x'.repeat(6_000), text], 0)]).toEqual([1, 1]);
  expect(endOfWrite(['x'.repeat(6_000), 'y'.repeat(6_000)], 0)).toBe(2);
});

test('frames of all sizes arrive whole and in order', async () => {
  const recording = recordingSocket();
  using server = await startListener({ upgrade: () => ({ handlers: recording.handlers, subprotocol: '' }) });
  const client = await new TestSocket(server.wsUrl).opened();
  const socket = await recording.socket();
  const sizes = [10, 16_360, 16_370, 16_374, 16_380, 16_384, 5, 70_000, 10_000, 10_000, 1, 200_000, 3];
  const frames = sizes.map(ofSize);
  for (let next = 0; next < frames.length; ) next = socket.sendAll(frames, true, next);
  await client.message(sizes.length - 1);
  expect(client.received.map((data) => (data as Buffer).length)).toEqual(sizes);
  await client.close();
});
