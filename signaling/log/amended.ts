// What a record does to earlier ones that are held in memory: the same as the store does to its own.

import type { LogRecord, MessageContent, Reaction } from '../../proto/gen/types.ts';

/** The earlier record as it is once `change` happened; the same object when that does not touch it. */
export function amended(earlier: LogRecord, change: LogRecord): LogRecord {
  if (change.targetId === undefined) return earlier;
  const isReplaced = earlier.kind === 'edited' && (change.kind === 'edited' || change.kind === 'deleted');
  if (isReplaced && earlier.targetId === change.targetId) {
    // What was edited away cannot be read again.
    const { text: _, ...rest } = earlier;
    return rest;
  }
  if (earlier.messageId !== change.targetId || earlier.message === undefined) return earlier;
  // As it came from the store, it has this change already.
  if (earlier.message.changedSeq >= change.seq) return earlier;
  return { ...earlier, message: { ...changed(earlier.message, change), changedSeq: change.seq } };
}

/** A message as it is when it was edited. */
export function editedMessage(message: MessageContent, text: string, atMs: number): MessageContent {
  return { ...message, text, editedAtMs: atMs };
}

/** What is left of a message that was deleted. */
export function deletedMessage({ replyTo, threadId }: MessageContent, deletedBy: string): MessageContent {
  return {
    text: '',
    ...(replyTo !== undefined && { replyTo }),
    ...(threadId !== undefined && { threadId }),
    mentions: [],
    deletedBy,
    reactions: [],
    changedSeq: 0,
  };
}

function changed(message: MessageContent, change: LogRecord): MessageContent {
  if (message.deletedBy !== undefined) return message;
  switch (change.kind) {
    case 'edited':
      return editedMessage(message, change.text ?? '', change.atMs);
    case 'deleted':
      return deletedMessage(message, change.identity);
    case 'reaction':
      return { ...message, reactions: withReaction(message.reactions, change) };
    default:
      return message;
  }
}

function withReaction(reactions: readonly Reaction[], { reaction, identity }: LogRecord): Reaction[] {
  if (reaction === undefined) return [...reactions];
  const { emoji, on } = reaction;
  const others = (all: readonly string[]) => all.filter((one) => one !== identity);
  const known = reactions.some((one) => one.emoji === emoji);
  if (!known) return on ? [...reactions, { emoji, identities: [identity] }] : [...reactions];
  return reactions.flatMap((one) => {
    if (one.emoji !== emoji) return [one];
    if (on && one.identities.includes(identity)) return [one];
    const identities = on ? [...one.identities, identity] : others(one.identities);
    return identities.length === 0 ? [] : [{ emoji, identities }];
  });
}
