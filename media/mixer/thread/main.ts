// The thread that has the sockets of phones, and mixes what they hear. It does as the main loop says, and ends with it.

import { parentPort } from 'node:worker_threads';
import { opusLibrary } from '../codecs/opus-library.ts';
import { Gathering } from './gathering.ts';
import { Mixer, plainOf } from './mixer.ts';
import type { FromMixer, MixerMethod, MixerRequest } from './mixer-calls.ts';
import { nowMs } from './now.ts';
import { silenceOf } from './silence.ts';
import { threadCpuSeconds } from './thread-cpu.ts';
import { Ticker } from './ticker.ts';

if (!parentPort) throw new Error('This file is the entry of a worker.');
const port = parentPort;

const figuresEveryMs = 1_000;

const tell = (message: FromMixer) => port.postMessage(message);

// What takes long the first time is done before anybody waits for it.
opusLibrary();
for (const codec of ['opus', 'G722', 'PCMU', 'PCMA'] as const) silenceOf(codec);

const gathering = new Gathering({ nowMs, dueMs: () => ticker.dueMs });
const mixer = await Mixer.create({
  tell: (leg, event) => tell({ type: 'event', leg, event }),
  onFailed: (error) => tell({ type: 'failed', error: plainOf(error) }),
  onRead: () => gathering.read(),
});
const ticker = new Ticker({ nowMs, onTick: (atMs) => mixer.tick(atMs) });

const tellFigures = () => {
  tell({
    type: 'figures',
    figures: {
      legs: mixer.legs,
      rooms: mixer.rooms,
      lateMsP50: ticker.lateness.quantileMs(0.5),
      lateMsP99: ticker.lateness.quantileMs(0.99),
      cpuSeconds: threadCpuSeconds(),
    },
  });
};
const figures = setInterval(tellFigures, figuresEveryMs);

port.on('message', (request: MixerRequest) => {
  if (request.method === 'close') close();
  else void carryOut(request);
});

async function carryOut({ id, method, args }: MixerRequest): Promise<void> {
  try {
    const value: unknown = await (mixer[method] as (...args: readonly unknown[]) => unknown)(...args);
    if (id !== 0) tell({ type: 'answer', id, value });
  } catch (error) {
    if (id !== 0) tell({ type: 'failure', id, ...describe(error, method) });
  }
}

function describe(error: unknown, method: MixerMethod): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: '', message: `${method} failed` };
  return { code: String((error as NodeJS.ErrnoException).code ?? ''), message: error.message };
}

function close(): void {
  clearInterval(figures);
  ticker.close();
  gathering.close();
  mixer.close();
  port.close();
}

tell({ type: 'ready', tapPort: mixer.tapPort, originPort: mixer.originPort });
