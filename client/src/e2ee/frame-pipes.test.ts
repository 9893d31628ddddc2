import { expect, test } from 'vitest';
import type { DecryptionProblem } from './e2ee-api.ts';
import { importSecret } from './frame-keys.ts';
import { FramePipes } from './frame-pipes.ts';
import type { EncodedFrame, Pipe } from './worker-protocol.ts';

const scope = { room: 'standup', peerId: 'p_ada', source: 'microphone' };
const sealing: Pipe = { id: 1, direction: 'seal', kind: 'audio', scope };
const opening: Pipe = { id: 2, direction: 'open', kind: 'audio', scope };

async function createPipes(fill: number | undefined) {
  const problems: [number, DecryptionProblem | undefined][] = [];
  const pipes = new FramePipes((id, problem) => problems.push([id, problem]));
  if (fill !== undefined) {
    pipes.keys.set({ index: 0, secret: await importSecret(new Uint8Array(16).fill(fill)) });
    pipes.keys.sendWith(0);
  }
  return { pipes, problems };
}

/** What comes out of a pipe when these go in. */
async function pass(pipes: FramePipes, pipe: Pipe, payloads: readonly Uint8Array<ArrayBuffer>[]) {
  const out: Uint8Array<ArrayBuffer>[] = [];
  const readable = new ReadableStream<EncodedFrame>({
    start(controller) {
      for (const payload of payloads) controller.enqueue({ data: payload.slice().buffer });
      controller.close();
    },
  });
  const writable = new WritableStream<EncodedFrame>({ write: ({ data }) => void out.push(new Uint8Array(data)) });
  await pipes.run(pipe, { readable, writable });
  return out;
}

const spoken = Array.from({ length: 20 }, (_, at) => new Uint8Array(40).fill(at));

test('frames pass sealed from one and opened to another, in order, and are counted', async () => {
  const [ada, bob] = [await createPipes(1), await createPipes(1)];
  const sent = await pass(ada.pipes, sealing, spoken);
  expect(await pass(bob.pipes, opening, sent)).toEqual(spoken);
  expect(ada.pipes.counts).toMatchObject({ sealed: 20, withheld: 0 });
  expect(bob.pipes.counts).toMatchObject({ opened: 20, keyMissing: 0, notAuthentic: 0, replayed: 0 });
});

test('without a key nothing leaves, and nothing that came in clear arrives', async () => {
  const ada = await createPipes(undefined);
  expect(await pass(ada.pipes, sealing, spoken)).toEqual([]);
  expect(await pass(ada.pipes, opening, spoken)).toEqual([]);
  expect(ada.pipes.counts).toMatchObject({ withheld: 20, sealed: 0, opened: 0 });
});

test('what was opened by one receiver of a track is not opened again by the next', async () => {
  const [ada, bob] = [await createPipes(1), await createPipes(1)];
  const sent = await pass(ada.pipes, sealing, spoken);
  await pass(bob.pipes, opening, sent);
  expect(await pass(bob.pipes, { ...opening, id: 3 }, sent)).toEqual([]);
  expect(bob.pipes.counts).toMatchObject({ opened: 20, replayed: 20 });
  // As the screen's sound of the same peer it is not authentic either.
  expect(await pass(bob.pipes, { ...opening, scope: { ...scope, source: 'screen-audio' } }, sent)).toEqual([]);
  expect(bob.pipes.counts.notAuthentic).toBe(20);
});
