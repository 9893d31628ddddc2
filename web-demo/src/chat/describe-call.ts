// The steps of a call as lines of the chat.

import type { LogRecord } from '@parley/client';
import { formatDuration } from '../call/format-duration.ts';
import { endOfSomebody } from '../phone/end-words.ts';
import { nameList } from './name-list.ts';

type CallStep = NonNullable<LogRecord['call']>;
type CallLeg = NonNullable<CallStep['leg']>;

/** `nameOf` answers “You” for the reader. */
export function describeCall({ step, leg, legs, reason, durationMs }: CallStep, nameOf: NameOf): string {
  const who = leg === undefined ? 'Somebody' : nameOfLeg(leg, nameOf);
  switch (step) {
    case 'started': {
      const [caller, ...others] = legs;
      const called = nameList(others.map((one) => inSentence(nameOfLeg(one, nameOf))));
      return `${caller === undefined ? 'Somebody' : nameOfLeg(caller, nameOf)} called ${called}`;
    }
    case 'answered':
      return `${who} answered`;
    case 'failed':
    case 'left':
      return withVerbOfReader(endOfSomebody(reason, who));
    case 'held':
      return withVerbOfReader(`${who} is on hold`);
    case 'resumed':
      return withVerbOfReader(`${who} is back`);
    case 'transferred':
      return `${who} handed the call on`;
    case 'ended':
      return durationMs === undefined || durationMs === 0
        ? 'The call was not answered'
        : `The call ended after ${formatDuration(durationMs)}`;
    case 'visited':
      return `${who} was here by phone for ${formatDuration(durationMs ?? 0)}`;
  }
}

type NameOf = (identity: string) => string;

function nameOfLeg({ kind, identity, name, number }: CallLeg, nameOf: NameOf): string {
  return kind === 'user' ? nameOf(identity) : name || number || 'A phone';
}

function inSentence(name: string): string {
  return name === 'You' ? 'you' : name;
}

/** “You is” → “You are”. */
function withVerbOfReader(sentence: string): string {
  const verbs: Readonly<Record<string, string>> = { is: 'are', was: 'were' };
  return sentence.replace(/^You (is|was)\b/, (_, verb: string) => `You ${verbs[verb] ?? verb}`);
}
