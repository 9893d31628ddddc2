// A contestant at work: two nodes and their Redis on one core, the clients of both on the other, each a process of its own.

import { Scope } from '../../core/scope.ts';
import { type RedisServer, startRedis } from '../../test/support/redis-server.ts';
import type { ChatServer } from '../chat/contestants.ts';
import type { Driver } from '../chat/driver/driver.ts';
import type { RunOrder, RunResult } from '../chat/driver/open-loop.ts';
import { type Child, startChild } from '../support/child-calls.ts';
import { compiledModule } from '../support/compile.ts';
import { withDeadline } from '../support/deadline.ts';
import { clientCore, pin, serverCore } from '../support/pin.ts';
import type { ClusterContestant } from './contestants.ts';

export const nodesOfEach = 2;
/** Longer than anything that a call does. */
const callMs = 120_000;

export interface Rooms {
  readonly rooms: number;
  /** Spread evenly over the nodes. */
  readonly membersPerRoom: number;
}

export type NodesOrder = Omit<RunOrder, 'serverPid' | 'alsoPids' | 'remoteOnly'>;

/** CPU seconds of both nodes, of their Redis, and what the clients saw. */
export type NodesResult = RunResult & { readonly nodeCpuSeconds: number; readonly redisCpuSeconds: number };

export class Nodes implements AsyncDisposable {
  readonly contestant: ClusterContestant;
  readonly redis: RedisServer;
  readonly servers: readonly Child<ChatServer>[];
  readonly driver: Child<Driver>;
  readonly #ports: readonly number[];
  readonly #parts: Scope;
  #groups = 0;

  private constructor(
    parts: Pick<Nodes, 'contestant' | 'redis' | 'servers' | 'driver'> & { ports: readonly number[]; scope: Scope },
  ) {
    this.contestant = parts.contestant;
    this.redis = parts.redis;
    this.servers = parts.servers;
    this.driver = parts.driver;
    this.#ports = parts.ports;
    this.#parts = parts.scope;
  }

  static async start(contestant: ClusterContestant): Promise<Nodes> {
    const scope = new Scope();
    const use = <Part extends AsyncDisposable>(part: Part): Part => {
      scope.defer(async () => part[Symbol.asyncDispose]());
      return part;
    };
    try {
      const redis = use(await startRedis());
      pin(redis.pid, serverCore);
      const servers: Child<ChatServer>[] = [];
      const ports: number[] = [];
      for (let at = 0; at < nodesOfEach; at++) {
        const server = use(
          await startChild<ChatServer>(compiledModule(`cluster/servers/${contestant.module}-node.ts`)),
        );
        pin(server.pid, serverCore);
        servers.push(server);
        const setup = { variant: contestant.variant, folder: '', redisUrl: redis.url, name: `node-${at}` };
        ports.push(await withDeadline(server.call('listen', setup), callMs, `starting ${contestant.title}`));
      }
      const driver = use(await startChild<Driver>(compiledModule('chat/driver/driver.ts')));
      pin(driver.pid, clientCore);
      return new Nodes({ contestant, redis, servers, driver, ports, scope });
    } catch (error) {
      await scope.close();
      throw error;
    }
  }

  /** New connections in new rooms, instead of those before. */
  async open(rooms: Rooms): Promise<void> {
    await this.driver.call('close');
    const { title, dialect } = this.contestant;
    const order = { ports: this.#ports, dialect, prefix: `g${this.#groups++}`, ...rooms };
    await withDeadline(this.driver.call('open', order), callMs, `connecting to ${title}`);
  }

  async run(order: NodesOrder): Promise<NodesResult> {
    const [first, ...others] = this.servers.map(({ pid }) => pid);
    const alsoPids = [...others, this.redis.pid];
    const running = this.driver.call('run', { ...order, serverPid: first ?? 0, alsoPids, remoteOnly: true });
    const result = await withDeadline(running, callMs, `a run of ${this.contestant.title}`);
    const cpu = [result.serverCpuSeconds, ...result.alsoCpuSeconds];
    const redisCpuSeconds = cpu.pop() ?? 0;
    return { ...result, redisCpuSeconds, nodeCpuSeconds: cpu.reduce((sum, seconds) => sum + seconds, 0) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.close();
  }
}
