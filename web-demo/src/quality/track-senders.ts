import type { TrackSource } from '@parley/client';
import type { Person } from '../state/roster.ts';

export interface TrackSender {
  readonly person: Person;
  readonly source: TrackSource;
}

export const sourceNames: Readonly<Record<TrackSource, string>> = {
  microphone: 'microphone',
  camera: 'camera',
  screen: 'screen',
  'screen-audio': 'sound of the screen',
};

/** By producer. */
export function sendersOf(people: readonly Person[]): ReadonlyMap<string, TrackSender> {
  const senders = new Map<string, TrackSender>();
  for (const person of people) {
    for (const [source, { producerId }] of person.sends) {
      if (producerId !== undefined) senders.set(producerId, { person, source });
    }
  }
  return senders;
}
