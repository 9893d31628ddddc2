// What lives in the media workers of this process, as mediasoup itself counts it: no part of the server is asked.

import type { types } from 'mediasoup';
import { loadMediasoup } from '../../media/mediasoup/load-mediasoup.ts';
import { findWorkerBin } from '../../media/mediasoup/worker-bin.ts';

export interface MediaCensus extends Disposable {
  readonly routers: number;
  /** Of WebRTC, those of taps, of pipes and of data hubs. */
  readonly transports: number;
  readonly producers: number;
  readonly consumers: number;
  readonly dataProducers: number;
  readonly dataConsumers: number;
}

interface Closing {
  readonly observer: { once(event: 'close', listener: () => void): unknown };
}

/** Of workers that are started from now on. */
export async function takeMediaCensus(): Promise<MediaCensus> {
  const { observer } = await loadMediasoup(findWorkerBin(''));
  const counts = { routers: 0, transports: 0, producers: 0, consumers: 0, dataProducers: 0, dataConsumers: 0 };
  const count = (name: keyof typeof counts) => (object: Closing) => {
    counts[name] += 1;
    object.observer.once('close', () => {
      counts[name] -= 1;
    });
  };
  const onWorker = (worker: types.Worker) => {
    worker.observer.on('newrouter', (router) => {
      count('routers')(router);
      router.observer.on('newtransport', (transport) => {
        count('transports')(transport);
        transport.observer.on('newproducer', count('producers'));
        transport.observer.on('newconsumer', count('consumers'));
        transport.observer.on('newdataproducer', count('dataProducers'));
        transport.observer.on('newdataconsumer', count('dataConsumers'));
      });
    });
  };
  observer.on('newworker', onWorker);
  return Object.assign(counts, { [Symbol.dispose]: () => void observer.off('newworker', onWorker) });
}
