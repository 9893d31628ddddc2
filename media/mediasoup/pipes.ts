import type { types } from 'mediasoup';
import { AppError } from '../../core/errors.ts';
import type { EnginePipe } from '../engine.ts';
import { cannotConsume, refusing, unavailable } from './refusals.ts';

/** A worker that is not scheduled for a moment loses what its socket cannot hold. */
const socketBufferBytes = 4 * 1024 * 1024;
const listenInfo = {
  protocol: 'udp',
  ip: '127.0.0.1',
  recvBufferSize: socketBufferBytes,
  sendBufferSize: socketBufferBytes,
} as const;

interface Pair {
  readonly near: types.PipeTransport;
  readonly far: types.PipeTransport;
}

/**
 * Tracks of one router that are carried to others: a pair of transports for each router, which closes with either of them.
 * Not by mediasoup's pipeToRouter: a pause that it passes on to a worker which is just dying is a rejection that nobody
 * handles, and a pair that could not be made is never tried again.
 */
export class Pipes {
  readonly #router: types.Router;
  readonly #pairs = new Map<types.Router, Promise<Pair>>();

  constructor(router: types.Router) {
    this.#router = router;
  }

  /** The copy gets an id of its own: ids are of a worker, and a room may have several routers on one. */
  async carry(producerId: string, to: types.Router): Promise<EnginePipe> {
    const { near, far } = await refusing(() => this.#pairTo(to), unavailable);
    const gone = (cause?: Error) => new AppError('PRODUCER_NOT_FOUND', { producerId }, { cause });
    const consumer = await refusing(
      () => near.consume({ producerId }),
      (_, cause) => gone(cause),
    );
    const { kind, rtpParameters, producerPaused: paused } = consumer;
    const producer = await refusing(
      () => far.produce({ kind, rtpParameters, paused }),
      // A router of few codecs: this one is not among them.
      cannotConsume,
    ).catch((error: unknown) => {
      // Before it is closed here.
      const ended = consumer.closed;
      consumer.close();
      throw ended && !far.closed ? gone() : error;
    });
    if (consumer.closed) {
      producer.close();
      throw gone();
    }
    follow(consumer, producer);
    return {
      producerId: producer.id,
      close() {
        consumer.close();
        producer.close();
      },
    };
  }

  #pairTo(to: types.Router): Promise<Pair> {
    const known = this.#pairs.get(to);
    if (known) return known;
    const pair = openPair(this.#router, to);
    const forget = () => {
      if (this.#pairs.get(to) === pair) this.#pairs.delete(to);
    };
    this.#pairs.set(to, pair);
    pair.then(({ near }) => near.observer.once('close', forget), forget);
    return pair;
  }
}

async function openPair(from: types.Router, to: types.Router): Promise<Pair> {
  const made = await Promise.allSettled(
    [from, to].map((router) => router.createPipeTransport({ listenInfo, enableRtx: true })),
  );
  const [near, far] = made.map((result) => (result.status === 'fulfilled' ? result.value : undefined));
  const close = () => {
    near?.close();
    far?.close();
  };
  try {
    if (!near || !far) throw made.find((result) => result.status === 'rejected')?.reason;
    near.observer.once('close', close);
    far.observer.once('close', close);
    await Promise.all([connect(near, far), connect(far, near)]);
    return { near, far };
  } catch (error) {
    close();
    throw error;
  }
}

function connect(transport: types.PipeTransport, peer: types.PipeTransport): Promise<void> {
  const { localAddress, localPort } = peer.tuple;
  return transport.connect({ ip: localAddress, port: localPort });
}

/** The copy pauses, resumes and closes as its original does; near and far tell in their own time. */
function follow(consumer: types.Consumer, producer: types.Producer): void {
  const apply = () => {
    if (producer.closed) return;
    const asked = consumer.producerPaused ? producer.pause() : producer.resume();
    // Closed meanwhile, or gone with its worker. Nothing passes the pipe while the original is paused.
    asked.catch(() => {});
  };
  consumer.on('producerpause', apply);
  consumer.on('producerresume', apply);
  consumer.observer.once('close', () => producer.close());
  producer.observer.once('close', () => consumer.close());
  if (consumer.producerPaused !== producer.paused) apply();
}
