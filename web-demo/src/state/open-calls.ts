// The calls that are open at once: one is shown and heard, the others wait.

import { type ReadonlySignal, signal } from '@preact/signals';
import type { Call } from './call.ts';

export interface OpenCalls {
  readonly all: ReadonlySignal<readonly Call[]>;
  readonly shown: ReadonlySignal<Call | undefined>;
  /** Shows it; the one before waits. */
  show(call: Call): void;
  /** Ends what the page has of it, and shows the one that has waited last. Answers whether it was open. */
  close(call: Call): boolean;
  closeAll(): void;
}

export function createOpenCalls(onShown: (call: Call) => void): OpenCalls {
  const all = signal<readonly Call[]>([]);
  const shown = signal<Call | undefined>(undefined);

  const reveal = (call: Call, { waited }: { waited: boolean }): void => {
    shown.value = call;
    if (waited) void call.resume();
    onShown(call);
  };

  return {
    all,
    shown,
    show(call) {
      const before = shown.peek();
      if (before === call) return;
      void before?.suspend();
      const waited = all.peek().includes(call);
      // The one that was shown last stands last.
      all.value = [...all.peek().filter((one) => one !== call), call];
      reveal(call, { waited });
    },
    close(call) {
      if (!all.peek().includes(call)) return false;
      call.close();
      all.value = all.peek().filter((one) => one !== call);
      if (shown.peek() !== call) return true;
      shown.value = undefined;
      const next = all.peek().at(-1);
      if (next !== undefined) reveal(next, { waited: true });
      return true;
    },
    closeAll() {
      for (const call of all.peek()) call.close();
      all.value = [];
      shown.value = undefined;
    },
  };
}
