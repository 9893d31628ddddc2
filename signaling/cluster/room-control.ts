// What the owner of a room decides for all nodes: who is locked, and who records. It stands in Redis, under the owner's term,
// before anybody is told: whoever owns the room next goes on from it.

import type { Life, RoomPlace } from '../../cluster/directory.ts';
import { AppError } from '../../core/errors.ts';
import type { Control, OwnerLock, SetLock, SetRecording } from '../../proto/gen/node-types.ts';
import { toStoreProblem } from '../log/store-problem.ts';
import {
  type ControlState,
  nothingDecided,
  readControl,
  withLock,
  withRecording,
  writeControl,
} from './control-state.ts';

export type ControlChange = { readonly setLock: SetLock } | { readonly setRecording: SetRecording };

interface RoomControlParts {
  readonly room: string;
  readonly life: () => Life;
  /** A life that is in the room. */
  readonly isThere: (life: Life) => boolean;
  readonly place: () => RoomPlace | undefined;
  /** The place as it is now. */
  readonly lookAgain: () => Promise<RoomPlace | undefined>;
  readonly keep: (term: number, control: string) => Promise<'kept' | 'not-owner'>;
  readonly ask: (owner: Life, term: number, change: ControlChange) => Promise<void>;
  readonly publish: (control: Control) => void;
  readonly onChanged: (now: ControlState, before: ControlState) => void;
}

export class RoomControl {
  readonly #parts: RoomControlParts;
  #state: ControlState = nothingDecided;
  /** Of the last decision that was tried: one whose outcome is not known may stand. */
  #triedNumber = 0;
  readonly #listeners = new Set<(state: ControlState) => void>();
  /** Changes are carried out one after another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: RoomControlParts) {
    this.#parts = parts;
  }

  get state(): ControlState {
    return this.#state;
  }

  /** Told of each decision, until the answer is called. */
  onDecision(listener: (state: ControlState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get locks(): readonly OwnerLock[] {
    return this.#state.locks;
  }

  /**
   * Resolves when it holds on this node, and the others will be told.
   * @throws {AppError} by rejection: RECORDING_RUNS, NODE_UNREACHABLE, NOT_OWNER, STORE_UNAVAILABLE and its like.
   */
  async change(change: ControlChange): Promise<void> {
    try {
      await this.#attempt(change, this.#parts.place());
    } catch (error) {
      if (!(error instanceof AppError) || error.reason !== 'NOT_OWNER') throw error;
      // The owner is another one since, and this node has not heard of it.
      const place = await this.#parts.lookAgain().catch((thrown: unknown) => {
        throw toStoreProblem(thrown);
      });
      await this.#attempt(change, place);
    }
  }

  /** Of another node, to the owner. @throws what {@link change} throws. */
  carryOut(change: ControlChange): Promise<void> {
    const done = this.#last
      .catch(() => {})
      .then(() => this.#carryOut(change))
      .catch((thrown: unknown) => {
        throw toStoreProblem(thrown);
      });
    this.#last = done;
    return done;
  }

  /** What the owner tells; of what is older than what is known nothing is taken. */
  heard({ term, number, locks, recorder, recording }: Control): void {
    this.#take({ term, number, locks, recorder, recording });
  }

  /** As it stands in Redis. */
  read(place: RoomPlace): void {
    const state = readControl(place.control);
    if (state !== undefined) this.#take(state);
  }

  /** Some may have missed it. */
  tellAgain(): void {
    if (this.#isOwner && this.#state.number > 0) this.#publish();
  }

  /** What the nodes share was lost. @throws {StoreError} by rejection. */
  async keepAgain(): Promise<void> {
    const place = this.#parts.place();
    if (place && this.#isOwner && this.#state.number > 0) await this.#parts.keep(place.term, writeControl(this.#state));
  }

  /** Nobody records what that node did. @throws what {@link change} throws. */
  async died(life: Life): Promise<void> {
    if (!this.#isOwner || this.#state.recorder !== life) return;
    const { recording } = this.#state;
    const ended = recording && { ...recording, state: 'interrupted' as const };
    await this.carryOut({ setRecording: { recorder: life, over: true, ...(ended && { recording: ended }) } });
  }

  get #isOwner(): boolean {
    return this.#parts.place()?.owner === this.#parts.life();
  }

  async #attempt(change: ControlChange, place: RoomPlace | undefined): Promise<void> {
    if (place === undefined) throw new AppError('NOT_OWNER', { room: this.#parts.room });
    if (place.owner === this.#parts.life()) return this.carryOut(change);
    await this.#parts.ask(place.owner, place.term, change);
  }

  async #carryOut(change: ControlChange): Promise<void> {
    const { room, isThere, keep } = this.#parts;
    const place = this.#parts.place();
    if (place === undefined || !this.#isOwner) throw new AppError('NOT_OWNER', { room });
    const before = this.#state;
    const changed =
      'setLock' in change ? withLock(before, change.setLock) : withRecording(before, change.setRecording, isThere);
    this.#triedNumber = Math.max(before.number, this.#triedNumber) + 1;
    const state = { ...changed, term: place.term, number: this.#triedNumber };
    if ((await keep(place.term, writeControl(state))) === 'not-owner') throw new AppError('NOT_OWNER', { room });
    this.#take(state);
    this.#publish();
  }

  #publish(): void {
    const { locks, ...state } = this.#state;
    const control = { room: this.#parts.room, activeSpeakerPeerId: '', speakerPeerIds: [], ...state };
    this.#parts.publish({ ...control, locks: [...locks] });
  }

  #take(state: ControlState): void {
    const before = this.#state;
    if (state.term < before.term || (state.term === before.term && state.number <= before.number)) return;
    this.#state = state;
    this.#parts.onChanged(state, before);
    for (const listener of [...this.#listeners]) listener(state);
  }
}
