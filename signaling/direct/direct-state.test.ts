import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DirectEvent,
  type DirectFacts,
  type DirectState,
  firstDirectState,
  modeOf,
  nextDirect,
  directTimes as times,
} from './direct-state.ts';

const pair = ['ada', 'bob'] as const;
const alone: DirectFacts = { pair };

type Step = DirectEvent extends infer Event ? (Event extends unknown ? Omit<Event, 'nowMs'> : never) : never;

const changed = (facts: DirectFacts): Step => ({ type: 'changed', facts });
const says = (peerId: string, generation: number, outcome: 'connected' | 'failed' | 'bad' | 'lifted'): Step => ({
  type: 'reported',
  peerId,
  generation,
  outcome,
});
const timeUp: Step = { type: 'timeUp' };

/** Each step at its time; a wait before a step is a number. */
function run(...steps: readonly (Step | number)[]): DirectState {
  let nowMs = 0;
  let state = firstDirectState;
  for (const step of steps) {
    if (typeof step === 'number') nowMs += step;
    else state = nextDirect(state, { ...step, nowMs } as DirectEvent);
  }
  return state;
}

const tried = [changed(alone), times.settleMs, timeUp];
const direct = [...tried, says('ada', 1, 'connected'), says('bob', 1, 'connected')];

describe('two who are alone', () => {
  test('are tried after a moment, and send to each other when both say that they can', () => {
    expect(run(...tried).phase).toBe('trying');
    expect(run(...tried, says('ada', 1, 'connected'), says('ada', 1, 'connected')).phase).toBe('trying');
    const state = run(...direct);
    expect(modeOf(state, 'ada')).toEqual({
      mode: 'direct',
      generation: 1,
      peerId: 'bob',
      initiator: true,
      reason: 'start',
    });
    expect(modeOf(state, 'bob')).toMatchObject({ peerId: 'ada', initiator: false });
    expect(modeOf(state, 'cleo')).toMatchObject({ mode: 'sfu', peerId: '' });
  });

  test('stay at the server when there is no way, and are not tried again for ten minutes', () => {
    for (const end of [[says('bob', 1, 'failed')], [times.tryMs, timeUp]]) {
      const failed = run(...tried, ...end);
      expect(modeOf(failed, 'ada')).toMatchObject({ mode: 'sfu', generation: 2, reason: 'failed' });
      // Leaving and coming back as the same peers does not shorten it.
      const again = [changed({ reason: 'recording' }), changed(alone), times.settleMs, timeUp];
      expect(run(...tried, ...end, ...again).phase).toBe('settling');
      expect(run(...tried, ...end, times.restAfterFailedMs, timeUp).phase).toBe('trying');
    }
  });

  test('are lifted when the way is bad, and tried again later', () => {
    const lifting = [...direct, says('ada', 1, 'bad')];
    expect(modeOf(run(...lifting), 'bob')).toMatchObject({ mode: 'sfu', generation: 2, reason: 'bad' });
    const lifted = [...lifting, says('ada', 2, 'lifted'), says('bob', 2, 'lifted')];
    expect(run(...lifted).phase).toBe('settling');
    expect(run(...lifted, times.restAfterBadMs - 1, timeUp).phase).toBe('settling');
    expect(run(...lifted, times.restAfterBadMs, timeUp).phase).toBe('trying');
  });

  test.each(['joined', 'recording', 'policy'] as const)('are lifted for %s, with a time for it', (reason) => {
    const lifting = [...direct, changed({ reason })];
    expect(run(...lifting)).toMatchObject({ phase: 'lifting', generation: 2, reason });
    expect(run(...lifting, says('ada', 2, 'lifted'), says('ada', 2, 'lifted')).phase).toBe('lifting');
    expect(run(...lifting, says('ada', 2, 'lifted'), says('bob', 2, 'lifted')).phase).toBe('sfu');
    expect(run(...lifting, times.liftMs, timeUp).phase).toBe('sfu');
  });

  test('are nobody to wait for when one has left', () => {
    expect(run(...direct, changed({ reason: 'left' }))).toMatchObject({ phase: 'sfu', generation: 2 });
    const lifting = [...direct, changed({ reason: 'joined' })];
    expect(run(...lifting, changed({ reason: 'left' })).phase).toBe('sfu');
  });

  test('are another two when one leaves as another one comes', () => {
    const others: DirectFacts = { pair: ['ada', 'cleo'] };
    expect(run(...direct, changed(others))).toMatchObject({ phase: 'settling', generation: 2 });
    expect(run(...direct, changed(others), times.settleMs, timeUp)).toMatchObject({ phase: 'trying', generation: 3 });
  });

  test('are not moved by what belongs to an older generation, or to somebody else', () => {
    const trying = run(...tried);
    for (const report of [says('ada', 0, 'failed'), says('cleo', 1, 'failed'), says('ada', 2, 'connected')]) {
      expect(nextDirect(trying, { ...report, nowMs: 5_000 } as DirectEvent)).toBe(trying);
    }
  });
});

describe('whatever happens', () => {
  const peers = fc.constantFrom('ada', 'bob', 'cleo');
  const facts = fc.oneof(
    fc.constantFrom<DirectFacts>({ pair: ['ada', 'bob'] }, { pair: ['ada', 'cleo'] }),
    fc.constantFrom('', 'left', 'joined', 'recording', 'policy').map((reason) => ({ reason }) as DirectFacts),
  );
  const outcome = fc.constantFrom('connected', 'failed', 'bad', 'lifted');
  const step = fc.oneof(
    facts.map((value) => ({ type: 'changed', facts: value })),
    fc.constant(timeUp),
    // Mostly of the present generation, or nothing would ever come to anything.
    fc.record({
      type: fc.constant('reported'),
      peerId: peers,
      generationsAgo: fc.constantFrom(0, 0, 0, 1, -1),
      outcome,
    }),
  );
  const steps = fc.array(fc.tuple(step, fc.constantFrom(0, 500, 1_000, 10_000, 600_000)), { maxLength: 60 });

  /** All states on the way. */
  function follow(walk: readonly (readonly [object, number])[]): DirectState[] {
    let nowMs = 0;
    let state = firstDirectState;
    return walk.map(([given, waitMs]) => {
      nowMs += waitMs;
      const { generationsAgo = 0, ...event } = given as { generationsAgo?: number };
      const generation = state.generation - generationsAgo;
      state = nextDirect(state, { ...event, generation, nowMs } as unknown as DirectEvent);
      return state;
    });
  }

  test('generations only grow, and never stand still when the way changes', () => {
    fc.assert(
      fc.property(steps, (walk) => {
        let before = firstDirectState;
        for (const state of follow(walk)) {
          expect(state.generation).toBeGreaterThanOrEqual(before.generation);
          const was = modeOf(before, 'ada').mode;
          const is = modeOf(state, 'ada').mode;
          if (was !== is && !(was === 'trying' && is === 'direct')) {
            expect(state.generation).toBeGreaterThan(before.generation);
          }
          before = state;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('a third one, a recording, a mute: everybody is told to send through the server in the same moment', () => {
    const reasons = fc.constantFrom('joined', 'recording', 'policy', 'left');
    fc.assert(
      fc.property(steps, reasons, (walk, reason) => {
        const state = follow([...walk, [changed({ reason }), 0]]).at(-1) ?? firstDirectState;
        for (const peerId of ['ada', 'bob', 'cleo']) expect(modeOf(state, peerId).mode).toBe('sfu');
      }),
      { numRuns: 2_000 },
    );
  });

  test('while the room is not one of two, nothing but that it is again leads away from the server', () => {
    const noFacts = step.filter(({ type }) => type !== 'changed');
    const later = fc.array(fc.tuple(noFacts, fc.constantFrom(0, 1_000, 600_000)), { maxLength: 20 });
    fc.assert(
      fc.property(steps, later, (walk, rest) => {
        const third: readonly [object, number] = [changed({ reason: 'joined' }), 0];
        for (const state of follow([...walk, third, ...rest]).slice(walk.length)) {
          expect(['sfu', 'lifting']).toContain(state.phase);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('every phase that waits ends when its time is over', () => {
    fc.assert(
      fc.property(steps, (walk) => {
        for (const state of follow(walk)) {
          if (!('dueMs' in state)) continue;
          expect(nextDirect(state, { type: 'timeUp', nowMs: state.dueMs - 1 })).toBe(state);
          expect(nextDirect(state, { type: 'timeUp', nowMs: state.dueMs }).phase).not.toBe(state.phase);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
