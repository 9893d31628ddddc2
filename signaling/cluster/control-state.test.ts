import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nothingDecided, readControl, withLock, withRecording, writeControl } from './control-state.ts';

const everybody = () => true;
const info = {
  recordingId: 'r1',
  room: 'standup',
  state: 'running',
  startedAtMs: 1,
  endedAtMs: 0,
  startedBy: 'ada',
  tracks: 1,
  bytes: 2,
  title: '',
  url: '',
  node: 'a',
} as const;

describe('locks', () => {
  test('are what was set last of each, whatever was set of others', () => {
    const change = fc.record({
      owner: fc.constantFrom('ada', 'bo', 'cy'),
      lock: fc.constantFrom('sound' as const, 'camera' as const),
      locked: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const state = changes.reduce(withLock, nothingDecided);
        const last = new Map(changes.map(({ owner, lock, locked }) => [`${owner} ${lock}`, locked]));
        const expected = [...last].flatMap(([name, locked]) => (locked ? [name] : [])).sort();
        expect(state.locks.flatMap(({ owner, locks }) => locks.map((lock) => `${owner} ${lock}`)).sort()).toEqual(
          expected,
        );
        expect(readControl(writeControl(state))).toEqual(state);
      }),
    );
  });

  test('beyond what can be kept are those that were set last', () => {
    let state = nothingDecided;
    for (let n = 0; n < 2_000; n++)
      state = withLock(state, { owner: `${n}`.padStart(64, 'é'), lock: 'sound', locked: true });
    expect(Buffer.byteLength(writeControl(state))).toBeLessThan(64 * 1024);
    expect(state.locks.length).toBeGreaterThan(200);
    expect(state.locks.at(-1)?.owner).toContain('1999');
  });
});

describe('a recording', () => {
  const claimed = withRecording(nothingDecided, { recorder: 'a~1', over: false }, everybody);
  const running = withRecording(claimed, { recorder: 'a~1', over: false, recording: info }, everybody);

  test('is one node’s: another one is refused until it is over', () => {
    const other = { recorder: 'b~1', over: false };
    for (const state of [claimed, running])
      expect(() => withRecording(state, other, everybody)).toThrow(
        expect.objectContaining({ reason: 'RECORDING_RUNS' }),
      );
    const over = withRecording(running, { recorder: 'a~1', over: true, recording: info }, everybody);
    expect(over.recorder).toBe('');
    expect(withRecording(over, other, everybody).recorder).toBe('b~1');
  });

  test('of a node that is dead keeps nobody from recording', () => {
    expect(withRecording(running, { recorder: 'b~1', over: false }, (life) => life !== 'a~1')).toEqual({
      ...nothingDecided,
      recorder: 'b~1',
    });
  });

  test('that is brought to its end does not end the next one of its node', () => {
    const next = withRecording(running, { recorder: 'a~1', over: false }, everybody);
    expect(withRecording(next, { recorder: 'a~1', over: true, recording: info }, everybody)).toBe(next);
    expect(withRecording(next, { recorder: 'a~1', over: true }, everybody).recorder).toBe('');
  });

  test('is ended by nobody but the node that records, and goes on with its next life', () => {
    expect(withRecording(running, { recorder: 'b~1', over: true }, everybody)).toBe(running);
    expect(withRecording(running, { recorder: 'a~2', over: false, recording: info }, everybody).recorder).toBe('a~2');
  });
});

test('what cannot be read decides nothing', () => {
  for (const text of ['', '{', '{}', '[]', '{"term":1}', 'null', '{"term":"1","number":2,"locks":[]}'])
    expect(readControl(text)).toBeUndefined();
});
