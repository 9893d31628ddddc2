import { expect, test } from 'vitest';
import { formatFailure, lastMeaningfulLines, SetupFailure } from './failure.mjs';

test('a failure names the step, the reason, the command that mends it and the whole output', () => {
  const failure = new SetupFailure('meson is needed to build the worker.', {
    mend: 'sudo apt-get install -y meson',
    log: '/var/log/x.log',
  });
  expect(formatFailure('build tools', failure)).toBe(
    [
      'Set-up failed in "build tools".',
      '  meson is needed to build the worker.',
      '  To mend it:  sudo apt-get install -y meson',
      '  Whole output: /var/log/x.log',
      '',
    ].join('\n'),
  );
});

test('an unexpected error is shown with its stack', () => {
  expect(formatFailure('npm packages', new Error('surprise'))).toMatch(/in "npm packages"[\s\S]*surprise[\s\S]*at /);
});

test('of a compiler’s output, the first error is kept and progress is left out', () => {
  const output = [
    '[1/3] Compiling C++ object a.o',
    'FAILED: a.o',
    'c++ -O3 -o a.o a.cpp',
    "a.cpp:3:1: \x1b[31merror:\x1b[0m 'foo' was not declared",
    '[2/3] Compiling C++ object failed.cpp.o',
    'ninja: build stopped: subcommand failed.',
  ].join('\n');
  expect(lastMeaningfulLines(output)).toEqual(['FAILED: a.o', "a.cpp:3:1: error: 'foo' was not declared"]);
});

test('of npm’s output, the pointer to its own log is left out', () => {
  const output = 'npm error code ENOSPC\nnpm error\nnpm error A complete log of this run can be found in: /x\n';
  expect(lastMeaningfulLines(output)).toEqual(['npm error code ENOSPC']);
});

test('output that speaks of no trouble is cut to its last lines', () => {
  expect(lastMeaningfulLines('a\n\nb\nc\n', 2)).toEqual(['b', 'c']);
  expect(lastMeaningfulLines('')).toEqual([]);
});
