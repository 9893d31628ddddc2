// What rings here and whom one called: the calls of whoever is signed in, whichever room the page shows.

import type { Call, CallSummary, Client, Room, Unsubscribe } from '@parley/client';
import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { explainBriefly } from '../errors/explain-error.ts';
import type { Connection } from '../state/connection.ts';
import type { Notices } from '../state/notices.ts';
import { toShown } from './call-line.ts';
import { endOfSomebody } from './end-words.ts';
import { toTarget } from './to-target.ts';

export interface Phone {
  readonly identity: string;
  readonly ownName: string;
  readonly connection: Connection;
  /** Those that ring here, the first to come first. */
  readonly incoming: ReadonlySignal<readonly Call[]>;
  /** One that goes on elsewhere, or did before this page was loaded anew. */
  readonly found: ReadonlySignal<Call | undefined>;
  /** Somebody is being called, and its room is not there yet. */
  readonly isDialling: ReadonlySignal<boolean>;
  readonly text: Signal<string>;
  /** Undefined: not asked for yet. */
  readonly log: ReadonlySignal<readonly CallSummary[] | undefined>;
  readonly hasMore: ReadonlySignal<boolean>;
  /** Answers whether somebody is rung. */
  dial(typed: string): Promise<boolean>;
  accept(call: Call): Promise<void>;
  decline(call: Call, options?: { busy: boolean }): Promise<void>;
  forgetFound(): void;
  refreshLog(): Promise<void>;
  loadMore(): Promise<void>;
  close(): void;
}

interface PhoneOptions {
  readonly client: Client;
  readonly ownName: string;
  readonly connection: Connection;
  readonly notices: Notices;
  /** Whom a link is to call; empty: nobody. */
  readonly callee: string;
  /** Its room was joined: the page shows it. */
  onEntered(room: Room, call: Call): void;
}

const loggedAtMost = 500;

export function createPhone({ client, ownName, connection, notices, callee, onEntered }: PhoneOptions): Phone {
  const { calls } = client;
  const incoming = signal<readonly Call[]>([]);
  const found = signal<Call | undefined>(undefined);
  const isDialling = signal(false);
  const log = signal<readonly CallSummary[] | undefined>(undefined);
  const hasMore = signal(false);
  let nextPageToken = '';

  const forget = (call: Call): void => {
    incoming.value = incoming.peek().filter((one) => one !== call);
    if (found.peek() === call) found.value = undefined;
  };

  /** Now, and whenever somebody hands this side on to another room. */
  const entered = (room: Room, call: Call): void => {
    onEntered(room, call);
    call.on('entered', (next) => onEntered(next, call));
  };

  const attempt = async (action: () => Promise<unknown>): Promise<boolean> => {
    try {
      await action();
      return true;
    } catch (error) {
      notices.show(explainBriefly(error), 'problem');
      return false;
    }
  };

  const refreshLog = async (): Promise<void> => {
    try {
      const page = await calls.list();
      log.value = page.calls;
      nextPageToken = page.nextPageToken;
      hasMore.value = nextPageToken !== '';
    } catch {
      // A list that is a little old does no harm.
      log.value ??= [];
    }
  };

  const unsubscribes: Unsubscribe[] = [
    calls.on('incoming', (call) => {
      incoming.value = [...incoming.peek(), call];
    }),
    calls.on('found', (call) => {
      found.value = call;
    }),
    calls.on('ended', ({ call, reason }) => {
      const rang = incoming.peek().includes(call);
      forget(call);
      const [other] = call.otherLegs;
      const name = other === undefined ? 'The other side' : toShown(other);
      if (rang && reason === 'answered-elsewhere') notices.show(`You answered ${name} on another device.`);
      else if (rang && (reason === 'canceled' || reason === 'no-answer')) notices.show(`You missed a call of ${name}.`);
      else if (!rang) tellEnd(call, reason, notices);
      void refreshLog();
    }),
  ];

  return {
    identity: client.identity ?? '',
    ownName,
    connection,
    incoming,
    found,
    isDialling,
    text: signal(callee),
    log,
    hasMore,
    refreshLog,
    async dial(typed) {
      const to = toTarget(typed);
      if (to === undefined) {
        notices.show('Nobody can be called by that. Try a number, a name or an address.', 'problem');
        return false;
      }
      isDialling.value = true;
      const could = await attempt(async () => {
        const call = await calls.start({ to });
        if (call.room) entered(call.room, call);
      });
      isDialling.value = false;
      return could;
    },
    accept: async (call) => {
      await attempt(async () => {
        const room = await call.accept();
        forget(call);
        entered(room, call);
      });
    },
    decline: async (call, { busy } = { busy: false }) => {
      forget(call);
      await attempt(() => call.decline({ busy }));
    },
    forgetFound() {
      found.value = undefined;
    },
    async loadMore() {
      await attempt(async () => {
        const page = await calls.list({ pageToken: nextPageToken });
        log.value = [...(log.peek() ?? []), ...page.calls].slice(0, loggedAtMost);
        nextPageToken = page.nextPageToken;
        hasMore.value = nextPageToken !== '' && log.value.length < loggedAtMost;
      });
    },
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };
}

/** Of a call that one was in, or made. */
function tellEnd(call: Call, reason: string, notices: Notices): void {
  if (call.direction === 'incoming' && call.ownLeg?.answeredAtMs === undefined) return;
  const [other] = call.otherLegs;
  const name = other === undefined ? 'The other side' : toShown(other);
  if (call.otherLegs.length === 1 && other?.state === 'ended' && other.endReason !== '') {
    notices.show(`${endOfSomebody(other.endReason, name)}.`);
  } else if (reason === 'removed') notices.show('You were removed from the call.');
  else if (reason === 'lost' || reason === 'node-lost') notices.show('The call was lost with the connection.');
  else if (reason === 'transferred') notices.show('The call was handed on.');
}
