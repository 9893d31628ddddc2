// A server in a process of its own that can be killed, stopped, and started again on the same folder and at the same address.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDevSecret } from '../../server/identity/dev-secret.ts';
import { createTokenIssuer } from '../../server/identity/token-issuer.ts';
import type { GrantName } from '../../signaling/token-verifier.ts';
import { findFreePort } from './free-port.ts';
import type { Host } from './host-networks.ts';
import { type ParleyProcess, startParley } from './parley-process.ts';
import { readMetrics } from './read-metrics.ts';

const grants = [{ room: '*', can: ['join', 'chat', 'history', 'moderate', 'call'] as readonly GrantName[] }];

export interface ProcessOptions {
  /** As in `gateway.pullBytes=100000`; `{port}` is the one that it listens on. */
  readonly options?: readonly string[];
  /** The data folder, which is kept then. */
  readonly folder?: string;
  /** NODE_OPTIONS of the process. */
  readonly nodeOptions?: string;
  /** The network that it runs in; this machine's by default. */
  readonly host?: Host;
  /** Besides its own. */
  readonly env?: Readonly<Record<string, string>>;
}

export class ServerProcess implements AsyncDisposable {
  readonly dataDir: string;
  readonly port: number;
  readonly #ownsFolder: boolean;
  readonly #given: ProcessOptions;
  #options: readonly string[];
  #process: ParleyProcess;

  private constructor(dataDir: string, port: number, given: ProcessOptions) {
    this.dataDir = dataDir;
    this.#ownsFolder = given.folder === undefined;
    this.#given = given;
    this.port = port;
    this.#options = given.options ?? [];
    this.#process = this.#spawn();
  }

  static async start(given: ProcessOptions = {}): Promise<ServerProcess> {
    const dataDir = given.folder ?? (await mkdtemp(join(tmpdir(), 'parley-faults-')));
    const server = new ServerProcess(dataDir, await findFreePort(), given);
    try {
      await server.#process.waitFor('server listening');
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  get url(): string {
    return `http://${this.#address}:${this.port}`;
  }

  get wsUrl(): string {
    return `ws://${this.#address}:${this.port}/ws`;
  }

  get #address(): string {
    return this.#given.host?.address ?? '127.0.0.1';
  }

  get pid(): number {
    return this.#process.child.pid ?? 0;
  }

  /** What it has logged since it was started last. */
  get output(): string {
    return this.#process.stdout();
  }

  tokenOf(identity: string): string {
    const issuer = createTokenIssuer({ ...loadDevSecret(this.dataDir), issuer: '', audience: '' });
    return issuer.issue({ identity, name: identity, metadata: '', grants, ttlSeconds: 3_600 });
  }

  signal(name: 'SIGKILL' | 'SIGTERM'): void {
    this.#process.child.kill(name);
  }

  /** As the machine would: nothing is finished. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#process.exited();
  }

  /** As an operator would. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    await this.#process.exited();
  }

  /** After a signal that ends it, with other options where they are given. */
  async startAgain(options = this.#options): Promise<void> {
    await this.#process.exited();
    this.#options = options;
    this.#process = this.#spawn();
    await this.#process.waitFor('server listening');
  }

  /** Lines of /metrics, as in `parley_store_failures_total{kind="full"}`; NaN where there is none. */
  async metrics(names: readonly string[]): Promise<number[]> {
    const text = await readMetrics(this.url);
    const lines = new Map(text.split('\n').map((line) => [line.slice(0, line.lastIndexOf(' ')), line]));
    return names.map((name) => Number(lines.get(name)?.slice(name.length) ?? Number.NaN));
  }

  async metric(name: string): Promise<number> {
    return (await this.metrics([name]))[0] ?? Number.NaN;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    if (this.#ownsFolder) await rm(this.dataDir, { recursive: true, force: true });
  }

  #spawn(): ParleyProcess {
    const { host, nodeOptions = '', env } = this.#given;
    const within = host ? [`media.listenIp=${host.address}`] : [];
    const set = [...within, ...this.#options].flatMap((option) => [
      '--set',
      option.replace('{port}', String(this.port)),
    ]);
    return startParley(['serve', '--dev', '--port', String(this.port), ...set], {
      cwd: this.dataDir,
      prefix: host?.prefix ?? [],
      env: {
        NODE_OPTIONS: nodeOptions,
        PARLEY_DATA_DIR: this.dataDir,
        PARLEY_MEDIA_PORT: '0',
        PARLEY_MEDIA_WORKERS: '1',
        PARLEY_LOG_FORMAT: 'json',
        PARLEY_SHUTDOWN_DRAIN_MS: '2000',
        ...env,
      },
    });
  }
}
