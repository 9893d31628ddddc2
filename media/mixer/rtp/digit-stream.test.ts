import { expect, test } from 'vitest';
import { type DigitSource, DigitStream } from './digit-stream.ts';

/** What is told of presses that come as `[source, digit, nowMs, durationMs]`. */
function told(presses: readonly (readonly [DigitSource, string, number, number?])[]): string {
  const stream = new DigitStream();
  return presses
    .map(([source, digit, nowMs, durationMs = 100]) => stream.take(source, { digit, durationMs }, nowMs)?.digit ?? '-')
    .join('');
}

test('a press that comes by three ways is told once, by the first', () => {
  expect(
    told([
      ['info', '5', 0],
      ['rfc4733', '5', 80],
      ['in-band', '5', 130],
    ]),
  ).toBe('5--');
});

test('a digit that is pressed twice is told twice, however it comes', () => {
  expect(
    told([
      ['rfc4733', '5', 0],
      ['rfc4733', '5', 200],
    ]),
  ).toBe('55');
  expect(
    told([
      ['rfc4733', '5', 0],
      ['in-band', '5', 20],
      ['rfc4733', '5', 200],
      ['in-band', '5', 220],
    ]),
  ).toBe('5-5-');
  expect(
    told([
      ['rfc4733', '5', 0],
      ['rfc4733', '5', 200],
      ['info', '5', 400],
      ['info', '5', 600],
    ]),
  ).toBe('55--');
});

test('different digits are told, and so is one that comes by another way much later', () => {
  expect(
    told([
      ['rfc4733', '1', 0],
      ['info', '2', 50],
    ]),
  ).toBe('12');
  expect(
    told([
      ['rfc4733', '1', 0],
      ['info', '1', 5_000],
    ]),
  ).toBe('11');
});

test('a long press that one way tells at its begin and another at its end is one', () => {
  expect(
    told([
      ['info', '9', 300, 250],
      ['rfc4733', '9', 4_000, 4_000],
    ]),
  ).toBe('9-');
});

test('a flood is told, and remembered no further than its bound', () => {
  const presses = Array.from({ length: 1_000 }, () => ['rfc4733', '1', 0] as const);
  expect(told(presses)).toBe('1'.repeat(1_000));
});
