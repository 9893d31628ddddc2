import type { types } from 'mediasoup';
import { Emitter, type ListenerErrorHandler } from '../../core/events.ts';
import type { EngineDataHub, EngineDataHubEvents } from '../engine.ts';
import { dataRefused, refusing, unavailable } from './refusals.ts';

/**
 * What clients of a router say on their data channels comes through this process: the worker knows sizes but no rates, and
 * streams of all to all would be the square of the room. It costs about 12 µs a message and direction.
 */
export async function createDataHub(
  router: types.Router,
  { maxMessageBytes }: { readonly maxMessageBytes: number },
  onListenerError: ListenerErrorHandler,
): Promise<EngineDataHub> {
  const transport = await refusing(
    () => router.createDirectTransport({ maxMessageSize: maxMessageBytes }),
    unavailable,
  );
  const [reliable, lossy] = await refusing(
    () => Promise.all([transport.produceData({ label: 'reliable' }), transport.produceData({ label: 'lossy' })]),
    unavailable,
  );
  const events = new Emitter<EngineDataHubEvents>(onListenerError);
  return {
    reliableId: reliable.id,
    lossyId: lossy.id,
    events,
    async listen(dataProducerId) {
      // Closes with its producer.
      const consumer = await refusing(() => transport.consumeData({ dataProducerId }), dataRefused);
      consumer.on('message', (data) => events.emit('message', { dataProducerId, data }));
    },
    send({ reliable: isReliable, data, subchannels }) {
      // Its worker may just have died.
      if (transport.closed) return;
      const producer = isReliable ? reliable : lossy;
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      producer.send(bytes, undefined, subchannels && [...subchannels]);
    },
    close: () => transport.close(),
  };
}
