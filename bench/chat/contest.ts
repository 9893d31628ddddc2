// A contestant at work: its server on one core and its clients on the other, each a process of its own.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from '../support/child-calls.ts';
import { compiledModule } from '../support/compile.ts';
import { withDeadline } from '../support/deadline.ts';
import { clientCore, pin, serverCore } from '../support/pin.ts';
import type { ChatServer, Contestant } from './contestants.ts';
import type { ClosedOrder, ClosedResult } from './driver/closed-loop.ts';
import type { Driver } from './driver/driver.ts';
import type { GroupOrder } from './driver/group.ts';
import type { RunOrder, RunResult } from './driver/open-loop.ts';

/** Longer than anything that a call does. */
const callMs = 120_000;

interface StartOptions {
  readonly admissionMs?: number;
  /** `both`: the server shares the driver's core. */
  readonly cores?: 'one' | 'both';
}

export type Rooms = Pick<GroupOrder, 'rooms' | 'membersPerRoom'>;

export class Entrant implements AsyncDisposable {
  readonly contestant: Contestant;
  readonly server: Child<ChatServer>;
  readonly driver: Child<Driver>;
  readonly port: number;
  readonly #folder: string;
  #groups = 0;

  private constructor(parts: Pick<Entrant, 'contestant' | 'server' | 'driver' | 'port'> & { folder: string }) {
    this.contestant = parts.contestant;
    this.server = parts.server;
    this.driver = parts.driver;
    this.port = parts.port;
    this.#folder = parts.folder;
  }

  static async start(contestant: Contestant, { admissionMs = 0, cores = 'one' }: StartOptions = {}): Promise<Entrant> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'));
    const server = await startChild<ChatServer>(compiledModule(`chat/servers/${contestant.module}-server.ts`));
    if (cores === 'one') pin(server.pid, serverCore);
    const driver = await startChild<Driver>(compiledModule('chat/driver/driver.ts'));
    pin(driver.pid, clientCore);
    const port = await withDeadline(
      server.call('listen', { variant: contestant.variant, folder, admissionMs }),
      callMs,
      `starting ${contestant.title}`,
    );
    return new Entrant({ contestant, server, driver, port, folder });
  }

  get pids(): number[] {
    return [this.server.pid, this.driver.pid];
  }

  /** New connections in new rooms. */
  async open(rooms: Rooms): Promise<void> {
    const prefix = `g${this.#groups++}`;
    const order = { ports: [this.port], dialect: this.contestant.dialect, prefix, ...rooms };
    await withDeadline(this.driver.call('open', order), callMs, `connecting to ${this.contestant.title}`);
  }

  /** Drops all connections. */
  async close(): Promise<void> {
    await this.driver.call('close');
  }

  async run(order: Omit<RunOrder, 'serverPid'>): Promise<RunResult> {
    const running = this.driver.call('run', { ...order, serverPid: this.server.pid });
    return await withDeadline(running, callMs, `a run of ${this.contestant.title}`);
  }

  async saturate(order: Omit<ClosedOrder, 'serverPid'>): Promise<ClosedResult> {
    const running = this.driver.call('saturate', { ...order, serverPid: this.server.pid });
    return await withDeadline(running, callMs, `saturating ${this.contestant.title}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.driver[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Several at once. Those that have not their turn do nothing. */
export class Field implements AsyncDisposable {
  readonly #entrants: Entrant[] = [];

  get entrants(): readonly Entrant[] {
    return this.#entrants;
  }

  async add(contestant: Contestant, options: StartOptions = {}): Promise<Entrant> {
    const entrant = await Entrant.start(contestant, options);
    this.#entrants.push(entrant);
    return entrant;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#entrants.map((entrant) => entrant[Symbol.asyncDispose]()));
  }
}
