// A clock that is wrong, for a process of a test: libfaketime between it and the time of day. What counts how long something
// takes (CLOCK_MONOTONIC) is left as it is, as on a machine whose clock was set.

import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requirePath } from './require.ts';

/**
 * ```ts
 * using clock = openShiftedClock();
 * spawn('date', { env: clock.env });
 * clock.shift(5);
 * ```
 */
export interface ShiftedClock extends Disposable {
  /** Of the process whose clock it is. */
  readonly env: Readonly<Record<string, string>>;
  /** So many seconds off, from up to a second from now on; also while the process runs. */
  shift(seconds: number): void;
}

/** Right at first. Needs `faketime`: ask requireOrSkip before. */
export function openShiftedClock(): ShiftedClock {
  const folder = mkdtempSync(join(tmpdir(), 'parley-clock-'));
  const path = join(folder, 'shift');
  const shift = (seconds: number): void => {
    // Read at any moment: never half of it.
    writeFileSync(`${path}.next`, `${seconds < 0 ? '' : '+'}${seconds}s\n`);
    renameSync(`${path}.next`, path);
  };
  shift(0);
  return {
    env: {
      LD_PRELOAD: requirePath('faketime'),
      FAKETIME_TIMESTAMP_FILE: path,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    shift,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
