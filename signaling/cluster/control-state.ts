// What is decided for a room on all nodes, and what follows from a change: no more than 64 KB of it is kept.

import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../core/errors.ts';
import type { Control, OwnerLock, SetLock, SetRecording } from '../../proto/gen/node-types.ts';

/** `term`: of the owner that decided it. `number`: of its decisions. */
export interface ControlState extends Pick<Control, 'term' | 'number' | 'recorder' | 'recording'> {
  /** Who was locked longest ago comes first. */
  readonly locks: readonly OwnerLock[];
}

export const nothingDecided: ControlState = { term: 0, number: 0, locks: [], recorder: '' };

/** With room for the rest; beyond it whoever was locked longest ago is free again. */
const maxLocksBytes = 56 * 1024;

export function withLock(state: ControlState, { owner, lock, locked }: SetLock): ControlState {
  const known = state.locks.find((one) => one.owner === owner)?.locks ?? [];
  const others = state.locks.filter((one) => one.owner !== owner);
  const locks = locked ? [...new Set([...known, lock])] : known.filter((one) => one !== lock);
  return { ...state, locks: bounded(locks.length === 0 ? others : [...others, { owner, locks }]) };
}

/** @throws {AppError} RECORDING_RUNS */
export function withRecording(
  state: ControlState,
  { recorder, recording, over }: SetRecording,
  isThere: (life: string) => boolean,
): ControlState {
  const { recorder: before, recording: running, ...rest } = state;
  // Its next one may have begun while it was brought to its end.
  const isThis = before === recorder && recording?.recordingId === running?.recordingId;
  if (over) return isThis ? { ...rest, recorder: '', ...(recording && { recording }) } : state;
  // Told again by the one that records: with another life, perhaps.
  const isSame = recording !== undefined && recording.recordingId === running?.recordingId;
  if (before !== '' && before !== recorder && !isSame && isThere(before))
    throw new AppError('RECORDING_RUNS', { recordingId: running?.recordingId ?? '' });
  return { ...rest, recorder, ...(recording && { recording }) };
}

export const writeControl = (state: ControlState): string => JSON.stringify(state);

/** Undefined: nothing was decided, or by a node that writes it otherwise. */
export function readControl(text: string): ControlState | undefined {
  if (text === '') return undefined;
  try {
    const { term, number, locks, recorder, recording } = JSON.parse(text) as Partial<ControlState>;
    if (!Number.isInteger(term) || !Number.isInteger(number) || !Array.isArray(locks)) return undefined;
    return { term: term ?? 0, number: number ?? 0, locks, recorder: recorder ?? '', ...(recording && { recording }) };
  } catch {
    return undefined;
  }
}

export const isSameRecording = (one: ControlState, other: ControlState): boolean =>
  one.recorder === other.recorder && isDeepStrictEqual(one.recording, other.recording);

function bounded(locks: readonly OwnerLock[]): readonly OwnerLock[] {
  let bytes = 0;
  const first = locks.findLastIndex((one) => {
    bytes += Buffer.byteLength(JSON.stringify(one)) + 1;
    return bytes > maxLocksBytes;
  });
  return locks.slice(first + 1);
}
