// What the two of a direct call tell each other, each time as a whole: what is told last is what holds.

import type { TrackSource } from '../../api.ts';

export const directSources: readonly TrackSource[] = ['microphone', 'camera', 'screen', 'screen-audio'];

export interface ToldState {
  /** The producers that are sent here now, by source; the same as the server knows. */
  readonly sends: Readonly<Partial<Record<TrackSource, string>>>;
  /** The other one's producers that are to be sent here. */
  readonly wants: readonly string[];
  /** Those of them that are heard and shown from here: the server need not have them. */
  readonly has: readonly string[];
  /** It goes back to the server. */
  readonly lifting: boolean;
}

export const nothingTold: ToldState = { sends: {}, wants: [], has: [], lifting: false };

/** A few producers with ids of 36 characters. */
const maxLength = 8_192;
const maxIds = 16;

export function writeTold(state: ToldState): string {
  return JSON.stringify(state);
}

/** Undefined: it is none. The other client may be anything. */
export function readTold(text: unknown): ToldState | undefined {
  if (typeof text !== 'string' || text.length > maxLength) return undefined;
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(given) || !isRecord(given['sends'])) return undefined;
  const { wants, has, lifting } = given;
  const sent = given['sends'];
  if (!isIds(wants) || !isIds(has) || typeof lifting !== 'boolean') return undefined;
  const sends: Partial<Record<TrackSource, string>> = {};
  for (const source of directSources) {
    const producerId = sent[source];
    if (isId(producerId)) sends[source] = producerId;
    else if (producerId !== undefined) return undefined;
  }
  return { sends, wants, has, lifting };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIds(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= maxIds && value.every(isId);
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 64;
}
