// A file system of its own that a test can fill, so that no other one is filled.

import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk extends Disposable {
  readonly folder: string;
}

/** @throws {Error} where this user may not mount. */
export function mountSmallDisk(): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'parley-disk-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch (error) {
    remove();
    throw error;
  }
  return {
    folder,
    [Symbol.dispose]() {
      // The process that was killed may hold it for a moment.
      execFileSync('umount', ['-l', folder]);
      remove();
    },
  };
}

export function canMount(): boolean {
  try {
    mountSmallDisk()[Symbol.dispose]();
    return true;
  } catch {
    console.warn('Tests of a full disk are skipped: mounting a tmpfs needs root.');
    return false;
  }
}

/** All of the disk but so many bytes is in this file then. */
export function fillUp(file: string, spareBytes: number): void {
  writeFileSync(file, '');
  const { bavail, bsize } = statfsSync(file);
  try {
    appendFileSync(file, Buffer.alloc(Math.max(bavail * bsize - spareBytes, 0)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    // Somebody else wrote meanwhile.
    truncateSync(file, Math.max(statSync(file).size - spareBytes, 0));
  }
}
