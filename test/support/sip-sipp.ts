import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requirePath } from './require.ts';
import { findSipPort } from './sip-port.ts';
import { type SipProcess, startSipProcess, untilListening } from './sip-process.ts';

export interface SippOptions {
  /** One of its own (`uac`, `uas`), or a whole scenario in XML. */
  readonly scenario: string;
  readonly transport?: 'udp' | 'tcp';
  /** Of both sides. */
  readonly address?: '127.0.0.1' | '::1';
  /** How many calls. */
  readonly calls?: number;
  /** Calls a second. */
  readonly rate?: number;
  readonly args?: readonly string[];
}

export interface Sipp extends SipProcess {
  readonly port: number;
  /** @throws {Error} with what sipp says went wrong, unless each call went as the scenario says. */
  done(): Promise<void>;
}

/** Calls somebody. `to` is a port of the same address. */
export function startCaller(to: number, options: SippOptions): Promise<Sipp> {
  return start([options.address === '::1' ? `[::1]:${to}` : `127.0.0.1:${to}`], options);
}

/** Waits for calls; it listens when this resolves. */
export async function startCallee(options: SippOptions): Promise<Sipp> {
  const sipp = await start([], options);
  try {
    await untilListening(sipp.port, options.transport ?? 'udp', sipp);
  } catch (error) {
    await sipp[Symbol.asyncDispose]();
    throw error;
  }
  return sipp;
}

async function start(
  to: readonly string[],
  { scenario, transport = 'udp', address = '127.0.0.1', calls = 1, rate = 10, args = [] }: SippOptions,
): Promise<Sipp> {
  // Media takes four of its own: sound and pictures, each with a port for reports.
  const port = await findSipPort(5);
  const own = scenario.startsWith('<') ? ['-sf', 'scenario.xml'] : ['-sn', scenario];
  const process = await startSipProcess(
    requirePath('sipp'),
    () => [
      ...to,
      ...own,
      ...['-i', address, '-p', String(port), '-mi', address, '-mp', String(port + 2)],
      ...['-t', transport === 'udp' ? 'u1' : 't1', '-m', String(calls), '-r', String(rate), '-l', '5000'],
      // Above any deadline of a test, so that no sipp outlives one.
      ...['-timeout', '120', '-timeout_error', '-nostdin', '-trace_err', ...args],
    ],
    { 'scenario.xml': scenario },
  );
  return Object.assign(process, {
    port,
    async done() {
      const code = await process.ended;
      if (code !== 0)
        throw new Error(`sipp ended with ${code}: ${errorsOf(process.folder)}\n${lastScreen(process.log)}`);
    },
  });
}

function errorsOf(folder: string): string {
  const names = readdirSync(folder).filter((name) => name.endsWith('_errors.log'));
  return names.map((name) => readFileSync(join(folder, name), 'latin1').slice(0, 3_000)).join('\n');
}

function lastScreen(log: string): string {
  return log.slice(Math.max(log.lastIndexOf('Scenario Screen'), 0)).slice(0, 4_000);
}
