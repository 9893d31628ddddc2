import { type Child, startChild } from '../support/child-calls.ts';
import { compiledModule } from '../support/compile.ts';
import { processCpuSeconds } from '../support/cpu-time.ts';
import { clientCore, pin, serverCore } from '../support/pin.ts';
import { median, quantile } from '../support/statistics.ts';
import type { Load } from './load.ts';
import {
  type BenchServer,
  echoConnections,
  peersPerRoom,
  rooms,
  type ServerName,
  type Side,
  serverNames,
  type Workload,
} from './sides.ts';

/** One side's turn: its clients send for a while, nobody else does. */
interface Turn {
  readonly cpuSeconds: number;
  /** Answers, or events that arrived. */
  readonly messages: number;
}

export interface SideResult {
  readonly side: string;
  readonly cpuSecondsPerMillion: number;
  /** Against the first side's turn of the same round: median and quartiles. */
  readonly ratio: number;
  readonly ratioLow: number;
  readonly ratioHigh: number;
  /** Against the second side's, where that is a base too. */
  readonly ratioToSecond: number;
  readonly messagesPerSecond: number;
}

/** The servers and the clients, each a process of its own; servers on one core, clients on the other where that can be had. */
export class Contest implements AsyncDisposable {
  readonly #load: Child<Load>;
  readonly #servers: ReadonlyMap<ServerName, Child<BenchServer>>;
  readonly #ports = new Map<ServerName, number>();
  readonly #connected = new Set<string>();

  private constructor(load: Child<Load>, servers: ReadonlyMap<ServerName, Child<BenchServer>>) {
    this.#load = load;
    this.#servers = servers;
  }

  static async start(): Promise<Contest> {
    const load = await startChild<Load>(compiledModule('gateway/load.ts'));
    pin(load.pid, clientCore);
    const servers = new Map<ServerName, Child<BenchServer>>();
    const contest = new Contest(load, servers);
    for (const name of serverNames) {
      const server = await startChild<BenchServer>(compiledModule(`gateway/${name}-server.ts`));
      pin(server.pid, serverCore);
      servers.set(name, server);
      contest.#ports.set(name, await server.call('listen'));
    }
    return contest;
  }

  get pids(): number[] {
    return [this.#load.pid, ...[...this.#servers.values()].map(({ pid }) => pid)];
  }

  /** Rounds in which each side has one turn; every other one backwards, so that no side is always the first. */
  async measure(
    { kind, inFlight, sides }: Workload,
    { rounds, turnMs, onRound }: { rounds: number; turnMs: number; onRound: (round: number) => void },
  ): Promise<SideResult[]> {
    for (const side of sides) await this.#connect(side, kind);
    const turns = new Map<Side, Turn[]>(sides.map((side) => [side, []]));
    // Round 0 warms up and is not counted.
    for (let round = 0; round <= rounds; round++) {
      onRound(round);
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        const turn = await this.#takeTurn(side, kind, { inFlight, turnMs });
        if (round > 0) turns.get(side)?.push(turn);
      }
    }
    const [first = [], second = []] = [...turns.values()];
    return sides.map((side) => summarize(side, turns.get(side) ?? [], first, second, turnMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of [this.#load, ...this.#servers.values()]) await child[Symbol.asyncDispose]();
  }

  async #connect(side: Side, kind: Workload['kind']): Promise<void> {
    const group = groupOf(side, kind);
    if (this.#connected.has(group)) return;
    this.#connected.add(group);
    await this.#load.call('connect', {
      group,
      port: this.#ports.get(side.server) ?? 0,
      paths: new Array<string>(kind === 'echo' ? 1 : rooms).fill(side.path),
      connectionsPerPath: kind === 'echo' ? echoConnections : peersPerRoom,
      subprotocol: side.subprotocol,
      counts: side.counts,
      setup: side.setup,
    });
  }

  async #takeTurn(side: Side, kind: Workload['kind'], { inFlight, turnMs }: { inFlight: number; turnMs: number }) {
    const pid = this.#servers.get(side.server)?.pid ?? 0;
    const group = groupOf(side, kind);
    const before = processCpuSeconds(pid);
    const messages = await this.#load.call(kind, { group, message: side.message, inFlight, durationMs: turnMs });
    return { cpuSeconds: processCpuSeconds(pid) - before, messages };
  }
}

function groupOf({ name }: Side, kind: Workload['kind']): string {
  return `${kind}: ${name}`;
}

function summarize({ name }: Side, turns: Turn[], first: Turn[], second: Turn[], turnMs: number): SideResult {
  const costs = turns.map(cost);
  const against = (base: Turn[]) => costs.map((value, round) => value / cost(base[round] as Turn));
  const ratios = against(first);
  return {
    side: name,
    cpuSecondsPerMillion: median(costs),
    ratio: median(ratios),
    ratioLow: quantile(ratios, 0.25),
    ratioHigh: quantile(ratios, 0.75),
    ratioToSecond: median(against(second)),
    messagesPerSecond: median(turns.map(({ messages }) => (1000 * messages) / turnMs)),
  };
}

function cost({ cpuSeconds, messages }: Turn): number {
  return (1e6 * cpuSeconds) / messages;
}
