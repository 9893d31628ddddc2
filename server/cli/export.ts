import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { RoomExport } from '../../cluster/sqlite/export-room.ts';
import { type Clock, systemClock } from '../../core/clock.ts';
import { findNearest } from '../../core/nearest.ts';
import { StartError } from '../start-error.ts';
import { addConfigFlags, type ConfigFlags, loadConfigOf } from './config-flags.ts';
import { paint, type Terminal } from './terminal.ts';

interface ExportFlags extends ConfigFlags {
  readonly room: string;
  readonly out?: string;
  readonly dataDir?: string;
}

/** One that takes longer says how far it is, so often. */
const progressMs = 2_000;
const step = 'exporting the room';

export function addExportCommand(program: Command, { stdout, stderr, env }: Terminal): void {
  const command = program
    .command('export')
    .description('Writes the log of a room as JSON lines, also while the server runs.');
  addConfigFlags(command)
    .requiredOption('--room <name>', 'the room')
    .option('--out <file>', 'where to write (default: standard output)')
    .option('--data-dir <folder>', 'the folder of the server (dataDir)')
    .addHelpText(
      'after',
      `
Each line is one record as in docs/protocol.md (LogRecord): messages as they are now, and what happened to them.

Examples:
  parley export --room standup --out standup.jsonl
  parley export --room standup --data-dir /var/lib/parley | grep '"kind":"message"'`,
    )
    .action(async ({ room, out, dataDir, set = [], ...flags }: ExportFlags) => {
      const named = dataDir === undefined ? [] : [{ flag: '--data-dir', path: 'dataDir', text: dataDir }];
      const { config } = loadConfigOf({ ...flags, set: [...set, ...named] }, env);
      const { head, pages } = await find(resolve(config.dataDir), room);
      const progress = (done: number) => stderr.write(`${done} of ${head.seq - head.firstSeq + 1} records\n`);
      const { toLogRecord } = await import('../../signaling/log/stored-payload.ts');
      // What people look for first comes first, and in the same place in every line.
      const toLine = (record: Parameters<typeof toLogRecord>[0]) => {
        const { seq, kind, atMs, identity, name, ...more } = toLogRecord(record);
        return `${JSON.stringify({ seq, kind, atMs, identity, name, ...more })}\n`;
      };
      const parts = { pages, toLine, progress, clock: systemClock };
      if (out === undefined) writeRecords(parts, (text) => stdout.write(text));
      else {
        const count = writeFile(out, (write) => writeRecords(parts, write));
        stderr.write(`${paint('gray', `${count} records of ${room} are in ${out}`, stderr)}\n`);
      }
    });
}

/** @throws {StartError} */
async function find(folder: string, room: string): Promise<RoomExport> {
  // Not at the top: it loads the native parts, which the other commands do without.
  const { exportRoom } = await import('../../cluster/sqlite/export-room.ts');
  const { StoreError } = await import('../../cluster/room-log.ts');
  try {
    const found = exportRoom(folder, room);
    if ('head' in found) return found;
    if (found.absent === 'folder') {
      throw new StartError(step, `There is no room log in ${folder}.`, {
        mend: 'Name the folder of the server with --data-dir or --config. With store.engine: memory there is nothing to export.',
      });
    }
    const near = findNearest(room, found.rooms) ?? found.rooms.slice(0, 5).join(', ');
    throw new StartError(step, `There is no room ${JSON.stringify(room)} in ${folder}.`, {
      mend: near === '' ? 'Nothing was written into any room yet.' : `Did you mean ${near}?`,
    });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new StartError(step, error.message, { mend: '`parley doctor` examines it.', cause: error });
  }
}

/** @returns how many there were. */
export function writeRecords<Stored>(
  parts: {
    readonly pages: Iterable<readonly Stored[]>;
    readonly toLine: (record: Stored) => string;
    readonly progress: (done: number) => void;
    readonly clock: Pick<Clock, 'monotonicMs'>;
  },
  write: (text: string) => unknown,
): number {
  const { pages, toLine, progress, clock } = parts;
  let done = 0;
  let toldMs = clock.monotonicMs();
  for (const records of pages) {
    write(records.map(toLine).join(''));
    done += records.length;
    if (clock.monotonicMs() - toldMs < progressMs) continue;
    toldMs = clock.monotonicMs();
    progress(done);
  }
  return done;
}

/** Under another name until it is whole; for the user alone, as the messages are. */
function writeFile(out: string, fill: (write: (text: string) => void) => number): number {
  const part = `${out}.part`;
  try {
    const file = openSync(part, 'w', 0o600);
    let count: number;
    try {
      count = fill((text) => writeWhole(file, Buffer.from(text)));
    } finally {
      closeSync(file);
    }
    renameSync(part, out);
    return count;
  } catch (error) {
    rmSync(part, { force: true });
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new StartError(step, error.message, { mend: '--out: a file that this user can write.', cause: error });
  }
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
