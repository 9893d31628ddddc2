// Who rings, as the grid shows it: each in one place, whether it is only a leg of the call or a phone in the room already.

import type { Person } from '../state/roster.ts';
import type { Leg } from './call-line.ts';

export interface Rung {
  readonly key: string;
  readonly identity: string;
  readonly shown: string;
  /** Where something else is shown: a number is known by it. */
  readonly number: string;
  readonly state: Leg['state'];
  /** Undefined: others call it, and it is not for this side to stop that. */
  readonly leg: Leg | undefined;
}

/** A phone whose network is heard is in the room before anybody has picked it up. */
export function isRinging({ phone }: Pick<Person, 'phone'>): boolean {
  return phone?.ringing === true;
}

export function rungOf(rung: readonly Leg[], people: readonly Person[], callId: string | undefined): readonly Rung[] {
  const heard = people.filter(isRinging);
  const isOf = (leg: Leg) => (person: Person) => person.phone?.callId === callId && person.identity === leg.identity;
  const ofOthers = heard.filter((person) => !rung.some((leg) => isOf(leg)(person)));
  return [
    ...rung.map((leg) => ({
      key: leg.legId,
      identity: leg.identity,
      shown: leg.shown,
      number: numberBeside(leg.shown, leg.number),
      // What is heard of it says that it rings, before the news of its leg do.
      state: heard.some(isOf(leg)) ? ('ringing' as const) : leg.state,
      leg,
    })),
    ...ofOthers.map(({ peerId, identity, name, phone }) => ({
      key: peerId,
      identity,
      shown: name,
      number: numberBeside(name, phone?.number ?? ''),
      state: 'ringing' as const,
      leg: undefined,
    })),
  ];
}

function numberBeside(shown: string, number: string): string {
  return number === shown ? '' : number;
}
