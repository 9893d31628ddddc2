// What people write in a room, whichever edge they came in by: the rules, before the log takes it.

import type { Amendment } from '../cluster/room-log.ts';
import type { Clock } from '../core/clock.ts';
import { AppError, type ErrorReason } from '../core/errors.ts';
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
import { receiptOfHeld } from './log/held-reaction.ts';
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
  /** Reactions of a peer that are not answered yet: what is in memory is not what holds behind them. */
  readonly #reacting = new WeakMap<Peer, number>();
  #postedCount = 0;
  readonly #counted = (receipt: Receipt) => {
    if (!receipt.duplicate) this.#postedCount += 1;
    return receipt;
  };

  constructor(parts: ChatParts) {
    this.#parts = parts;
  }

  /** Messages taken since the start, not their copies. */
  get postedCount(): number {
    return this.#postedCount;
  }

  /** An empty client id is never a retry. All fail by rejection, with what {@link Timeline.append} fails with too. */
  send(peer: Peer, wanted: Wanted<SendMessageRequest>): Promise<Receipt> {
    const { replyTo, clientId } = wanted;
    const entry = toMessageEntry(peer, wanted);
    const receipt = this.#write(peer, entry, () => {
      const inThread = (answered: LogRecord | undefined) => {
        if (answered === undefined && replyTo !== undefined) throw notFound(replyTo);
        this.#parts.rules.beforeSend(peer, clientId);
        return answered === undefined ? entry : toReply(entry, answered);
      };
      return replyTo === undefined ? inThread(undefined) : whenFound(peer, replyTo, inThread);
    });
    return receipt.then(this.#counted);
  }

  /** @throws {AppError} MESSAGE_NOT_OWN besides. */
  edit(peer: Peer, { clientId, messageId, text }: Wanted<EditMessageRequest>): Promise<Receipt> {
    const author = authorOf(peer);
    const entry: LogEntry = { kind: 'edited', author, clientId, content: { targetId: messageId, text } };
    return this.#change(peer, entry, messageId, ({ identity, name, message }) => {
      if (identity !== peer.identity) throw new AppError('MESSAGE_NOT_OWN', { messageId });
      this.#parts.rules.beforeChange(peer);
      const edited = editedMessage(message, text, this.#parts.clock.nowMs());
      return { kind: 'replace', target: messageId, payload: toPayload({ message: edited }, name), searchText: text };
    });
  }

  /** @throws {AppError} MESSAGE_NOT_OWN besides. */
  delete(peer: Peer, { clientId, messageId }: Wanted<DeleteMessageRequest>): Promise<Receipt> {
    const author = authorOf(peer);
    const entry: LogEntry = { kind: 'deleted', author, clientId, content: { targetId: messageId } };
    return this.#change(peer, entry, messageId, ({ identity, name, message }) => {
      if (identity !== peer.identity && !peer.grants.has('moderate')) {
        throw new AppError('MESSAGE_NOT_OWN', { messageId });
      }
      const payload = toPayload({ message: deletedMessage(message, peer.identity) }, name);
      return { kind: 'erase', target: messageId, payload };
    });
  }

  /** What changes nothing is not written, as far as memory tells. */
  react(peer: Peer, wanted: Wanted<ReactRequest>): Promise<Receipt> {
    const { clientId, messageId, emoji, on } = wanted;
    const underWay = this.#reacting.get(peer) ?? 0;
    const held = underWay === 0 ? receiptOfHeld(peer.room.timeline, peer.identity, wanted) : undefined;
    if (held !== undefined) return Promise.resolve(held);
    const kind = on ? 'mark' : 'unmark';
    const entry: LogEntry = {
      kind: 'reaction',
      author: authorOf(peer),
      clientId,
      content: { targetId: messageId, reaction: { emoji, on } },
      amendment: { kind, target: messageId, key: emoji, member: peer.identity, maxKeys: maxReactions },
    };
    this.#reacting.set(peer, underWay + 1);
    return this.#write(peer, entry, () => {
      this.#parts.rules.beforeChange(peer);
      return entry;
    }).finally(() => this.#reacting.set(peer, (this.#reacting.get(peer) ?? 1) - 1));
  }

  #change(
    peer: Peer,
    entry: LogEntry,
    messageId: string,
    toAmendment: (target: LogRecord & { message: MessageContent }) => Amendment,
  ): Promise<Receipt> {
    const amending = (target: LogRecord | undefined) => {
      const { message } = target ?? {};
      if (target === undefined || message === undefined) throw notFound(messageId);
      return { ...entry, amendment: toAmendment({ ...target, message }) };
    };
    return this.#write(peer, entry, () => whenFound(peer, messageId, amending));
  }

  /**
   * Appends what is prepared, in the order in which the peer asked. What the rules refuse may be a retry of what they
   * allowed: that the store knows, by `wanted`.
   */
  #write(peer: Peer, wanted: LogEntry, prepare: () => LogEntry | Promise<LogEntry>): Promise<Receipt> {
    const { timeline } = peer.room;
    const checked = () => {
      if (peer.left) throw new AppError('NOT_IN_ROOM', { room: peer.room.name });
      return orRetry(wanted, prepare);
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

/** What may be refused to somebody who was allowed it when it was sent first. */
const refusals: ReadonlySet<ErrorReason> = new Set(['MUTED', 'SLOW_MODE', 'MESSAGE_NOT_FOUND', 'MESSAGE_NOT_OWN']);

function orRetry(wanted: LogEntry, prepare: () => LogEntry | Promise<LogEntry>): LogEntry | Promise<LogEntry> {
  try {
    const prepared = prepare();
    return prepared instanceof Promise ? prepared.catch((thrown: unknown) => toRetry(wanted, thrown)) : prepared;
  } catch (thrown) {
    return toRetry(wanted, thrown);
  }
}

/** What is left to ask when a write was refused: whether it was taken before. @throws what was thrown, where that cannot be. */
function toRetry(wanted: LogEntry, thrown: unknown): LogEntry {
  const isRefusal = thrown instanceof AppError && refusals.has(thrown.reason);
  if (!isRefusal || wanted.clientId === '') throw thrown;
  return { ...wanted, refusal: thrown };
}

function whenFound(
  { room }: Peer,
  messageId: string,
  toEntry: (found: LogRecord | undefined) => LogEntry,
): LogEntry | Promise<LogEntry> {
  const found = findMessage(room.timeline, messageId);
  return found instanceof Promise ? found.then(toEntry) : toEntry(found);
}

const notFound = (messageId: string) => new AppError('MESSAGE_NOT_FOUND', { messageId });

function toMessageEntry(peer: Peer, wanted: Wanted<SendMessageRequest>): LogEntry {
  const { clientId, text, replyTo } = wanted;
  const mentions = wanted.mentions.length < 2 ? wanted.mentions : [...new Set(wanted.mentions)];
  const message: MessageContent = {
    text,
    ...(replyTo !== undefined && { replyTo }),
    mentions,
    reactions: [],
    changedSeq: 0,
  };
  return { kind: 'message', author: authorOf(peer), clientId, content: { message }, searchText: text, mentions };
}

function toReply(entry: LogEntry, answered: LogRecord): LogEntry {
  const threadId = answered.message?.threadId ?? answered.messageId;
  const { message } = entry.content;
  return { ...entry, content: { ...(message && { message: { ...message, threadId } }) }, threadId };
}

function authorOf({ identity, name }: Peer): { identity: string; name: string } {
  return { identity, name };
}
