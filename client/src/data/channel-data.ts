import type { types } from 'mediasoup-client';
import { requireText } from '../arguments.ts';
import type { RoomEncryption } from '../e2ee/room-encryption.ts';
import { Emitter } from '../emitter.ts';
import { ParleyError, sdkError, toParleyError } from '../errors.ts';
import type { Lifetime } from '../lifetime.ts';
import { classifyFailure } from '../media/failures.ts';
import { MediaPath, type OpenPath } from '../media/media-path.ts';
import type { RoomCalls } from '../room-calls.ts';
import type { ClientTiming } from '../timing.ts';
import { createDeferred, during } from '../waiting.ts';
import type { DataOptions, RoomData, RoomDataEvents } from './data-api.ts';
import { decodeData, encodeData } from './data-codec.ts';
import { SendRate } from './send-rate.ts';

interface ChannelDataParts {
  readonly calls: RoomCalls;
  readonly timing: ClientTiming;
  readonly device: () => Promise<types.Device>;
  readonly encryption: Pick<RoomEncryption, 'enabled'>;
}

interface Channels {
  readonly reliable: types.DataProducer;
  readonly lossy: types.DataProducer;
}

/** Unsent bytes, here and in the platform. */
const maxWaitingBytes = 1_048_576;
/** Until the server has said. */
const assumedLimits = { maxMessageBytes: 16_384, messagesPerSecond: 50 };
const maxTopicBytes = 64;
const maxReceivers = 64;
const ordered = { ordered: true };
const unordered = { ordered: false, maxRetransmits: 0 };

/**
 * Data channels over transports of their own, made when they are first used: to add them to those of sounds and pictures
 * would interrupt these. Listening opens those to receive, sending those to send.
 */
export class ChannelData implements RoomData {
  readonly #emitter = new Emitter<RoomDataEvents>();
  readonly #parts: ChannelDataParts;
  readonly #send: MediaPath;
  readonly #receive: MediaPath;
  #limits = assumedLimits;
  #rate = new SendRate(assumedLimits.messagesPerSecond);
  #channels: Channels | undefined;
  #waiting: { readonly bytes: Uint8Array<ArrayBuffer>; readonly reliable: boolean }[] = [];
  #waitingBytes = 0;
  #refusal: ParleyError | undefined;
  #tries = 0;

  constructor(parts: ChannelDataParts) {
    this.#parts = parts;
    const onStateChanged = (): void => {
      const isUnsupported = this.#send.state === 'unsupported' || this.#receive.state === 'unsupported';
      if (isUnsupported) this.#refuse(sdkError('MEDIA_UNSUPPORTED'));
    };
    const path = (direction: 'send' | 'recv', open: (current: OpenPath) => Promise<void>): MediaPath => {
      const made: MediaPath = new MediaPath({
        ...parts,
        direction,
        data: true,
        onOpened: () => void this.#opening(made, open),
        onDropped: () => {
          if (direction === 'send') this.#channels = undefined;
        },
        onStateChanged,
      });
      return made;
    };
    this.#send = path('send', (current) => this.#openSending(current));
    this.#receive = path('recv', (current) => this.#openReceiving(current));
  }

  on<Name extends keyof RoomDataEvents>(name: Name, listener: (event: RoomDataEvents[Name]) => void): () => void {
    if (!this.#parts.encryption.enabled) this.#receive.need();
    return this.#emitter.on(name, listener);
  }

  send(payload: Uint8Array, { topic = '', to = [], reliable = true }: DataOptions = {}): boolean {
    // Whatever the server would say: it could read them.
    if (this.#parts.encryption.enabled) throw ruledOut();
    if (this.#refusal) throw this.#refusal;
    if (this.#send.state === 'closed') throw sdkError('NOT_IN_ROOM');
    for (const peerId of to) requireText('to', peerId);
    if (payload.byteLength > this.#limits.maxMessageBytes) {
      throw refused(`it has ${payload.byteLength} bytes, and ${this.#limits.maxMessageBytes} are allowed`);
    }
    if (new TextEncoder().encode(topic).byteLength > maxTopicBytes) {
      throw refused(`its topic has more than ${maxTopicBytes} bytes`);
    }
    if (to.length > maxReceivers) throw refused(`it is to more than ${maxReceivers} peers`);
    this.#send.need();
    const bytes = encodeData({ to, topic, payload });
    if (this.#unsentBytes(reliable) + bytes.byteLength > maxWaitingBytes) return false;
    if (!this.#rate.take(performance.now())) {
      throw refused(`more than ${this.#limits.messagesPerSecond} messages a second`);
    }
    const channels = this.#channels;
    if (channels) (reliable ? channels.reliable : channels.lossy).send(bytes);
    else {
      this.#waiting.push({ bytes, reliable });
      this.#waitingBytes += bytes.byteLength;
    }
    return true;
  }

  /** What there was on the server is gone. */
  reset(): void {
    this.#refusal = undefined;
    this.#tries = 0;
    this.#send.reset();
    this.#receive.reset();
  }

  transportClosed(transportId: string): void {
    this.#send.ended(transportId);
    this.#receive.ended(transportId);
  }

  networkChanged(): void {
    this.#send.networkChanged();
    this.#receive.networkChanged();
  }

  close(): void {
    this.#forgetWaiting();
    this.#send.close();
    this.#receive.close();
  }

  async #opening(path: MediaPath, open: (current: OpenPath) => Promise<void>): Promise<void> {
    const { current } = path;
    if (!current) return;
    // It was another room, and the waiting messages were for that one.
    if (this.#parts.encryption.enabled) {
      this.#refuse(ruledOut());
      return;
    }
    try {
      await open(current);
      this.#tries = 0;
    } catch (error) {
      const kind = classifyFailure(error, this.#tries);
      this.#tries += 1;
      if (kind === 'final') this.#refuse(toParleyError(error, 'MEDIA_UNSUPPORTED'));
      else if (kind === 'passing') this.#startOver(path, current.transport.id);
    }
  }

  /** With another transport, after a while. The server would keep the one that is given up, and count it. */
  #startOver(path: MediaPath, transportId: string): void {
    this.#parts.calls.call('media.closeTransport', { transportId }).catch(() => {});
    path.ended(transportId);
  }

  async #openSending({ transport, life }: OpenPath): Promise<void> {
    // The first stream is 0 and the second 1, as the server expects.
    const reliable = await during(life, transport.produceData({ ...ordered, label: 'reliable' }));
    const lossy = await during(life, transport.produceData({ ...unordered, label: 'lossy' }));
    const { calls } = this.#parts;
    const { maxMessageBytes, messagesPerSecond } = await during(
      life,
      calls.call('data.open', { sendTransportId: transport.id }),
    );
    this.#limits = { maxMessageBytes, messagesPerSecond };
    this.#rate.perSecond = messagesPerSecond;
    await Promise.all([untilOpen(reliable, life), untilOpen(lossy, life)]);
    this.#channels = { reliable, lossy };
    const waiting = this.#waiting;
    this.#forgetWaiting();
    for (const { bytes, reliable: isReliable } of waiting) (isReliable ? reliable : lossy).send(bytes);
  }

  async #openReceiving({ transport, life }: OpenPath): Promise<void> {
    const opened = await during(life, this.#parts.calls.call('data.open', { recvTransportId: transport.id }));
    const streams = [
      { streamId: opened.recvReliableStream, ...ordered },
      { streamId: opened.recvLossyStream, ...unordered },
    ];
    for (const sctpStreamParameters of streams) {
      const id = `${transport.id} ${sctpStreamParameters.streamId}`;
      const consumer = await during(life, transport.consumeData({ id, dataProducerId: id, sctpStreamParameters }));
      consumer.binaryType = 'arraybuffer';
      consumer.on('message', (data: unknown) => this.#received(data));
    }
  }

  #received(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) return;
    try {
      this.#emitter.emit('message', decodeData(new Uint8Array(data)));
    } catch {
      // Of a newer server, in a way that this SDK does not read.
    }
  }

  #unsentBytes(reliable: boolean): number {
    const channel = reliable ? this.#channels?.reliable : this.#channels?.lossy;
    return this.#waitingBytes + (channel?.bufferedAmount ?? 0);
  }

  #refuse(error: ParleyError): void {
    this.#refusal = error;
    this.#forgetWaiting();
  }

  #forgetWaiting(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}

function untilOpen(producer: types.DataProducer, life: Lifetime): Promise<void> {
  if (producer.readyState === 'open') return Promise.resolve();
  const opened = createDeferred<void>();
  producer.once('open', () => opened.resolve());
  return during(life, opened.promise);
}

function ruledOut(): ParleyError {
  const what = 'data messages';
  return new ParleyError('E2EE_REFUSES', `The room is end-to-end encrypted, which rules out ${what}.`, {
    details: { what },
  });
}

function refused(problem: string): ParleyError {
  return new ParleyError('DATA_REFUSED', `The data message was refused: ${problem}.`, { details: { problem } });
}
