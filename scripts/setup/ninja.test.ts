import { expect, test } from 'vitest';
import { parseNinjaProgress } from './ninja.mjs';

test.each([
  ['[143/225] Compiling C++ object mediasoup-worker.p/src_main.cpp.o', { done: 143, total: 225 }],
  ['[1/1] Generating fbs/flatbuffers-generator with a custom command', { done: 1, total: 1 }],
  ['ninja: no work to do.', undefined],
  ['../src/a.cpp:[12/13] error', undefined],
  ['[143/', undefined],
])('%s', (line, progress) => {
  expect(parseNinjaProgress(line)).toEqual(progress);
});
