// Reasons of the server and of the SDK, in words for the person in the call.

import { ParleyError } from '@parley/client';
import type { Explanation } from './explanation.ts';

type Sentence = Explanation | ((details: Readonly<Record<string, string>>) => Explanation);

const newToken = 'Ask whoever invited you for a new token.';
const wait = 'Wait a moment and try again.';

const whatIsNotAllowed: Readonly<Record<string, string>> = {
  join: 'Your token is not for this room',
  'publish:audio': 'Your token does not let you speak in this room',
  'publish:video': 'Your token does not let you show video in this room',
  'publish:screen': 'Your token does not let you share your screen in this room',
  chat: 'Your token does not let you write in this room',
  moderate: 'Only moderators can do that',
  call: 'Your token does not let you call',
  'call:number': 'Your token does not let you call numbers',
};

const sentences: Readonly<Record<string, Sentence>> = {
  // Coming in
  ROOM_FULL: ({ limit }) => ({
    title: 'The room is full',
    advice: `${limit ? `It holds ${limit} people.` : 'Nobody else fits in.'} Try again when somebody has left.`,
  }),
  IDENTITY_REMOVED: {
    title: 'You were removed from this room',
    advice: 'A moderator can let you in again. You can also open another room.',
  },
  GRANT_MISSING: ({ grant }) => ({
    title: whatIsNotAllowed[grant ?? ''] ?? 'Your token does not allow this',
    advice: newToken,
  }),
  TOO_MANY_ROOMS: { title: 'The server has no space for another room', advice: 'Try again when a call has ended.' },
  TOO_MANY_PEERS_OF_IDENTITY: {
    title: 'You are in this room in too many places',
    advice: 'Leave it in another window.',
  },
  TOO_MANY_SESSIONS: { title: 'You are connected from too many places', advice: 'Close one of them and try again.' },
  ALREADY_IN_ROOM: { title: 'You are in this room already', advice: 'Leave it in the other place first.' },

  // Calls between people
  CALL_TAKEN: { title: 'You answered this call on another device', advice: 'It goes on there.' },
  CALL_OVER: { title: 'The call is over', advice: 'You can call again.' },
  CALL_NOT_FOUND: { title: 'The call is over', advice: 'You can call again.' },
  CALL_LEG_NOT_FOUND: { title: 'That cannot be done to somebody else’s side', advice: 'Whoever started the call can.' },
  CALL_REFUSED: ({ problem }) => ({ title: 'The call does not allow this', advice: withFullStop(problem ?? wait) }),
  CALL_LIMIT: ({ limit, what }) => ({
    title: 'There are as many calls as there may be',
    advice: limit && what ? `The limit is ${limit} ${what}.` : wait,
  }),

  // The chat
  MUTED: { title: 'A moderator muted you in this chat', advice: 'You can read it, and write again when that is over.' },
  SLOW_MODE: { title: 'The room is in slow mode', advice: wait },
  OUTBOX_FULL: {
    title: 'Too many messages wait to be sent',
    advice: 'Keep this page open until the connection is back.',
  },
  STORE_BUSY: { title: 'The server is busy', advice: wait },
  STORE_UNAVAILABLE: { title: 'The server cannot store messages right now', advice: wait },
  MESSAGE_NOT_FOUND: { title: 'That message is not there any more', advice: 'There is nothing left to do.' },
  MESSAGE_DELETED: { title: 'That message was deleted', advice: 'There is nothing left to do.' },
  TOO_MANY_REACTIONS: { title: 'That message has reactions enough', advice: 'Choose one of those that it has.' },

  // Tokens
  TOKEN_MISSING: { title: 'This server asks for a token', advice: 'Paste the one that you were given.' },
  GUESTS_NOT_ALLOWED: { title: 'This server does not let guests in', advice: 'Paste the token that you were given.' },
  TOKEN_MALFORMED: {
    title: 'This is not a token',
    advice: 'It may have been cut off when it was copied: paste it again, whole.',
  },
  TOKEN_EXPIRED: { title: 'Your token has expired', advice: newToken },
  TOKEN_NOT_YET_VALID: { title: 'Your token is not valid yet', advice: 'Come back at the time that it is for.' },
  TOKEN_IDENTITY_CHANGED: { title: 'The new token is for somebody else', advice: newToken },
  KEYS_UNAVAILABLE: { title: 'The server cannot check tokens right now', advice: wait },

  // The connection
  SERVER_DRAINING: { title: 'The server is stopping', advice: 'It may be back in a minute: try again then.' },
  UNREACHABLE: {
    title: 'The server cannot be reached',
    advice: 'Check your connection. This page goes on trying.',
  },
  CONNECTION_LOST: { title: 'The connection was lost', advice: 'Try again when it is back.' },
  NOT_CONNECTED: { title: 'There is no connection right now', advice: 'Try again when it is back.' },
  TOO_MANY_CONNECTIONS: { title: 'The server is busy', advice: wait },
  RATE_LIMITED: { title: 'That was a little fast', advice: wait },
  ORIGIN_REFUSED: {
    title: 'The server does not accept calls from this page',
    advice: 'Whoever runs it can add this page’s address to its allowed origins.',
  },
  SLOW_CONSUMER: { title: 'Your connection is too slow for this call', advice: 'Try again on another network.' },
  CALL_TIMEOUT: { title: 'The server took too long to answer', advice: wait },

  // End-to-end encryption
  E2EE_KEY_MISSING: {
    title: 'This room is end-to-end encrypted',
    advice: 'Open the whole invite link: its key is behind the #. Are you the first here, switch encryption on.',
  },
  E2EE_NOT_OFFERED: {
    title: 'This room is not end-to-end encrypted',
    advice: 'Somebody opened it without, or the server does not do it. Take another room, or switch encryption off.',
  },
  E2EE_UNSUPPORTED: {
    title: 'This browser cannot encrypt calls',
    advice: 'A current Chrome, Edge, Firefox or Safari can, on a page that came over HTTPS.',
  },
  E2EE_REFUSES: ({ what }) => ({
    title: 'This room is end-to-end encrypted',
    advice: `That rules out ${what ?? 'this'}: the server cannot read what is sent here.`,
  }),

  // Media
  MEDIA_UNAVAILABLE: { title: 'Sound and video are not available right now', advice: wait },
  MEDIA_TIMEOUT: {
    title: 'Sound and video do not get through',
    advice: 'A firewall may be in the way: try another network, or see at /doctor what is closed.',
  },
  MEDIA_UNSUPPORTED: {
    title: 'This browser cannot send or play that',
    advice: 'A current Chrome, Edge, Firefox or Safari can.',
  },
  TRACK_ENDED: { title: 'The device is gone', advice: 'Plug it in again or choose another one.' },
  PRODUCER_LOCKED: { title: 'A moderator muted you', advice: 'Only a moderator can let you speak again.' },
  CANNOT_CONSUME: {
    title: 'This browser cannot play that person’s video',
    advice: 'A current Chrome, Edge, Firefox or Safari can.',
  },
  TOO_MANY_MEDIA_OBJECTS: { title: 'You share as much as this room allows', advice: 'Stop something else first.' },
  PEER_NOT_FOUND: { title: 'That person has just left', advice: 'There is nothing left to do.' },
  PRODUCER_NOT_FOUND: { title: 'That has just ended', advice: 'There is nothing left to do.' },
  NOT_IN_ROOM: { title: 'You are not in the room any more', advice: 'Join again.' },
};

/** Any failure of the SDK or of the page itself. Reasons without a sentence say what the server said. */
export function explainError(error: unknown): Explanation {
  if (error instanceof ParleyError) {
    const sentence = sentences[error.reason];
    if (sentence !== undefined) return typeof sentence === 'function' ? sentence(error.details) : sentence;
    if (error.reason.startsWith('TOKEN_')) return { title: 'The server refused your token', advice: newToken };
    return { title: 'That did not work', advice: withFullStop(error.message) };
  }
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) {
    return { title: 'The server cannot be reached', advice: 'Check your connection and try again.' };
  }
  return { title: 'Something went wrong', advice: 'Try again. If it stays like this, load the page anew.' };
}

function withFullStop(sentence: string): string {
  const trimmed = sentence.trim();
  return trimmed === '' || /[.!?]$/.test(trimmed) ? trimmed || wait : `${trimmed}.`;
}

/** One line, for a notice. */
export function explainBriefly(error: unknown): string {
  const { title, advice } = explainError(error);
  return `${title}. ${advice}`;
}
