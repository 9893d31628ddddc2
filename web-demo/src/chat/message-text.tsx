import type { Conversation } from '../state/conversation.ts';
import type { MessageEntry } from './chat-entry.ts';
import { type Mentionable, splitMentions } from './mentions.ts';
import { splitLinks } from './split-links.ts';

/** Text with its links and mentions as elements: what somebody wrote never becomes markup. */
export function MessageText({ message, conversation }: { message: MessageEntry; conversation: Conversation }) {
  const { ownIdentity } = conversation;
  const mentioned: Mentionable[] = message.mentions.map((identity) => ({
    identity,
    name: identity === ownIdentity ? conversation.ownName : conversation.nameOf(identity),
  }));
  return (
    <p class="message-text" dir="auto">
      {splitLinks(message.text).map((part, index) =>
        part.kind === 'link' ? (
          <a key={index} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
            {part.text}
          </a>
        ) : (
          splitMentions(part.text, mentioned).map((piece, at) =>
            piece.identity === undefined ? (
              piece.text
            ) : (
              <span key={`${index}-${at}`} class="mention" data-own={piece.identity === ownIdentity}>
                {piece.text}
              </span>
            ),
          )
        ),
      )}
    </p>
  );
}
