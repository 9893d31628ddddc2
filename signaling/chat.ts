// What people write in a room, whichever edge they came in by: the rules, before the log takes it.

import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type {
  DeleteMessageRequest,
  EditMessageRequest,
  LogRecord,
  MessageContent,
  ReactRequest,
  Receipt,
  SendMessageRequest,
} from '../proto/gen/types.ts';
import { deletedMessage, editedMessage } from './log/amended.ts';
import { findMessage } from './log/find-message.ts';
import type { LogEntry } from './log/log-entry.ts';
import { maxReactions } from './log/refusal.ts';
import { toPayload } from './log/stored-payload.ts';
import type { Peer } from './peer.ts';
import type { RoomRules } from './room-rules.ts';

interface ChatParts {
  readonly rules: Pick<RoomRules, 'beforeSend' | 'beforeChange'>;
  readonly clock: Clock;
}

type Wanted<Request extends { room: string }> = Omit<Request, 'room'>;

export class Chat {
  readonly #parts: ChatParts;
  /** The last write of a peer that still looks something up: those after it wait, so that they stay in order. */
  readonly #lookingUp = new WeakMap<Peer, Promise<void>>();
  #postedCount = 0;

  constructor(parts: ChatParts) {
    this.#parts = parts;
  }

  /** Messages taken since the start, not their copies. */
  get postedCount(): number {
    return this.#postedCount;
  }

  /** An empty client id is never a retry. All fail by rejection, with what {@link Timeline.append} fails with too. */
  async send(peer: Peer, wanted: Wanted<SendMessageRequest>): Promise<Receipt> {
    const receipt = await this.#write(peer, () => {
      const { replyTo } = wanted;
      const toEntry = (answered: LogRecord | undefined) => {
        const entry = toMessageEntry(peer, wanted, answered);
        this.#parts.rules.beforeSend(peer, wanted.clientId);
        return entry;
      };
      if (replyTo === undefined) return toEntry(undefined);
      const found = findMessage(peer.room.timeline, replyTo);
      return found instanceof Promise ? found.then(toEntry) : toEntry(found);
    });
    if (!receipt.duplicate) this.#postedCount += 1;
    return receipt;
  }

  /** @throws {AppError} MESSAGE_NOT_OWN besides. */
  edit(peer: Peer, { clientId, messageId, text }: Wanted<EditMessageRequest>): Promise<Receipt> {
    return this.#change(peer, clientId, messageId, ({ identity, name, message }) => {
      if (identity !== peer.identity) throw new AppError('MESSAGE_NOT_OWN', { messageId });
      this.#parts.rules.beforeChange(peer);
      const edited = editedMessage(message, text, this.#parts.clock.nowMs());
      const payload = toPayload({ message: edited }, name);
      return {
        kind: 'edited',
        content: { targetId: messageId, text },
        amendment: { kind: 'replace', target: messageId, payload, searchText: text },
      };
    });
  }

  /** @throws {AppError} MESSAGE_NOT_OWN besides. */
  delete(peer: Peer, { clientId, messageId }: Wanted<DeleteMessageRequest>): Promise<Receipt> {
    return this.#change(peer, clientId, messageId, ({ identity, name, message }) => {
      if (identity !== peer.identity && !peer.grants.has('moderate')) {
        throw new AppError('MESSAGE_NOT_OWN', { messageId });
      }
      const payload = toPayload({ message: deletedMessage(message, peer.identity) }, name);
      return {
        kind: 'deleted',
        content: { targetId: messageId },
        amendment: { kind: 'erase', target: messageId, payload },
      };
    });
  }

  react(peer: Peer, { clientId, messageId, emoji, on }: Wanted<ReactRequest>): Promise<Receipt> {
    const member = peer.identity;
    return this.#write(peer, () => {
      this.#parts.rules.beforeChange(peer);
      return {
        kind: 'reaction',
        author: authorOf(peer),
        clientId,
        content: { targetId: messageId, reaction: { emoji, on } },
        amendment: { kind: on ? 'mark' : 'unmark', target: messageId, key: emoji, member, maxKeys: maxReactions },
      };
    });
  }

  #change(
    peer: Peer,
    clientId: string,
    messageId: string,
    toChange: (target: LogRecord & { message: MessageContent }) => LogEntry,
  ): Promise<Receipt> {
    const toEntry = (target: LogRecord | undefined) => {
      const { message } = target ?? {};
      if (target === undefined || message === undefined) throw new AppError('MESSAGE_NOT_FOUND', { messageId });
      return { ...toChange({ ...target, message }), author: authorOf(peer), clientId };
    };
    return this.#write(peer, () => {
      const found = findMessage(peer.room.timeline, messageId);
      return found instanceof Promise ? found.then(toEntry) : toEntry(found);
    });
  }

  /** Appends what is prepared, in the order in which the peer asked. */
  #write(peer: Peer, prepare: () => LogEntry | Promise<LogEntry>): Promise<Receipt> {
    const { timeline } = peer.room;
    const checked = () => {
      if (peer.left) throw new AppError('NOT_IN_ROOM', { room: peer.room.name });
      return prepare();
    };
    const before = this.#lookingUp.get(peer);
    let prepared: LogEntry | Promise<LogEntry>;
    try {
      prepared = before === undefined ? checked() : before.then(checked);
    } catch (thrown) {
      return Promise.reject(thrown);
    }
    if (!(prepared instanceof Promise)) return timeline.append(prepared);
    const receipt = prepared.then((entry) => timeline.append(entry));
    const lookedUp: Promise<void> = prepared.then(
      () => this.#lookedUp(peer, lookedUp),
      () => this.#lookedUp(peer, lookedUp),
    );
    this.#lookingUp.set(peer, lookedUp);
    return receipt;
  }

  #lookedUp(peer: Peer, mine: Promise<void>): void {
    if (this.#lookingUp.get(peer) === mine) this.#lookingUp.delete(peer);
  }
}

/** @throws {AppError} MESSAGE_NOT_FOUND when what it answers is not there. */
function toMessageEntry(
  peer: Peer,
  { clientId, text, replyTo, mentions }: Wanted<SendMessageRequest>,
  answered: LogRecord | undefined,
): LogEntry {
  if (replyTo !== undefined && answered === undefined) throw new AppError('MESSAGE_NOT_FOUND', { messageId: replyTo });
  const threadId = answered && (answered.message?.threadId ?? answered.messageId);
  const named = [...new Set(mentions)];
  const message: MessageContent = {
    text,
    ...(replyTo !== undefined && { replyTo }),
    ...(threadId !== undefined && { threadId }),
    mentions: named,
    reactions: [],
    changedSeq: 0,
  };
  return {
    kind: 'message',
    author: authorOf(peer),
    clientId,
    content: { message },
    searchText: text,
    mentions: named,
    threadId: threadId ?? '',
  };
}

function authorOf({ identity, name }: Peer): { identity: string; name: string } {
  return { identity, name };
}
