// When two peers who are alone send to each other, and when through the server. A pure state machine: what happens is told
// with its time, and what peers are told follows from the state.

import type { MediaMode } from '../../proto/gen/types.ts';

/** The ids of two peers; the first one makes the offer. */
export type DirectPair = readonly [string, string];

/** Whether the room is one of two who may send to each other, as it is now; otherwise why not. */
export type DirectFacts = { readonly pair: DirectPair } | { readonly pair?: undefined; readonly reason: NotDirect };
export type NotDirect = Extract<MediaMode['reason'], '' | 'joined' | 'left' | 'recording' | 'policy' | 'e2ee'>;

/** In milliseconds. */
export interface DirectTimes {
  /** A room that has just become one of two may be another one in a moment. */
  readonly settleMs: number;
  /** For both to say that packets can flow. */
  readonly tryMs: number;
  /** For both to say that they receive everything through the server again. */
  readonly liftMs: number;
  /** After which the same two are not tried again: where there is no way now, there is hardly one in a minute. */
  readonly restAfterFailedMs: number;
  readonly restAfterBadMs: number;
}

export const directTimes: DirectTimes = {
  settleMs: 1_000,
  tryMs: 10_000,
  liftMs: 3_000,
  restAfterFailedMs: 600_000,
  restAfterBadMs: 120_000,
};

/** A way that these two had, or did not find, is not tried before then. */
interface Rest {
  readonly pair: DirectPair;
  readonly untilMs: number;
}

interface Common {
  readonly generation: number;
  readonly reason: MediaMode['reason'];
  readonly rest?: Rest | undefined;
}

export type DirectState = Common &
  (
    | { readonly phase: 'sfu' }
    | { readonly phase: 'settling'; readonly pair: DirectPair; readonly dueMs: number }
    | {
        readonly phase: 'trying';
        readonly pair: DirectPair;
        readonly dueMs: number;
        readonly connected: readonly string[];
      }
    | { readonly phase: 'direct'; readonly pair: DirectPair }
    | {
        /** Told to send through the server again; what is direct is there until that arrives. */
        readonly phase: 'lifting';
        readonly pair: DirectPair;
        readonly dueMs: number;
        readonly lifted: readonly string[];
        readonly facts: DirectFacts;
      }
  );

export type DirectOutcome = 'connected' | 'failed' | 'bad' | 'lifted';

export type DirectEvent = { readonly nowMs: number } & (
  | { readonly type: 'changed'; readonly facts: DirectFacts }
  | {
      readonly type: 'reported';
      readonly peerId: string;
      readonly generation: number;
      readonly outcome: DirectOutcome;
    }
  | { readonly type: 'timeUp' }
);

export const firstDirectState: DirectState = { phase: 'sfu', generation: 0, reason: '' };

/** The same object when nothing changed. */
export function nextDirect(state: DirectState, event: DirectEvent, times: DirectTimes = directTimes): DirectState {
  switch (event.type) {
    case 'changed':
      return changed(state, event.facts, event.nowMs, times);
    case 'reported':
      return reported(state, event, times);
    case 'timeUp':
      return timeUp(state, event.nowMs, times);
  }
}

/** As the peer is told of it. */
export function modeOf(state: DirectState, peerId: string): MediaMode {
  const { phase, generation, reason } = state;
  const isIn = (phase === 'trying' || phase === 'direct') && state.pair.includes(peerId);
  if (!isIn) return { mode: 'sfu', generation, peerId: '', initiator: false, reason };
  const [first, second] = state.pair;
  const initiator = peerId === first;
  return { mode: phase, generation, peerId: initiator ? second : first, initiator, reason: 'start' };
}

function changed(state: DirectState, facts: DirectFacts, nowMs: number, times: DirectTimes): DirectState {
  switch (state.phase) {
    case 'sfu':
      return facts.pair ? settle(state, facts.pair, nowMs, times) : state;
    case 'settling':
      return isSamePair(facts.pair, state.pair) ? state : settleOrStay(state, facts, nowMs, times);
    case 'trying':
      if (isSamePair(facts.pair, state.pair)) return state;
      // Nothing was sent directly but tries.
      return settleOrStay(back(state, facts), facts, nowMs, times);
    case 'direct':
      if (isSamePair(facts.pair, state.pair)) return state;
      return facts.pair || facts.reason === 'left'
        ? settleOrStay(back(state, facts), facts, nowMs, times)
        : lift(state, facts, facts.reason, nowMs, times);
    case 'lifting':
      if (!facts.pair && facts.reason === 'left') return settleOrStay(state, facts, nowMs, times);
      return { ...state, facts };
  }
}

function reported(
  state: DirectState,
  { peerId, generation, outcome, nowMs }: Extract<DirectEvent, { type: 'reported' }>,
  times: DirectTimes,
): DirectState {
  if (generation !== state.generation || !('pair' in state) || !state.pair.includes(peerId)) return state;
  const { pair } = state;
  switch (state.phase) {
    case 'trying': {
      if (outcome === 'failed' || outcome === 'bad') return fail(state, nowMs, times);
      if (outcome !== 'connected' || state.connected.includes(peerId)) return state;
      const connected = [...state.connected, peerId];
      return connected.length < pair.length
        ? { ...state, connected }
        : { phase: 'direct', generation, reason: 'start', rest: state.rest, pair };
    }
    case 'direct': {
      if (outcome !== 'failed' && outcome !== 'bad') return state;
      const restMs = outcome === 'failed' ? times.restAfterFailedMs : times.restAfterBadMs;
      const rested = { ...state, rest: { pair, untilMs: nowMs + restMs } };
      return lift(rested, { pair }, outcome, nowMs, times);
    }
    case 'lifting': {
      if (outcome !== 'lifted' || state.lifted.includes(peerId)) return state;
      const lifted = [...state.lifted, peerId];
      if (lifted.length < pair.length) return { ...state, lifted };
      return settleOrStay(state, state.facts, nowMs, times);
    }
    default:
      return state;
  }
}

function timeUp(state: DirectState, nowMs: number, times: DirectTimes): DirectState {
  if (!('dueMs' in state) || nowMs < state.dueMs) return state;
  switch (state.phase) {
    case 'settling': {
      const { pair, rest, generation } = state;
      const dueMs = nowMs + times.tryMs;
      return { phase: 'trying', generation: generation + 1, reason: 'start', rest, pair, dueMs, connected: [] };
    }
    case 'trying':
      return fail(state, nowMs, times);
    case 'lifting':
      return settleOrStay(state, state.facts, nowMs, times);
  }
}

function fail(state: DirectState & { phase: 'trying' }, nowMs: number, times: DirectTimes): DirectState {
  const { pair, generation } = state;
  const rest = { pair, untilMs: nowMs + times.restAfterFailedMs };
  return settle({ generation: generation + 1, reason: 'failed', rest }, pair, nowMs, times);
}

function lift(
  { generation, rest, pair }: DirectState & { phase: 'direct' },
  facts: DirectFacts,
  reason: MediaMode['reason'],
  nowMs: number,
  times: DirectTimes,
): DirectState {
  const dueMs = nowMs + times.liftMs;
  return { phase: 'lifting', generation: generation + 1, reason, rest, pair, dueMs, lifted: [], facts };
}

/** Somebody else is there in place of one of the two, or nobody. */
function back({ generation, rest }: Common, facts: DirectFacts): Common {
  return { generation: generation + 1, reason: facts.pair ? 'left' : facts.reason, rest };
}

function settleOrStay(state: Common, facts: DirectFacts, nowMs: number, times: DirectTimes): DirectState {
  if (facts.pair) return settle(state, facts.pair, nowMs, times);
  const { generation, reason, rest } = state;
  return { phase: 'sfu', generation, reason, rest };
}

function settle(state: Common, pair: DirectPair, nowMs: number, times: DirectTimes): DirectState {
  const { generation, reason, rest } = state;
  const restedMs = rest && isSamePair(rest.pair, pair) ? rest.untilMs : 0;
  return { phase: 'settling', generation, reason, rest, pair, dueMs: Math.max(nowMs + times.settleMs, restedMs) };
}

function isSamePair(one: DirectPair | undefined, other: DirectPair): boolean {
  return one !== undefined && one[0] === other[0] && one[1] === other[1];
}
