// The two processes that every workload has, who takes which core, and what each of them costs.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, startChild } from '../support/child-calls.ts';
import { compiledModule } from '../support/compile.ts';
import { processCpuSeconds } from '../support/cpu-time.ts';
import { clientCore, pin, serverCore } from '../support/pin.ts';
import type { BenchCodec } from './formats.ts';
import type { LoadProcess } from './processes/load-process.ts';
import type { ServerProcess } from './processes/server-process.ts';

/** In seconds of a core. */
export interface Cost {
  /** The main loop of Node.js. */
  readonly main: number;
  /** The mixer's thread, and what V8 does beside it. */
  readonly mixer: number;
  /** mediasoup's process. */
  readonly worker: number;
}

export interface Stage extends AsyncDisposable {
  readonly server: Child<ServerProcess>;
  readonly load: Child<LoadProcess>;
  /** What the server costs from now on, a second. */
  costPerSecond(seconds: number): Promise<Cost>;
}

/** The server has a core for itself; its worker, which is measured by its CPU time alone, shares the other one with the load. */
export async function openStage(): Promise<Stage> {
  const server = await startChild<ServerProcess>(compiledModule('sip-media/processes/server-process.ts'));
  const load = await startChild<LoadProcess>(compiledModule('sip-media/processes/load-process.ts'));
  const { workerPid } = await server.call('start');
  pin(server.pid, serverCore);
  pin(workerPid, clientCore);
  pin(load.pid, clientCore);
  const cost = (): Cost => {
    const main = mainLoopSeconds(server.pid);
    return { main, mixer: processCpuSeconds(server.pid) - main, worker: processCpuSeconds(workerPid) };
  };
  return {
    server,
    load,
    async costPerSecond(seconds) {
      const [before, startedMs] = [cost(), performance.now()];
      await sleep(1_000 * seconds);
      const after = cost();
      const took = (performance.now() - startedMs) / 1_000;
      return {
        main: (after.main - before.main) / took,
        mixer: (after.mixer - before.mixer) / took,
        worker: (after.worker - before.worker) / took,
      };
    },
    async [Symbol.asyncDispose]() {
      await load[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The thread of a process that has its number; NaN where the system does not tell threads apart. */
function mainLoopSeconds(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ', 1)[0]) / 1e9;
  } catch {
    return Number.NaN;
  }
}

export interface BrowserEnd {
  readonly peer: string;
  /** What its voice goes by, and what it hears by. */
  readonly mouth: number;
  readonly ears: number;
  /** Call it when all others are in the room. */
  listen(): Promise<void>;
}

let lastSsrc = 100_000;
export function nextSsrc(): number {
  lastSsrc += 1;
  return lastSsrc;
}

/** A browser with its microphone on in a room; `ssrc` is what it is to talk by. */
export async function openBrowser(
  { server, load }: Stage,
  { room, codec, ssrc }: { readonly room: string; readonly codec: BenchCodec; readonly ssrc: number },
): Promise<BrowserEnd> {
  const mouth = await load.call('openCaller', { ssrc });
  const ears = await load.call('openCaller', { ssrc: nextSsrc() });
  const made = await server.call('openBrowser', { room, sends: mouth.dtlsParameters, hears: ears.dtlsParameters });
  await load.call('connectCaller', { caller: mouth.caller, remote: made.sends });
  await load.call('connectCaller', { caller: ears.caller, remote: made.hears });
  const { peer } = made;
  await server.call('openMicrophone', { room, peer, transportId: made.sends.transportId, codec, ssrc });
  return {
    peer,
    mouth: mouth.caller,
    ears: ears.caller,
    listen: () => server.call('listen', { room, peer, transportId: made.hears.transportId }),
  };
}

export interface PhoneEnd {
  readonly socket: number;
  /** Where it is to send. */
  readonly port: number;
}

/** `perSocket` of them have one socket together: the load's own cost is smaller, and the server sees no difference. */
export async function openPhones(
  { server, load }: Stage,
  { room, count, perSocket }: { readonly room: string; readonly count: number; readonly perSocket: number },
): Promise<PhoneEnd[]> {
  const sockets = await load.call('openSockets', { count: Math.ceil(count / perSocket) });
  const socketOf = (at: number) => sockets[Math.floor(at / perSocket)] ?? { socket: -1, port: 0 };
  const theirs = Array.from({ length: count }, (_, at) => socketOf(at).port);
  const ports = await server.call('enterPhones', { room, ports: theirs });
  return ports.map((port, at) => ({ socket: socketOf(at).socket, port }));
}
