import { expect, test } from 'vitest';
import { encodeNodeMessage } from '../../proto/node-messages.ts';
import { Frames } from './frames.ts';

const ask = { room: 'r', lives: [] };
const frame = { version: 1, cluster: 'c1a57e40', from: 'one~1', ask };
const encode = (changed: object) => encodeNodeMessage('BusFrame', { ...frame, ...changed });

test('a frame is read as it was written, with who sent it and which room it is of', () => {
  const frames = new Frames('c1a57e40');
  expect(frames.read(frames.write('one~1', { ask }))).toEqual({ from: 'one~1', room: 'r', content: { ask } });
});

test.each([
  ['garbled', new Uint8Array([255, 1, 2, 3])],
  ['garbled', encode({}).slice(0, -3)],
  ['large', new Uint8Array(256 * 1024 + 1)],
  ['version', encode({ version: 2 })],
  ['cluster', encode({ cluster: 'another1' })],
  ['dead', encode({ from: 'dead~1' })],
  ['dead', encode({ from: 'before~1' })],
  ['empty', encode({ ask: undefined })],
] as const)('what is %s is dropped and counted', (why, bytes) => {
  const frames = new Frames('c1a57e40');
  frames.died('dead~1');
  frames.wasDead = (life) => life === 'before~1';
  expect(frames.read(bytes)).toBeUndefined();
  const none = { large: 0, garbled: 0, version: 0, cluster: 0, dead: 0, empty: 0 };
  expect(frames.dropped).toEqual({ ...none, [why]: 1 });
});
