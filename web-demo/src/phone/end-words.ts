// Why a call is over, in words: for whoever was in it, and for the lines of a log.

import type { CallEndReason } from '@parley/client';

/** What became of somebody who was called, as “Ben is on another call”. */
const ofSomebody: Readonly<Record<Exclude<CallEndReason, ''>, (name: string) => string>> = {
  'hung-up': (name) => `${name} hung up`,
  declined: (name) => `${name} declined`,
  busy: (name) => `${name} is on another call`,
  'no-answer': (name) => `${name} did not answer`,
  unreachable: (name) => `${name} cannot be reached`,
  canceled: (name) => `The call to ${name} was cancelled`,
  'answered-elsewhere': (name) => `${name} answered on another device`,
  transferred: (name) => `${name} handed the call on`,
  removed: (name) => `${name} was removed from the call`,
  lost: (name) => `${name} lost the connection`,
  'no-media': (name) => `Nothing was heard of ${name} any more`,
  'media-lost': (name) => `The sound of ${name} was lost`,
  'node-lost': (name) => `The server lost ${name}`,
  'cut-off': (name) => `The server hung ${name} up`,
  forbidden: (name) => `${name} may not be called from here`,
  failed: (name) => `The call to ${name} failed`,
};

export function endOfSomebody(reason: string, name: string): string {
  return isReason(reason) ? ofSomebody[reason](name) : `${name} left the call`;
}

/** In a list of calls, in a word or two. Empty: nothing to add. */
const shortly: Readonly<Record<Exclude<CallEndReason, ''>, string>> = {
  'hung-up': '',
  declined: 'Declined',
  busy: 'Busy',
  'no-answer': 'No answer',
  unreachable: 'Not reached',
  canceled: 'Cancelled',
  'answered-elsewhere': 'Answered elsewhere',
  transferred: 'Handed on',
  removed: 'Removed',
  lost: 'Connection lost',
  'no-media': 'No sound came',
  'media-lost': 'Sound lost',
  'node-lost': 'Server lost',
  'cut-off': 'Cut off',
  forbidden: 'Not allowed',
  failed: 'Failed',
};

export function endInShort(reason: string): string {
  return isReason(reason) ? shortly[reason] : '';
}

function isReason(reason: string): reason is Exclude<CallEndReason, ''> {
  return Object.hasOwn(ofSomebody, reason);
}
