import { formatDuration } from '../call/format-duration.ts';
import type { EventEntry } from './chat-entry.ts';
import { describeCall } from './describe-call.ts';
import { nameList } from './name-list.ts';

const moment = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: 'numeric',
  minute: '2-digit',
});

/** What happened, as a sentence without a full stop. `nameOf` answers “You” for the reader. */
export function describeEvent(event: EventEntry, nameOf: (identity: string) => string): string {
  const { record } = event;
  const names = event.identities.map((identity) => (identity === '' ? 'The server' : nameOf(identity)));
  const who = nameList(readerFirst(names));
  const subject = inSentence(record.subject === undefined ? 'somebody' : nameOf(record.subject));
  const until = record.untilMs === undefined ? '' : ` until ${moment.format(record.untilMs)}`;
  switch (event.what) {
    case 'joined':
      return record.via === 'phone' ? `${who} joined by phone` : `${who} joined`;
    case 'left':
      return `${who} left`;
    case 'callStarted':
      return record.identity === '' ? 'The call started' : `${who} started the call`;
    case 'callEnded':
      return record.durationMs === undefined
        ? 'The call ended'
        : `The call ended after ${formatDuration(record.durationMs)}`;
    case 'recordingStarted':
      return 'Recording started';
    case 'recordingStopped':
      return 'Recording stopped';
    case 'banned':
      return `${who} banned ${subject}${until}`;
    case 'unbanned':
      return `${who} let ${subject} in again`;
    case 'muted':
      return `${who} muted ${subject} in the chat${until}`;
    case 'unmuted':
      return `${who} let ${subject} write again`;
    case 'configured':
      return describeSettings(who, record.settings?.slowModeMs ?? 0);
    case 'call':
      return record.call === undefined ? 'There was a call' : describeCall(record.call, nameOf);
    case 'opened':
      return 'The conversation begins here';
  }
}

function describeSettings(who: string, slowModeMs: number): string {
  if (slowModeMs === 0) return `${who} set the room: everybody may write at any time`;
  return `${who} set slow mode: one message every ${spellSpan(slowModeMs)}`;
}

/** A sentence may begin with “You”; further back it would be the wrong case. */
function readerFirst(names: readonly string[]): readonly string[] {
  return names.includes('You') ? ['You', ...names.filter((name) => name !== 'You')] : names;
}

function inSentence(name: string): string {
  return name === 'You' ? 'you' : name;
}

/** 30,000 ms → “30 s”, an hour → “1 h”. */
export function spellSpan(spanMs: number): string {
  const seconds = Math.ceil(spanMs / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600)
    return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.round((seconds % 3_600) / 60);
  return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
}
