// The thread that has the database. One call after the other, in the order in which they came; those that came together share
// a transaction.

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { answerCalls, describeFailure, isWrite, type StoreCall } from './answer-calls.ts';
import { openDatabase } from './open-database.ts';
import { Pace } from './pace.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { Answer, Call, WorkerOptions } from './store-thread.ts';

if (!parentPort) throw new Error('This file is the entry of a worker.');
const port = parentPort;

/** Of one transaction, so that its answers do not come too late. */
const callsAtOnce = 64;

/** At most so often the write-ahead log is emptied because of what was erased. */
const defaultScrubMs = 30_000;

const answer = (answers: readonly Answer[]) => port.postMessage(answers);

function serve(store: SqliteStore, scrubAfterMs: number): void {
  const calls: Call[] = [];
  const pace = new Pace(performance.now());
  let timer: NodeJS.Timeout | undefined;
  let scrubTimer: NodeJS.Timeout | undefined;
  let isOver = false;

  /** What came meanwhile shares the next transaction. */
  const receive = () => {
    for (let got = receiveMessageOnPort(port); got; got = receiveMessageOnPort(port)) calls.push(...got.message);
  };

  const work = () => {
    timer = undefined;
    for (receive(); calls.length > 0; receive()) {
      if (calls[0]?.method === 'close') {
        close();
        return;
      }
      const end = calls.findIndex(({ method }) => method === 'close');
      const some = calls.slice(0, Math.min(end === -1 ? callsAtOnce : end, callsAtOnce)) as StoreCall[];
      const writes = some.some(isWrite);
      const waitMs = writes && end === -1 ? pace.waitMs(performance.now(), calls.length) : 0;
      if (waitMs > 0) {
        // Whole milliseconds: a timer that fires before its time would be set again for the rest.
        timer = setTimeout(work, Math.ceil(waitMs));
        return;
      }
      calls.splice(0, some.length);
      const { answers, lost } = answerCalls(store, some);
      if (writes) pace.committed();
      answer(answers);
      // The exit fails what waits as unknown.
      if (lost) {
        isOver = true;
        setImmediate(() => process.exit(1));
        return;
      }
      if (writes) tidy();
    }
  };

  const tidy = () => {
    afterwards(() => {
      if (store.isDue) store.tidy();
      store.checkpoint();
    });
    scrubLater();
  };

  const scrubLater = () => {
    if (!store.hasErased || scrubTimer !== undefined) return;
    scrubTimer = setTimeout(() => {
      scrubTimer = undefined;
      afterwards(() => store.scrub());
      scrubLater();
    }, scrubAfterMs).unref();
  };

  const close = () => {
    clearTimeout(scrubTimer);
    try {
      store.close();
    } finally {
      port.close();
    }
  };

  port.on('message', (some: readonly Call[]) => {
    calls.push(...some);
    if (timer === undefined && !isOver) work();
  });
  scrubLater();
}

/** Without space it is done later; whatever else fails is found when the file is opened anew. */
function afterwards(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!['full', 'busy'].includes(describeFailure(error).kind)) throw error;
  }
}

const { scrubAfterMs = defaultScrubMs, ...database } = workerData as WorkerOptions;

let store: SqliteStore | undefined;
try {
  store = new SqliteStore(openDatabase(database));
} catch (error) {
  answer([{ id: 0, failure: describeFailure(error) }]);
}
if (store) {
  serve(store, scrubAfterMs);
  answer([{ id: 0, value: undefined }]);
}
