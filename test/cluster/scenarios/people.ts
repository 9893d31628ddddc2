// People of a scenario: each by the SDK, on the next node in turn, as a balancer would spread them.

import { WebSocket } from 'ws';
import {
  type Client,
  type ClientOptions,
  createClient,
  type JoinOptions,
  type LogRecord,
  type Room,
} from '../../../client/src/index.ts';
import { quickTiming } from '../../../client/test/quick-timing.ts';
import type { GrantName } from '../../../signaling/token-verifier.ts';
import type { Servers } from './servers.ts';

export interface Someone extends AsyncDisposable {
  readonly identity: string;
  readonly client: Client;
  /** Where the connection is, or is led to next. */
  place: number;
  /** Tears the connection down without a word; the client comes back at once, at `place`. */
  cut(): void;
  join(room: string, options?: JoinOptions): Promise<Present>;
}

/** Somebody in a room, and what they heard there since. */
export interface Present {
  readonly room: Room;
  /** Who came and who left, in order, as in `+bob`. */
  readonly told: readonly string[];
  readonly records: readonly LogRecord[];
  readonly gaps: readonly string[];
  /** Texts of messages, in the order in which they came. */
  readonly texts: readonly string[];
}

const usualGrants: readonly GrantName[] = ['join', 'publish:audio', 'publish:video', 'subscribe', 'chat', 'history'];

export class People implements AsyncDisposable {
  readonly #servers: Servers;
  readonly #options: Pick<ClientOptions, 'device'>;
  readonly #all: Someone[] = [];
  #next = 0;

  constructor(servers: Servers, options: Pick<ClientOptions, 'device'> = {}) {
    this.#servers = servers;
    this.#options = options;
  }

  /** Connected. `place`: at this node instead of the next one. */
  async come(identity: string, { can = [], place = this.#next++ }: Wish = {}): Promise<Someone> {
    const servers = this.#servers;
    const sockets: WebSocket[] = [];
    class LedWebSocket extends WebSocket {
      constructor(_url: string, protocols: string[]) {
        super(servers.node(someone.place).wsUrl, protocols);
        sockets.push(this);
      }
    }
    const client = createClient({
      url: 'ws://balancer.invalid/ws',
      token: () => servers.node(0).issueToken({ identity, can: [...usualGrants, ...can] }),
      webSocket: LedWebSocket,
      timing: quickTiming,
      ...this.#options,
    });
    const someone: Someone = {
      identity,
      client,
      place,
      cut: () => sockets.at(-1)?.terminate(),
      join: async (room, options) => watch(await client.join(room, options)),
      [Symbol.asyncDispose]: () => client.close(),
    };
    this.#all.push(someone);
    await client.connect();
    return someone;
  }

  async enter(identity: string, room: string, wish?: Wish): Promise<Someone & Present> {
    const someone = await this.come(identity, wish);
    return Object.assign(someone, await someone.join(room));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map(({ client }) => client.close()));
  }
}

interface Wish {
  /** Besides the usual. */
  readonly can?: readonly GrantName[];
  readonly place?: number;
}

function watch(room: Room): Present {
  const told: string[] = [];
  const records: LogRecord[] = [];
  const texts: string[] = [];
  const gaps: string[] = [];
  room.on('peersChanged', ({ joined, left }) => {
    told.push(...joined.map(({ identity }) => `+${identity}`), ...left.map(({ identity }) => `-${identity}`));
  });
  room.chat.on('records', ({ records: came }) => {
    records.push(...came);
    for (const { kind, message } of came) if (kind === 'message') texts.push(message?.text ?? '');
  });
  room.chat.on('gap', ({ reason }) => gaps.push(reason));
  return { room, told, records, texts, gaps };
}

/** Identities of the others in the room, as somebody sees it. */
export const seenBy = ({ room }: Present): string[] => [...room.peers.values()].map(({ identity }) => identity).sort();

export const isAway = ({ room }: Present, who: string): boolean =>
  [...room.peers.values()].some(({ identity, away }) => identity === who && away);
