// Signaling as small as it can be: a room is a list of links. For tests and benchmarks of what is in front of it.

import { AppError } from '../../core/errors.ts';
import { EventMessage } from '../../core/event-message.ts';
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
  /** To everyone in the room. */
  broadcast(room: string, event: EventMessage): void;
}

/**
 * Knows `session.ping`, `room.join` and `chat.send`; `calls` adds to them. On `/chat` everyone is let in, and the room
 * `closed` is full.
 */
export function createEchoEdges(calls: Readonly<Record<string, CallHandler>> = {}): EchoEdges {
  const links = new Set<ClientLink>();
  const rooms = new Map<string, Set<ClientLink>>();
  const upgradeTokens: (string | undefined)[] = [];
  const plainRequests: PlainChatRequest[] = [];
  const enter = (room: string, link: ClientLink) => rooms.set(room, (rooms.get(room) ?? new Set()).add(link));
  const leave = (link: ClientLink) => {
    links.delete(link);
    for (const members of rooms.values()) members.delete(link);
  };
  const broadcast = (room: string, event: EventMessage) => {
    for (const link of rooms.get(room) ?? []) link.send(event);
  };
  const handlers: Readonly<Record<string, CallHandler>> = {
    'session.ping': ({ payload = '' }) => ({ payload }),
    'room.join': ({ room }, link) => {
      enter(String(room), link);
      return { room };
    },
    'chat.send': ({ room, text }, link) => {
      const message = toChatMessage(String(text), link.id);
      broadcast(String(room), new EventMessage('chatMessage', { room: String(room), message }));
      return { message };
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
        receive(frame) {
          const { content } = frame as { content?: unknown };
          if (typeof content !== 'string')
            throw new AppError('BAD_REQUEST', { field: 'content', problem: 'is required' });
          broadcast(room, new EventMessage('chatMessage', { room, message: toChatMessage(content, user) }));
        },
        closed: () => leave(link),
      };
    },
  };
}

function toChatMessage(text: string, name: string) {
  return {
    messageId: 'm_000000000000',
    peerId: 'p_000000000000',
    identity: name,
    name,
    text,
    sentAtMs: 1_700_000_000_000,
  };
}
