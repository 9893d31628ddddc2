import { expect, test } from 'vitest';
import { runSteps } from './run-steps.mjs';

interface Context {
  signal: AbortSignal;
}

/** What a reporter heard, in order. */
function createRecorder() {
  const heard: string[] = [];
  const reporter = {
    started: (name: string) => heard.push(`${name} started`),
    noted: (name: string, text: string) => heard.push(`${name}: ${text}`),
    done: (name: string) => heard.push(`${name} done`),
    failed: (name: string) => heard.push(`${name} failed`),
    stopped: (name: string) => heard.push(`${name} stopped`),
  };
  return { heard, reporter };
}

const contextFor = ({ signal }: { signal: AbortSignal }): Context => ({ signal });

function untilAborted({ signal }: Context): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

test('a step starts after those it needs, independent steps run side by side', async () => {
  const { heard, reporter } = createRecorder();
  let bothRunning = () => {};
  const meeting = new Promise<void>((resolve) => {
    bothRunning = resolve;
  });
  const failures = await runSteps<Context>(
    [
      { name: 'last', needs: ['a', 'b'], run: async () => {} },
      { name: 'a', run: () => meeting },
      { name: 'b', run: async () => bothRunning() },
    ],
    { contextFor, reporter },
  );
  expect(failures).toEqual([]);
  expect(heard.slice(0, 2)).toEqual(['a started', 'b started']);
  expect(heard.slice(-2)).toEqual(['last started', 'last done']);
});

test('a step that is done is passed over in silence, and what needs it runs', async () => {
  const { heard, reporter } = createRecorder();
  const refuse = async () => {
    throw new Error('must not run');
  };
  await runSteps<Context>(
    [
      { name: 'npm', isDone: () => true, run: refuse },
      { name: 'worker', needs: ['npm'], run: async () => {} },
    ],
    { contextFor, reporter },
  );
  expect(heard).toEqual(['worker started', 'worker done']);
});

test('after a failure nothing that needs it starts, and steps under way are stopped', async () => {
  const { heard, reporter } = createRecorder();
  const error = new Error('no space left');
  const failures = await runSteps<Context>(
    [
      { name: 'long', run: untilAborted },
      {
        name: 'npm',
        run: async () => {
          throw error;
        },
      },
      { name: 'worker', needs: ['npm'], run: async () => {} },
    ],
    { contextFor, reporter },
  );
  expect(failures).toEqual([{ name: 'npm', error }]);
  expect(heard).toEqual(['long started', 'npm started', 'npm failed', 'long stopped']);
});

test('a step that finishes what it began is not cut short by a failure, only by the person', async () => {
  const { heard, reporter } = createRecorder();
  let aptSignal: AbortSignal | undefined;
  let finishApt = () => {};
  const apt = new Promise<void>((resolve) => {
    finishApt = resolve;
  });
  const person = new AbortController();
  const running = runSteps<Context>(
    [
      {
        name: 'apt',
        finishes: true,
        run: async ({ signal }) => {
          aptSignal = signal;
          await apt;
        },
      },
      {
        name: 'npm',
        run: async () => {
          throw new Error('broken');
        },
      },
    ],
    {
      contextFor,
      reporter: {
        ...reporter,
        failed: (name: string) => {
          reporter.failed(name);
          queueMicrotask(finishApt);
        },
      },
      signal: person.signal,
    },
  );
  await running;
  expect(heard.slice(-2)).toEqual(['npm failed', 'apt done']);
  person.abort();
  expect(aptSignal?.aborted).toBe(true);
});

test('an interruption stops every step and is nobody’s failure', async () => {
  const { heard, reporter } = createRecorder();
  const person = new AbortController();
  const running = runSteps<Context>(
    [
      { name: 'npm', run: untilAborted },
      { name: 'worker', needs: ['npm'], run: async () => {} },
    ],
    {
      contextFor,
      reporter: { ...reporter, started: () => queueMicrotask(() => person.abort()) },
      signal: person.signal,
    },
  );
  expect(await running).toEqual([]);
  expect(heard).toEqual(['npm stopped']);
});

test('steps that need each other, or a step that does not exist, are refused before anything runs', async () => {
  const { heard, reporter } = createRecorder();
  const run = async () => {};
  await expect(
    runSteps<Context>(
      [
        { name: 'a', needs: ['b'], run },
        { name: 'b', needs: ['a'], run },
      ],
      { contextFor, reporter },
    ),
  ).rejects.toThrow('steps need each other: a → b → a');
  await expect(runSteps<Context>([{ name: 'a', needs: ['x'], run }], { contextFor, reporter })).rejects.toThrow(
    'needs "x"',
  );
  expect(heard).toEqual([]);
});
