// The plain chat: JSON texts of four types that a few lines of any language read. `message`, `join`, `leave` and `error`
// are all that its clients hear of a room.

import { AppError, type ErrorReason, errorRegistry } from '../../core/errors.ts';
import type { EventCodec, Frame } from '../../core/event-message.ts';
import type { EventName, Events } from '../../proto/gen/types.ts';

export type PlainChatFrame =
  | {
      readonly type: 'message';
      readonly content: string;
      readonly user: string;
      readonly id: string;
      /** When the server took it, in milliseconds since 1970. */
      readonly at: number;
    }
  | { readonly type: 'join' | 'leave'; readonly user: string }
  /** `reason` is one of docs/errors.md, `content` a sentence. */
  | { readonly type: 'error'; readonly reason: string; readonly content: string; readonly retryAfterMs?: number };

export const plainChatCodec: EventCodec = {
  encodeEvent<Name extends EventName>(name: Name, payload: Events[Name]): readonly Frame[] {
    // Bytes, for an event goes to many connections.
    return toFrames(name, payload).map((frame) => Buffer.from(JSON.stringify(frame)));
  },
};

function toFrames(name: EventName, payload: Events[EventName]): readonly PlainChatFrame[] {
  switch (name) {
    case 'chatMessage': {
      const { text, name: user, messageId, sentAtMs } = (payload as Events['chatMessage']).message;
      return [{ type: 'message', content: text, user, id: messageId, at: sentAtMs }];
    }
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

function toClosingFrame({ reason, retryAfterMs }: Events['sessionClosing']): PlainChatFrame {
  const content = Object.hasOwn(errorRegistry, reason) ? new AppError(reason as ErrorReason).message : reason;
  return { type: 'error', reason, content, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** A refusal, for the one who caused it. */
export function encodePlainChatError({ reason, message, retryAfterMs }: AppError): Frame {
  const frame: PlainChatFrame = {
    type: 'error',
    reason,
    content: message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  return JSON.stringify(frame);
}
