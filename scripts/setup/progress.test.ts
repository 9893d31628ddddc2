import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createProgress, formatElapsed } from './progress.mjs';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function createStream(isTTY: boolean) {
  let text = '';
  return {
    isTTY,
    columns: 40,
    write: (chunk: string) => {
      text += chunk;
    },
    take: () => {
      const taken = text;
      text = '';
      return taken;
    },
  };
}

test('nothing is written when no step starts', () => {
  const stream = createStream(false);
  createProgress({ stream, title: 'Setting up' }).close('Ready');
  expect(stream.take()).toBe('');
});

test('without a terminal, each event is one plain line, and the end tells the whole time', () => {
  const stream = createStream(false);
  const progress = createProgress({ stream, title: 'Setting up' });
  progress.started('npm packages');
  vi.advanceTimersByTime(12_300);
  progress.done('npm packages', '259 added');
  progress.close('Ready');
  expect(stream.take().split('\n')).toEqual([
    'Setting up',
    'npm packages: started',
    'npm packages: done in 12.3 s (259 added)',
    'Ready in 12.3 s.',
    '',
  ]);
});

test('without a terminal, a long step gives a sign of life every 15 seconds with what it is doing', () => {
  const stream = createStream(false);
  const progress = createProgress({ stream, title: 'Setting up' });
  progress.started('mediasoup worker');
  stream.take();
  progress.noted('mediasoup worker', 'compiling 143/310');
  vi.advanceTimersByTime(14_000);
  expect(stream.take()).toBe('');
  vi.advanceTimersByTime(1_000);
  expect(stream.take()).toBe('mediasoup worker: compiling 143/310, 0:15\n');
  vi.advanceTimersByTime(57_000);
  expect(stream.take().split('\n').at(-2)).toBe('mediasoup worker: compiling 143/310, 1:00');
  progress.close();
  vi.advanceTimersByTime(60_000);
  expect(stream.take()).toBe('');
});

test('on a terminal, running steps are redrawn in place and cut to its width', () => {
  const stream = createStream(true);
  const progress = createProgress({ stream, title: 'Setting up' });
  progress.started('npm packages');
  progress.started('mediasoup worker');
  progress.noted('mediasoup worker', 'compiling a file with a very long name');
  stream.take();
  vi.advanceTimersByTime(120);
  const drawn = stream.take();
  expect(drawn.startsWith('\x1b[2A\x1b[0J')).toBe(true);
  const lines = drawn.slice('\x1b[2A\x1b[0J'.length).trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain('npm packages · 0:00');
  expect(lines[1]?.length).toBeLessThan(40);
});

test('on a terminal, a finished step leaves one line above those still running', () => {
  const stream = createStream(true);
  const progress = createProgress({ stream, title: 'Setting up' });
  progress.started('npm packages');
  progress.started('mediasoup worker');
  vi.advanceTimersByTime(4_200);
  stream.take();
  progress.done('npm packages', '');
  expect(stream.take()).toMatch(/✓ npm packages · 4\.2 s\n. mediasoup worker · 0:04\n$/u);
  progress.failed('mediasoup worker');
  expect(stream.take()).toMatch(/✗ mediasoup worker · 4\.2 s\n$/u);
  progress.close();
});

test.each([
  [0, '0.0 s'],
  [12_345, '12.3 s'],
  [59_940, '59.9 s'],
  [194_900, '3:14'],
  [605_000, '10:05'],
])('%d ms is shown as %s', (ms, shown) => {
  expect(formatElapsed(ms)).toBe(shown);
});
