// What a later record does to a message.

import type { LogRecord, MessageContent, Reaction } from '../../../proto/gen/types.ts';

/** The message with the change in it, or the same object where it has it already or is not concerned. */
export function fold(target: LogRecord, change: LogRecord): LogRecord {
  const { message } = target;
  if (!message || change.targetId !== target.messageId || change.seq <= message.changedSeq) return target;
  const changed = changeMessage(message, change);
  return changed === message ? target : { ...target, message: { ...changed, changedSeq: change.seq } };
}

/** The text of an edit is gone with the next one, and with the message that it edited. */
export function forgetText(edit: LogRecord): LogRecord {
  const { text: _, ...rest } = edit;
  return rest;
}

function changeMessage(message: MessageContent, change: LogRecord): MessageContent {
  switch (change.kind) {
    case 'edited':
      // Without a text: it was edited again or deleted later, which a record behind this one says.
      return { ...message, text: change.text ?? '', editedAtMs: change.atMs };
    case 'deleted':
      return { ...message, text: '', mentions: [], reactions: [], deletedBy: change.identity };
    case 'reaction':
      return change.reaction
        ? { ...message, reactions: react(message.reactions, change.identity, change.reaction) }
        : message;
    default:
      return message;
  }
}

function react(
  reactions: readonly Reaction[],
  identity: string,
  { emoji, on }: { emoji: string; on: boolean },
): Reaction[] {
  const without = (identities: readonly string[]) => identities.filter((other) => other !== identity);
  const known = reactions.some((reaction) => reaction.emoji === emoji);
  const all = known || !on ? reactions : [...reactions, { emoji, identities: [] }];
  return all
    .map((reaction) =>
      reaction.emoji === emoji
        ? { emoji, identities: [...without(reaction.identities), ...(on ? [identity] : [])] }
        : reaction,
    )
    .filter(({ identities }) => identities.length > 0);
}
