// Short messages over the page that go away by themselves.

import { type ReadonlySignal, signal } from '@preact/signals';

export interface Notice {
  readonly id: number;
  readonly text: string;
  /** `problem` interrupts a screen reader, `info` waits until it is silent. */
  readonly tone: 'info' | 'problem';
}

export interface Notices {
  readonly list: ReadonlySignal<readonly Notice[]>;
  show(text: string, tone?: Notice['tone']): void;
  dismiss(id: number): void;
}

const shownAtMost = 3;
const infoMs = 5_000;
const problemMs = 10_000;

export function createNotices(): Notices {
  const list = signal<readonly Notice[]>([]);
  let lastId = 0;
  const dismiss = (id: number): void => {
    list.value = list.peek().filter((notice) => notice.id !== id);
  };
  return {
    list,
    dismiss,
    show(text, tone = 'info') {
      lastId += 1;
      const id = lastId;
      // The same sentence twice is one notice that stays longer; beyond the bound the oldest goes.
      const others = list.peek().filter((notice) => notice.text !== text);
      list.value = [...others, { id, text, tone }].slice(-shownAtMost);
      setTimeout(() => dismiss(id), tone === 'problem' ? problemMs : infoMs);
    },
  };
}
