// @ts-check
import { closeSync, openSync, readSync } from 'node:fs';

const tailBytes = 64 * 1024;

/**
 * Follows a file that a command writes.
 * @param {string} path
 * @param {(line: string) => void} onLine hears each finished line
 */
export function createLogReader(path, onLine) {
  const fd = openSync(path, 'r');
  const buffer = Buffer.alloc(tailBytes);
  let position = 0;
  let unfinished = '';
  let tail = '';
  return {
    /** Reads what has been written since the last time. */
    read: () => {
      for (;;) {
        const count = readSync(fd, buffer, 0, buffer.length, position);
        if (count === 0) return;
        position += count;
        const text = buffer.toString('utf8', 0, count);
        tail = (tail + text).slice(-tailBytes);
        const lines = (unfinished + text).split(/[\r\n]+/);
        unfinished = (lines.pop() ?? '').slice(-tailBytes);
        for (const line of lines) if (line !== '') onLine(line);
      }
    },
    /** The end of the output, at most 64 KiB of it. */
    tail: () => tail,
    close: () => closeSync(fd),
  };
}
