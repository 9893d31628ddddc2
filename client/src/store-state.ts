import type { ServerStore } from './api.ts';

/** Whether the server can keep what is sent, as it said last. Without a connection nothing is known, and nothing changes. */
export class StoreState {
  readonly #onChanged: (state: ServerStore) => void;
  #state: ServerStore = 'up';

  constructor(onChanged: (state: ServerStore) => void) {
    this.#onChanged = onChanged;
  }

  get state(): ServerStore {
    return this.#state;
  }

  is(state: ServerStore): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#onChanged(state);
  }
}
