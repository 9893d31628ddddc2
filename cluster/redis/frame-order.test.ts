import { expect, test } from 'vitest';
import { FrameOrder, FrameWriter } from './frame-order.ts';

const textOf = (frame: Buffer | undefined) => frame?.toString();

test('frames come as they were written, and one that later ones of its sender overtook does not come', () => {
  const [one, other] = [new FrameWriter(), new FrameWriter()];
  const [late, first, second] = ['late', 'first', 'second'].map((text) => one.write(Buffer.from(text)));
  const order = new FrameOrder();
  expect(textOf(order.read(first!))).toBe('first');
  expect(textOf(order.read(late!))).toBeUndefined();
  expect(textOf(order.read(first!))).toBeUndefined();
  expect(textOf(order.read(other.write(Buffer.from('of another'))))).toBe('of another');
  expect(textOf(order.read(second!))).toBe('second');
  expect(textOf(order.read(one.write(new Uint8Array(0))))).toBe('');
});

test('what is no frame, or cut short, is nothing', () => {
  const order = new FrameOrder();
  const head = new FrameWriter().write(new Uint8Array(0));
  for (let end = 0; end < head.length; end++) expect(order.read(head.subarray(0, end))).toBeUndefined();
  expect(order.read(Buffer.from('1 l node~1 and more than the head of a frame'))).toBeUndefined();
});

test('senders that are gone are forgotten', () => {
  const order = new FrameOrder();
  const first = new FrameWriter();
  const before = first.write(Buffer.from('before'));
  expect(textOf(order.read(first.write(Buffer.from('first'))))).toBe('first');
  for (let sender = 0; sender < 256; sender++) order.read(new FrameWriter().write(new Uint8Array(0)));
  expect(textOf(order.read(before))).toBe('before');
});
