// The call that is held in a room, as the page shows it: who is rung, who is on hold, and what can be done about that.

import type { Call, CallLeg, Calls, Room, Unsubscribe } from '@parley/client';
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { explainBriefly } from '../errors/explain-error.ts';
import type { Notices } from '../state/notices.ts';
import { endOfSomebody } from './end-words.ts';
import { toTarget } from './to-target.ts';

/** Somebody who is in the call, or is rung to come into it. */
export interface Leg extends CallLeg {
  /** To be shown. */
  readonly shown: string;
}

export interface CallLine {
  /** Undefined: the room has none, as one that people met in by its link. */
  readonly call: ReadonlySignal<Call | undefined>;
  /** It is the call for which this room is open: with it the room is over here. */
  readonly ownsRoom: ReadonlySignal<boolean>;
  /** Everybody else who has not left. */
  readonly legs: ReadonlySignal<readonly Leg[]>;
  /** Those who are rung now. */
  readonly rung: ReadonlySignal<readonly Leg[]>;
  /** By peer id, those in the room who have a leg. */
  readonly byPeer: ReadonlySignal<ReadonlyMap<string, Leg>>;
  /** When somebody answered; undefined: nobody yet. */
  readonly answeredAtMs: ReadonlySignal<number | undefined>;
  readonly held: ReadonlySignal<boolean>;
  readonly isBusy: ReadonlySignal<boolean>;
  /** Rings somebody into this room; answers whether it could. */
  add(typed: string): Promise<boolean>;
  setHeld(held: boolean): Promise<void>;
  setLegHeld(leg: Leg, held: boolean): Promise<void>;
  /** Blind, to what is typed, or to the call that this client has besides. */
  transfer(to: string | Call): Promise<boolean>;
  endLeg(leg: Leg): Promise<void>;
  sendDigits(digits: string, legId?: string): Promise<void>;
  close(): void;
}

interface CallLineOptions {
  readonly calls: Calls;
  readonly room: Room;
  readonly notices: Notices;
}

export function createCallLine({ calls, room, notices }: CallLineOptions): CallLine {
  // A call of the SDK stays the same object: a number stands for “read it again”.
  const version = signal(0);
  const isBusy = signal(false);
  const ended = new Set<string>();

  const find = (): Call | undefined => [...calls.current.values()].find((call) => call.room === room);
  const changed = (): void => {
    version.value += 1;
  };

  /** Whoever did not come is told once. */
  const tellEnded = (call: Call): void => {
    for (const leg of call.otherLegs) {
      if (leg.state !== 'ended' || ended.has(leg.legId)) continue;
      ended.add(leg.legId);
      if (leg.endReason !== 'transferred') notices.show(`${endOfSomebody(leg.endReason, toShown(leg))}.`);
    }
  };

  const unsubscribes: Unsubscribe[] = [
    calls.on('changed', (call) => {
      if (call.room === room) tellEnded(call);
      changed();
    }),
    calls.on('ended', changed),
  ];

  const attempt = async (action: () => Promise<unknown>): Promise<boolean> => {
    isBusy.value = true;
    try {
      await action();
      return true;
    } catch (error) {
      notices.show(explainBriefly(error), 'problem');
      return false;
    } finally {
      isBusy.value = false;
      changed();
    }
  };

  const withTarget = (typed: string, act: (target: NonNullable<ReturnType<typeof toTarget>>) => Promise<unknown>) => {
    const target = toTarget(typed);
    if (target !== undefined) return attempt(() => act(target));
    notices.show('Nobody can be called by that. Try a number, a name or an address.', 'problem');
    return Promise.resolve(false);
  };

  const call = computed(() => {
    version.value;
    return find();
  });
  const legs = computed<readonly Leg[]>(() => {
    version.value;
    const all = call.value?.otherLegs ?? [];
    return all.filter(({ state }) => state !== 'ended').map((leg) => ({ ...leg, shown: toShown(leg) }));
  });

  return {
    call,
    legs,
    isBusy,
    ownsRoom: computed(() => call.value !== undefined && room.name === `call-${call.value.callId}`),
    rung: computed(() => legs.value.filter(({ state, peerId }) => state !== 'accepted' && peerId === '')),
    byPeer: computed(() => new Map(legs.value.map((leg) => [leg.peerId, leg]))),
    answeredAtMs: computed(() => {
      version.value;
      return call.value?.info.answeredAtMs;
    }),
    held: computed(() => {
      version.value;
      return call.value?.held ?? false;
    }),
    add: (typed) =>
      withTarget(typed, async (to) => {
        const running = find();
        await (running ? running.add(to) : calls.start({ to, room: room.name }));
      }),
    setHeld: async (held) => {
      await attempt(async () => await (held ? find()?.hold() : find()?.resume()));
    },
    setLegHeld: async ({ legId }, held) => {
      await attempt(async () => await (held ? find()?.hold(legId) : find()?.resume(legId)));
    },
    transfer: (to) =>
      typeof to === 'string'
        ? withTarget(to, async (target) => await find()?.transfer(target))
        : attempt(async () => await find()?.transfer(to)),
    endLeg: async ({ legId }) => {
      await attempt(async () => await find()?.endLeg(legId));
    },
    sendDigits: async (digits, legId) => {
      await attempt(async () => await find()?.sendDigits(digits, legId === undefined ? {} : { legId }));
    },
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };
}

export function toShown({ name, number, identity }: Pick<CallLeg, 'name' | 'number' | 'identity'>): string {
  return name || number || identity;
}
