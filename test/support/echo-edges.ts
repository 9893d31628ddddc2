// Signaling as small as it can be: a room is a list of links and a count of messages. For tests and benchmarks of what is in
// front of it.

import { AppError } from '../../core/errors.ts';
import { EventMessage } from '../../core/event-message.ts';
import type { LogRecord } from '../../proto/gen/types.ts';
import type { ClientLink } from '../../signaling/client-link.ts';
import type { ClientEndpoint, PlainChatRequest, SignalingEdges } from '../../signaling/endpoints.ts';

type CallHandler = (params: Readonly<Record<string, unknown>>, link: ClientLink) => object | Promise<object>;

export interface EchoEdges extends SignalingEdges {
  /** Connections that are there. */
  readonly links: Set<ClientLink>;
  /** What upgrade requests carried, the latest last. */
  readonly upgradeTokens: (string | undefined)[];
  readonly plainRequests: PlainChatRequest[];
  roomSize(room: string): number;
  /** To everyone in the room. Events of the log reach those who are behind later, in order. */
  broadcast(room: string, event: EventMessage): void;
}

/**
 * Knows `session.ping`, `room.join` and `chat.send`; `calls` adds to them. On `/chat` everyone is let in, and the room
 * `closed` is full; a `history` there is empty.
 */
export function createEchoEdges(calls: Readonly<Record<string, CallHandler>> = {}): EchoEdges {
  const links = new Set<ClientLink>();
  const rooms = new Map<string, Map<ClientLink, Follower>>();
  const counts = new Map<string, number>();
  const upgradeTokens: (string | undefined)[] = [];
  const plainRequests: PlainChatRequest[] = [];
  const enter = (room: string, link: ClientLink) => {
    const members = rooms.get(room) ?? new Map<ClientLink, Follower>();
    rooms.set(room, members.set(link, new Follower(link)));
  };
  const leave = (link: ClientLink) => {
    links.delete(link);
    for (const members of rooms.values()) members.delete(link);
  };
  const broadcast = (room: string, event: EventMessage) => {
    const isLog = event.delivery === 'log';
    for (const [link, follower] of rooms.get(room) ?? []) {
      if (isLog) follower.offer(event);
      else link.send(event);
    }
  };
  const say = (room: string, message: { text: string; name: string; clientId: string }): LogRecord => {
    const seq = (counts.get(room) ?? 0) + 1;
    counts.set(room, seq);
    const record = toRecord(seq, message);
    broadcast(room, new EventMessage('logRecords', { room, epoch: 'e_echo', records: [record] }));
    return record;
  };
  const handlers: Readonly<Record<string, CallHandler>> = {
    'session.ping': ({ payload = '' }) => ({ payload }),
    'room.join': ({ room }, link) => {
      enter(String(room), link);
      return { room };
    },
    'chat.send': ({ room, text, clientId = '' }, link) => {
      const { seq, messageId, atMs } = say(String(room), {
        text: String(text),
        name: link.id,
        clientId: String(clientId),
      });
      return { epoch: 'e_echo', seq, messageId, atMs, durability: 'memory', duplicate: false };
    },
    ...calls,
  };
  return {
    links,
    upgradeTokens,
    plainRequests,
    roomSize: (room) => rooms.get(room)?.size ?? 0,
    broadcast,
    accept(link, upgradeToken): ClientEndpoint {
      links.add(link);
      upgradeTokens.push(upgradeToken);
      return {
        call(method, params) {
          const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
          if (!handler) throw new AppError('UNKNOWN_METHOD', { method });
          return handler(params as Readonly<Record<string, unknown>>, link);
        },
        closed: () => leave(link),
      };
    },
    async acceptPlainChat(link, request) {
      plainRequests.push(request);
      const { room, user = 'guest' } = request;
      if (room === 'closed') throw new AppError('ROOM_FULL', { room, limit: 1 });
      links.add(link);
      enter(room, link);
      return {
        async receive(frame) {
          const { type, content, clientId = '' } = frame as { type?: unknown; content?: unknown; clientId?: unknown };
          if (type === 'history') return { messages: [], more: false };
          if (typeof content !== 'string')
            throw new AppError('BAD_REQUEST', { field: 'content', problem: 'is required' });
          say(room, { text: content, name: user, clientId: String(clientId) });
          return undefined;
        },
        closed: () => leave(link),
      };
    },
  };
}

/** Brings the log to one link; what it is behind with stands here, as it would in a store. */
class Follower {
  readonly #link: ClientLink;
  #missed: EventMessage[] = [];

  constructor(link: ClientLink) {
    this.#link = link;
    link.onDrained = () => this.#catchUp();
  }

  offer(event: EventMessage): void {
    if (this.#missed.length > 0 || !this.#link.offerLog(event)) this.#missed.push(event);
  }

  #catchUp(): void {
    const taken = this.#missed.findIndex((event) => !this.#link.offerLog(event));
    this.#missed = taken === -1 ? [] : this.#missed.slice(taken);
  }
}

/** The record of a message, as it is in a room's log. */
export function toRecord(seq: number, message: { text: string; name: string; clientId?: string }): LogRecord {
  const { text, name, clientId = '' } = message;
  return {
    seq,
    messageId: `m_${String(seq).padStart(12, '0')}`,
    kind: 'message',
    atMs: 1_700_000_000_000,
    identity: name,
    name,
    clientId,
    message: { text, mentions: [], reactions: [], changedSeq: 0 },
  };
}
