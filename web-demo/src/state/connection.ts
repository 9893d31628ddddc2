// The state of the connection as a person is told it.

import type { Client, ConnectionState, ParleyError } from '@parley/client';
import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';

export interface Connection {
  readonly state: ReadonlySignal<ConnectionState>;
  readonly error: ReadonlySignal<ParleyError | undefined>;
  /** Counts down to the next try; undefined while none is waited for. */
  readonly secondsToRetry: ReadonlySignal<number | undefined>;
  /** For a few seconds after a lost connection came back. */
  readonly isBack: ReadonlySignal<boolean>;
  close(): void;
}

const backShownMs = 3_000;
const tickMs = 250;

export function watchConnection(client: Client): Connection {
  const state = signal<ConnectionState>(client.state);
  const error = signal<ParleyError | undefined>(undefined);
  const retryAtMs = signal<number | undefined>(undefined);
  const nowMs = signal(Date.now());
  const isBack = signal(false);
  let ticking: ReturnType<typeof setInterval> | undefined;
  let backTimer: ReturnType<typeof setTimeout> | undefined;

  const stopTicking = (): void => {
    clearInterval(ticking);
    ticking = undefined;
  };

  const unsubscribe = client.on('stateChanged', (event) => {
    const goesOn = state.peek() === 'reconnecting' && event.state === 'reconnecting';
    const cameBack = state.peek() === 'reconnecting' && event.state === 'connected';
    stopTicking();
    clearTimeout(backTimer);
    batch(() => {
      state.value = event.state;
      // The first failure says why; those of the tries after it only that the server is still away.
      error.value = goesOn ? (error.peek() ?? event.error) : event.error;
      nowMs.value = Date.now();
      retryAtMs.value = event.retryInMs === undefined ? undefined : Date.now() + event.retryInMs;
      isBack.value = cameBack;
    });
    if (event.retryInMs !== undefined) {
      ticking = setInterval(() => {
        nowMs.value = Date.now();
      }, tickMs);
    }
    if (cameBack) {
      backTimer = setTimeout(() => {
        isBack.value = false;
      }, backShownMs);
    }
  });

  return {
    state,
    error,
    isBack,
    secondsToRetry: computed(() => {
      const atMs = retryAtMs.value;
      return atMs === undefined ? undefined : Math.max(0, Math.ceil((atMs - nowMs.value) / 1_000));
    }),
    close() {
      unsubscribe();
      stopTicking();
      clearTimeout(backTimer);
    },
  };
}
