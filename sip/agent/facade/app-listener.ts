import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Clock } from '../../../core/clock.ts';
import { AppConnection, type AppUser } from './app-connection.ts';

/** With those that have not said the secret yet; beyond it a connection is closed as it comes. */
export const mostApps = 16;

/** The applications that are connected, and whose turn it is. */
export class AppListener {
  readonly #server: Server;
  readonly #known = new Set<AppConnection>();
  readonly #unknown = new Set<AppConnection>();
  #turn = 0;

  constructor(about: { readonly clock: Clock; readonly secret: string }, user: AppUser) {
    this.#server = createServer((socket) => {
      if (this.#known.size + this.#unknown.size >= mostApps) {
        socket.destroy();
        return;
      }
      const app: AppConnection = new AppConnection(socket, about.secret, about.clock, {
        welcome: () => {
          this.#unknown.delete(app);
          this.#known.add(app);
          return user.welcome();
        },
        frame: (from, id, tokens, message) => user.frame(from, id, tokens, message),
        gone: (from) => {
          this.#known.delete(from);
          user.gone(from);
        },
      });
      this.#unknown.add(app);
      socket.once('close', () => this.#unknown.delete(app));
    });
  }

  /** On loopback, at a port that is free, which it answers. @throws what the system says. */
  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get size(): number {
    return this.#known.size;
  }

  /** In turn, of those who want requests of this method. */
  choose(method: string): AppConnection | undefined {
    const willing = this.#willing(method);
    this.#turn += 1;
    return willing[this.#turn % Math.max(willing.length, 1)];
  }

  /** How many want requests of this method. */
  wanting(method: string): number {
    return this.#willing(method).length;
  }

  #willing(method: string): AppConnection[] {
    return [...this.#known].filter((app) => app.wants(method));
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    const apps = [...this.#known, ...this.#unknown];
    for (const app of apps) app.close();
    // The server counts connections: it may be told of the last one before that one is.
    await Promise.all([closed, ...apps.map((app) => app.closed)]);
  }
}
