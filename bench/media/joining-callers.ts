// The callers of bench/joins.ts, in a process of their own. Rooms are always full: a speaker who was there before, and
// listeners of whom the one who has been there longest leaves when another joins.

import { setTimeout as sleep } from 'node:timers/promises';
import { answerCalls } from '../support/child-calls.ts';
import { type JoinTimes, joinAsListener, joinAsSpeaker, type Member } from './joiner.ts';

export type JoiningCallers = typeof calls;

interface Place {
  readonly room: string;
  readonly listeners: Member[];
}

let wsUrl = '';
const speakers: Member[] = [];
const places: Place[] = [];
let listenersPerRoom = 0;
let joined = 0;
let nextSsrc = 1_000_000;

const calls = {
  /** Opens the rooms, each with its speaker. */
  async open(options: { wsUrl: string; rooms: number; listenersPerRoom: number; tokens: readonly string[] }) {
    ({ wsUrl, listenersPerRoom } = options);
    for (const [at, token] of options.tokens.entries()) {
      const room = `room-${at}`;
      speakers.push(await joinAsSpeaker({ wsUrl, room, token, ssrc: nextSsrc++ }));
      places.push({ room, listeners: [] });
    }
  },

  /** One join after the other is due at a fixed time, whether those before are done or not. */
  async joinAtRate({ tokens, perSecond }: { tokens: readonly string[]; perSecond: number }): Promise<JoinTimes[]> {
    const startedMs = performance.now();
    const joins = tokens.map(async (token, at) => {
      const dueMs = startedMs + (at * 1000) / perSecond;
      await sleep(Math.max(0, dueMs - performance.now()));
      return join(token, dueMs);
    });
    return Promise.all(joins);
  },

  /** So many at once, each followed by the next as soon as it is done. */
  async joinAtOnce({ tokens, atOnce }: { tokens: readonly string[]; atOnce: number }): Promise<number> {
    const queue = [...tokens];
    const startedMs = performance.now();
    const lane = async () => {
      for (let token = queue.pop(); token !== undefined; token = queue.pop()) await join(token, performance.now());
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    return (1000 * tokens.length) / (performance.now() - startedMs);
  },

  /** How many have joined, for whoever watches. */
  progress: () => joined,

  async close() {
    await Promise.allSettled(
      [...speakers, ...places.flatMap(({ listeners }) => listeners)].map((peer) => peer.leave()),
    );
  },
};

async function join(token: string, dueMs: number): Promise<JoinTimes> {
  const place = places[joined++ % places.length];
  if (place === undefined) throw new Error('No room is open.');
  const leaving = place.listeners.length >= listenersPerRoom ? place.listeners.shift() : undefined;
  const [{ member, times }] = await Promise.all([
    joinAsListener({ wsUrl, room: place.room, token, ssrc: nextSsrc++ }, dueMs),
    leaving?.leave(),
  ]);
  place.listeners.push(member);
  return times;
}

answerCalls(calls, calls.close);
