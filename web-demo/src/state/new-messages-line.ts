// Where the line above what is new stands in a conversation, and loading what stands around it.

import type { RoomChat } from '@parley/client';
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import { lineAfterOf } from '../chat/unread-line.ts';
import { explainBriefly } from '../errors/explain-error.ts';
import type { Notices } from './notices.ts';

export interface NewMessagesLine {
  /** The record that it stands behind; undefined: there is no line. */
  readonly after: ReadonlySignal<number | undefined>;
  /** What stands around it is loaded, or will not be: it may be drawn. */
  readonly ready: ReadonlySignal<boolean>;
  /** The reader comes: it is placed anew, and what stands around it is loaded. */
  begin(): void;
  /** While nobody looks, it goes above the first message that comes. */
  hold(): void;
  remove(): void;
}

interface NewMessagesLineOptions {
  readonly chat: RoomChat;
  readonly ownIdentity: string;
  /** Asks again whenever the chat has changed. */
  readonly read: <T>(ask: () => T) => ReadonlySignal<T>;
  readonly notices: Notices;
}

const pageRecords = 200;
/** As many as the server counts unread; who missed more begins at the newest. */
const pagesAtMost = 5;

export function createNewMessagesLine({ chat, ownIdentity, read, notices }: NewMessagesLineOptions): NewMessagesLine {
  const after = signal<number | undefined>(undefined);
  const givenUp = signal(false);
  const arrivedSeq = chat.head.seq;

  const ready = read(() => {
    const seq = after.value;
    if (seq === undefined || givenUp.value || !chat.hasOlder) return true;
    const first = chat.records[0];
    return first !== undefined && first.seq <= seq;
  });
  const place = (): void => {
    after.value = lineAfterOf({ unread: chat.unread, arrivedSeq, records: chat.records, ownIdentity });
  };
  const load = async (): Promise<void> => {
    givenUp.value = false;
    try {
      for (let page = 0; page < pagesAtMost && !ready.peek(); page += 1) {
        if ((await chat.loadOlder(pageRecords)) === 0) break;
      }
    } catch (error) {
      notices.show(explainBriefly(error), 'problem');
    } finally {
      if (!ready.peek()) {
        batch(() => {
          after.value = undefined;
          givenUp.value = true;
        });
      }
    }
  };

  return {
    after,
    ready,
    begin() {
      place();
      void load();
    },
    hold() {
      if (after.peek() === undefined && !givenUp.peek()) place();
    },
    remove() {
      after.value = undefined;
    },
  };
}
