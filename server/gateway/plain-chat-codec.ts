// The plain chat: JSON texts of five types that a few lines of any language read. `message`, `history`, `join`, `leave` and
// `error` are all that its clients hear of a room.

import { AppError, type ErrorReason, errorRegistry } from '../../core/errors.ts';
import type { EventCodec, Frame } from '../../core/event-message.ts';
import type { EventName, Events, LogRecord } from '../../proto/gen/types.ts';
import type { PlainChatHistory } from '../../signaling/endpoints.ts';

export interface PlainChatMessageFrame {
  readonly type: 'message';
  readonly content: string;
  readonly user: string;
  readonly id: string;
  /** Its number in the room's log. */
  readonly seq: number;
  /** When the server took it, in milliseconds since 1970. */
  readonly at: number;
  /** What its author called it, where it had a name. */
  readonly clientId?: string;
}

export type PlainChatFrame =
  | PlainChatMessageFrame
  | { readonly type: 'history'; readonly messages: readonly PlainChatMessageFrame[]; readonly more: boolean }
  | { readonly type: 'join' | 'leave'; readonly user: string }
  /** `reason` is one of docs/errors.md, `content` a sentence, `clientId` that of the message that it is about. */
  | {
      readonly type: 'error';
      readonly reason: string;
      readonly content: string;
      readonly retryAfterMs?: number;
      readonly clientId?: string;
    };

export const plainChatCodec: EventCodec = {
  encodeEvent<Name extends EventName>(name: Name, payload: Events[Name]): readonly Frame[] {
    // Bytes, for an event goes to many connections.
    return toFrames(name, payload).map((frame) => Buffer.from(JSON.stringify(frame)));
  },
};

function toFrames(name: EventName, payload: Events[EventName]): readonly PlainChatFrame[] {
  switch (name) {
    case 'logRecords':
      return toMessageFrames((payload as Events['logRecords']).records);
    case 'peersJoined':
      return (payload as Events['peersJoined']).peers.map((peer) => ({ type: 'join', user: peer.name }));
    case 'peersLeft':
      return (payload as Events['peersLeft']).peers.map((peer) => ({ type: 'leave', user: peer.name }));
    case 'sessionClosing':
      return [toClosingFrame(payload as Events['sessionClosing'])];
    default:
      return [];
  }
}

/** The messages among the records: changes to them have no place here, and a deleted one has nothing to show. */
function toMessageFrames(records: readonly LogRecord[]): readonly PlainChatMessageFrame[] {
  return records.flatMap(({ kind, message, name, messageId, seq, atMs, clientId }) => {
    if (kind !== 'message' || message === undefined || message.deletedBy !== undefined) return [];
    const named = clientId === '' ? {} : { clientId };
    return [{ type: 'message', content: message.text, user: name, id: messageId, seq, at: atMs, ...named }];
  });
}

function toClosingFrame({ reason, retryAfterMs }: Events['sessionClosing']): PlainChatFrame {
  const content = Object.hasOwn(errorRegistry, reason) ? new AppError(reason as ErrorReason).message : reason;
  return { type: 'error', reason, content, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Of what a client sent; nothing when it was a message that nothing is left of. */
export function encodePlainChatAnswer(answer: PlainChatHistory | LogRecord): Frame | undefined {
  if (!('messages' in answer)) {
    const [frame] = toMessageFrames([answer]);
    return frame && JSON.stringify(frame);
  }
  const { messages, more } = answer;
  const frame: PlainChatFrame = { type: 'history', messages: toMessageFrames(messages), more };
  return JSON.stringify(frame);
}

/** A refusal, for the one who caused it. */
export function encodePlainChatError({ reason, message, retryAfterMs }: AppError, clientId?: string): Frame {
  const frame: PlainChatFrame = {
    type: 'error',
    reason,
    content: message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(clientId === undefined ? {} : { clientId }),
  };
  return JSON.stringify(frame);
}
