import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { requireOrSkip } from './require.ts';
import { openShiftedClock } from './shifted-clock.ts';

it.skipIf(!requireOrSkip('faketime'))(
  'the clock of a process is set while it runs, and time passes as before',
  async () => {
    using clock = openShiftedClock();
    const script = 'setInterval(() => process.send([Date.now(), performance.now()]), 50)';
    const child = spawn(process.execPath, ['-e', script], {
      env: { ...process.env, ...clock.env },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    try {
      const passed: number[] = [];
      let offMs = 0;
      child.on('message', ([dateMs, atMs]: [number, number]) => {
        offMs = dateMs - Date.now();
        passed.push(atMs);
      });
      await once(child, 'message');
      expect(Math.abs(offMs)).toBeLessThan(2_000);
      clock.shift(-60);
      await eventually(() => Math.abs(offMs + 60_000) < 2_000, 'the clock to be behind');
      clock.shift(60);
      await eventually(() => Math.abs(offMs - 60_000) < 2_000, 'the clock to be ahead');
      expect(passed).toEqual([...passed].sort((one, other) => one - other));
      expect((passed.at(-1) ?? 0) - (passed[0] ?? 0)).toBeLessThan(30_000);
    } finally {
      child.kill();
    }
  },
);
