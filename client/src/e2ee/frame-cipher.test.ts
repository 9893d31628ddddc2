import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameOpener, FrameSealer, type Opened } from './frame-cipher.ts';
import { type FrameKind, maxCounter, overheadBytes, trailerBytes } from './frame-format.ts';
import { importSecret, KeyRing, type TrackScope } from './frame-keys.ts';
import { windowFrames } from './replay-window.ts';

const ada: TrackScope = { room: 'standup', peerId: 'p_ada', source: 'camera' };
const bytes = (from: readonly number[]) => Uint8Array.from(from);
const secretOf = (fill: number) => importSecret(new Uint8Array(32).fill(fill));

/** Everybody in the room, with the secret of index 1. */
async function ring(fill = 7): Promise<KeyRing> {
  const keys = new KeyRing();
  keys.set({ index: 1, secret: await secretOf(fill) });
  keys.sendWith(1);
  return keys;
}

function sealed(frame: Uint8Array<ArrayBuffer> | undefined): Uint8Array<ArrayBuffer> {
  if (!frame) throw new Error('the frame was withheld');
  return frame;
}

const refusal = (opened: Opened) => ('refusal' in opened ? opened.refusal : 'opened');
const kinds = fc.constantFrom<FrameKind>('audio', 'video');
const frames = fc.uint8Array({ maxLength: 400 });

describe('a sealed frame', () => {
  test('is opened by who has the secret, byte for byte, whatever it held', async () => {
    const keys = await ring();
    await fc.assert(
      fc.asyncProperty(kinds, fc.array(frames, { minLength: 1, maxLength: 5 }), async (kind, sent) => {
        const sealer = new FrameSealer({ kind, scope: ada, keys });
        const opener = new FrameOpener({ kind, scope: ada, keys });
        for (const frame of sent) {
          const opened = await opener.open(sealed(await sealer.seal(frame)));
          expect('frame' in opened && [...opened.frame]).toEqual([...frame]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('leaves clear the TOC byte of Opus, ten bytes of a VP8 key frame and one of others, and nothing else', async () => {
    const keys = await ring();
    const payload = bytes(Array.from({ length: 64 }, (_, at) => at));
    const clearOf = async (kind: FrameKind, frame: Uint8Array) => {
      const whole = sealed(await new FrameSealer({ kind, scope: ada, keys }).seal(frame));
      expect(whole.byteLength).toBe(frame.byteLength + overheadBytes);
      const body = whole.slice(0, frame.byteLength);
      let clear = 0;
      while (clear < body.length && body[clear] === frame[clear]) clear += 1;
      return clear;
    };
    const delta = payload.with(0, 1);
    // A byte of ciphertext is what it was by chance once in 256 times: three tries are all so once in 16 million.
    const least = async (kind: FrameKind, frame: Uint8Array) =>
      Math.min(await clearOf(kind, frame), await clearOf(kind, frame), await clearOf(kind, frame));
    expect(await least('audio', payload)).toBe(1);
    expect(await least('video', payload)).toBe(10);
    expect(await least('video', delta)).toBe(1);
  });

  test('is refused when any bit of it was changed', async () => {
    const keys = await ring();
    await fc.assert(
      fc.asyncProperty(kinds, frames, fc.nat(), fc.nat(7), async (kind, frame, at, bit) => {
        const whole = sealed(await new FrameSealer({ kind, scope: ada, keys }).seal(frame));
        const place = at % whole.byteLength;
        whole[place] = (whole[place] ?? 0) ^ (1 << bit);
        const opened = await new FrameOpener({ kind, scope: ada, keys }).open(whole);
        expect(refusal(opened)).toBe(place === whole.byteLength - 1 ? 'keyMissing' : 'notAuthentic');
      }),
      { numRuns: 200 },
    );
  });

  test('is refused when anything of it is missing, and so is what never was one', async () => {
    const keys = await ring();
    await fc.assert(
      fc.asyncProperty(kinds, frames, fc.nat(), frames, async (kind, frame, length, garbage) => {
        const whole = sealed(await new FrameSealer({ kind, scope: ada, keys }).seal(frame));
        const opener = new FrameOpener({ kind, scope: ada, keys });
        const cut = length % whole.byteLength;
        for (const wrong of [whole.slice(0, cut), whole.slice(whole.byteLength - cut), garbage, frame]) {
          expect(refusal(await opener.open(wrong))).toMatch(/^(?:keyMissing|notAuthentic)$/);
        }
        expect(refusal(await opener.open(whole))).toBe('opened');
      }),
      { numRuns: 60 },
    );
  });

  test('is refused with another secret, and without one of its index', async () => {
    const whole = sealed(
      await new FrameSealer({ kind: 'audio', scope: ada, keys: await ring() }).seal(bytes([1, 2, 3])),
    );
    const open = async (keys: KeyRing) =>
      refusal(await new FrameOpener({ kind: 'audio', scope: ada, keys }).open(whole));
    expect(await open(await ring(8))).toBe('notAuthentic');
    expect(await open(new KeyRing())).toBe('keyMissing');
  });

  test.each<[string, TrackScope]>([
    ['peer', { ...ada, peerId: 'p_bob' }],
    ['track', { ...ada, source: 'screen' }],
    ['room', { ...ada, room: 'other' }],
  ])('of one is refused as that of another %s', async (_, scope) => {
    const keys = await ring();
    const whole = sealed(await new FrameSealer({ kind: 'video', scope: ada, keys }).seal(bytes([1, 2, 3])));
    expect(refusal(await new FrameOpener({ kind: 'video', scope, keys }).open(whole))).toBe('notAuthentic');
  });

  test('is opened once, in any order within the window, and not behind it', async () => {
    const keys = await ring();
    const sealer = new FrameSealer({ kind: 'audio', scope: ada, keys });
    const opener = new FrameOpener({ kind: 'audio', scope: ada, keys });
    const sent: Uint8Array<ArrayBuffer>[] = [];
    for (let count = 0; count < windowFrames + 2; count++) sent.push(sealed(await sealer.seal(bytes([count % 256]))));
    const open = async (at: number) => refusal(await opener.open(sent[at] ?? bytes([])));
    expect([await open(5), await open(2), await open(5), await open(2)]).toEqual([
      'opened',
      'opened',
      'replayed',
      'replayed',
    ]);
    expect(await open(windowFrames + 1)).toBe('opened');
    expect([await open(0), await open(1), await open(3), await open(3)]).toEqual([
      'replayed',
      'replayed',
      'opened',
      'replayed',
    ]);
  });

  test('that came twice at once is opened once', async () => {
    const keys = await ring();
    const whole = sealed(await new FrameSealer({ kind: 'audio', scope: ada, keys }).seal(bytes([1, 2])));
    const opener = new FrameOpener({ kind: 'audio', scope: ada, keys });
    const both = await Promise.all([opener.open(whole), opener.open(whole)]);
    expect(both.map(refusal).sort()).toEqual(['opened', 'replayed']);
  });

  test('that is forged does not move the window: the true ones are opened still', async () => {
    const keys = await ring();
    const sealer = new FrameSealer({ kind: 'audio', scope: ada, keys });
    const opener = new FrameOpener({ kind: 'audio', scope: ada, keys });
    const [first, second] = [sealed(await sealer.seal(bytes([1]))), sealed(await sealer.seal(bytes([2])))];
    expect(refusal(await opener.open(first))).toBe('opened');
    const forged = first.slice();
    forged.set([0xff, 0xff, 0xff, 0xff], forged.byteLength - 5);
    expect(refusal(await opener.open(forged))).toBe('notAuthentic');
    expect(refusal(await opener.open(second))).toBe('opened');
  });
});

describe('a sealer', () => {
  test('withholds frames without a key', async () => {
    const keys = await ring();
    const sealer = new FrameSealer({ kind: 'audio', scope: ada, keys });
    keys.drop(1);
    expect(await sealer.seal(bytes([1, 2, 3]))).toBeUndefined();
  });

  test('goes over to another key between two frames, and receivers that have both miss nothing', async () => {
    const keys = await ring();
    const sealer = new FrameSealer({ kind: 'audio', scope: ada, keys });
    const opener = new FrameOpener({ kind: 'audio', scope: ada, keys });
    const results: string[] = [];
    for (const index of [1, 2, 1, 2]) {
      if (index === 2) keys.set({ index, secret: await secretOf(9) });
      keys.sendWith(index);
      const whole = sealed(await sealer.seal(bytes([index])));
      expect(whole.at(-1)).toBe(index);
      results.push(refusal(await opener.open(whole)));
    }
    expect(results).toEqual(['opened', 'opened', 'opened', 'opened']);
  });

  test('takes a secret that replaces another of the same index', async () => {
    const keys = await ring();
    const sealer = new FrameSealer({ kind: 'audio', scope: ada, keys });
    const opener = new FrameOpener({ kind: 'audio', scope: ada, keys: await ring(8) });
    expect(refusal(await opener.open(sealed(await sealer.seal(bytes([1])))))).toBe('notAuthentic');
    keys.set({ index: 1, secret: await secretOf(8) });
    expect(refusal(await opener.open(sealed(await sealer.seal(bytes([1])))))).toBe('opened');
  });

  test('never uses a counter twice with one key: after the last one it draws another salt', async () => {
    const keys = await ring();
    const sealer = new FrameSealer({ kind: 'audio', scope: ada, keys }, maxCounter);
    const [last, next] = [sealed(await sealer.seal(bytes([1]))), sealed(await sealer.seal(bytes([1])))];
    const trailers = [last, next].map((whole) => whole.slice(-trailerBytes));
    expect(trailers.map((trailer) => [...trailer.slice(8, 12)])).toEqual([
      [255, 255, 255, 255],
      [0, 0, 0, 0],
    ]);
    expect(trailers[0]?.slice(0, 8)).not.toEqual(trailers[1]?.slice(0, 8));
    const opener = new FrameOpener({ kind: 'audio', scope: ada, keys });
    expect([refusal(await opener.open(last)), refusal(await opener.open(next))]).toEqual(['opened', 'opened']);
  });

  test('made anew for the same peer id, as a server could have it, has other keys', async () => {
    const keys = await ring();
    const seal = async () =>
      sealed(await new FrameSealer({ kind: 'audio', scope: ada, keys }).seal(new Uint8Array(64)));
    const [one, other] = [await seal(), await seal()];
    expect(one.slice(1, 64)).not.toEqual(other.slice(1, 64));
  });
});
