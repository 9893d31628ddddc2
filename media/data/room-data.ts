import { AppError } from '../../core/errors.ts';
import type { PeerId } from '../../core/ids.ts';
import { TokenBucket } from '../../core/token-bucket.ts';
import type { DataToServer, OpenDataResponse } from '../../proto/gen/types.ts';
import type { EngineDataHub, EngineRouter } from '../engine.ts';
import type { RoomTransport } from '../room-objects.ts';
import type { StageOptions } from '../stage.ts';
import { type DataCounts, dataCountsOf } from './data-counts.ts';
import { bytesAroundPayload, readDataToServer, writeDataToClient } from './data-messages.ts';
import { NodeData } from './node-data.ts';

/** The SCTP streams that every client sends on; those that it receives on are the engine's choice. */
const sendStreams = { reliable: 0, lossy: 1 } as const;
const channels = {
  reliable: { ordered: true },
  lossy: { ordered: false, maxRetransmits: 0 },
} as const;
/**
 * What is dropped costs this process nearly as much as what is taken. Whoever goes on with ten times what is allowed, longer
 * than ten seconds' worth of that, is no client that errs.
 */
const floodFactor = 10;
const floodSeconds = 10;
/** Subchannels are 16 bits wide. */
const maxSubchannel = 0xffff;

interface Sender {
  readonly peerId: PeerId;
  readonly transport: RoomTransport;
  readonly bucket: TokenBucket;
  /** For what is dropped: empty, the sender loses its transport. */
  readonly dropBucket: TokenBucket;
}

interface Receiver {
  readonly peerId: PeerId;
  readonly transport: RoomTransport;
  /** What the hub calls it; no two of a room are called the same. */
  readonly subchannel: number;
  readonly streams: { readonly reliable: number; readonly lossy: number };
}

interface Source {
  readonly sender: Sender;
  readonly isReliable: boolean;
}

/**
 * What peers of a room say to each other on data channels. Everybody has two channels in each direction, whatever the size
 * of the room: one that keeps everything in order, one that rather loses what is late. What comes faster than allowed is
 * dropped on either, for no answer travels on a channel: the SDK refuses it before it is sent. A flood ends its transport.
 */
export class RoomData {
  readonly #options: StageOptions;
  readonly #onFlood: (transport: RoomTransport) => void;
  readonly #counts: DataCounts;
  /** Undefined: this node is the only one. */
  readonly #nodes: NodeData | undefined;
  readonly #hubs = new Map<EngineRouter, Promise<EngineDataHub>>();
  /** By data producer. */
  readonly #sources = new Map<string, Source>();
  /** By peer; of a transport that is closed until the next look. */
  readonly #senders = new Map<PeerId, Sender>();
  readonly #receivers = new Map<PeerId, Receiver>();
  /** One for each transport, made or being made: two calls at once get the same. */
  readonly #made = new WeakMap<RoomTransport, Promise<Receiver>>();
  /** Whose each is until its transport closes: what was consumed by it goes on, and must not hear what is for another. */
  readonly #subchannels = new Map<number, RoomTransport>();
  #lastSubchannel = 0;
  #opening = 0;

  constructor(options: StageOptions, onFlood: (transport: RoomTransport) => void) {
    this.#options = options;
    this.#onFlood = onFlood;
    this.#counts = dataCountsOf(options.options);
    const { roomNodes: nodes } = options;
    this.#nodes =
      nodes &&
      new NodeData({
        nodes,
        counts: this.#counts,
        maxPayloadBytes: options.options.maxDataMessageBytes,
        onMessage: (from, message, channel) => this.#deliver(from, message, channel),
      });
  }

  /** Opening again, with the same transports or others, is allowed: after a path was made anew it is needed. */
  async open(
    peerId: PeerId,
    { send, receive }: { readonly send: RoomTransport | undefined; readonly receive: RoomTransport | undefined },
  ): Promise<OpenDataResponse> {
    for (const transport of [send, receive]) {
      if (transport && !transport.engine.sctpParameters) {
        throw new AppError('DATA_REFUSED', { problem: 'the transport was made without data' });
      }
    }
    this.#forgetClosed();
    this.#opening += 1;
    try {
      if (send) await this.#openSender(peerId, send);
      return this.#answer(receive ? await this.#openReceiver(peerId, receive) : { reliable: 0, lossy: 0 });
    } finally {
      this.#opening -= 1;
    }
  }

  #answer(streams: Receiver['streams']): OpenDataResponse {
    const { maxDataMessageBytes, dataMessagesPerSecond } = this.#options.options;
    return {
      sendReliableStream: sendStreams.reliable,
      sendLossyStream: sendStreams.lossy,
      recvReliableStream: streams.reliable,
      recvLossyStream: streams.lossy,
      maxMessageBytes: maxDataMessageBytes,
      messagesPerSecond: dataMessagesPerSecond,
    };
  }

  async #openSender(peerId: PeerId, transport: RoomTransport): Promise<void> {
    if (this.#senders.get(peerId)?.transport === transport) return;
    const { clock, options } = this.#options;
    const perSecond = options.dataMessagesPerSecond;
    const floodRate = { perSecond: perSecond * floodFactor, burst: perSecond * floodFactor * floodSeconds };
    const nowMs = clock.monotonicMs();
    const before = this.#senders.get(peerId);
    const sender: Sender = {
      peerId,
      transport,
      // A path that is made anew does not make what may be sent more.
      bucket: before?.bucket ?? new TokenBucket({ perSecond, burst: perSecond * 2 }, nowMs),
      dropBucket: before?.dropBucket ?? new TokenBucket(floodRate, nowMs),
    };
    // Before anything is waited for: a second call meanwhile finds it.
    this.#senders.set(peerId, sender);
    try {
      const hub = await this.#hubOf(transport.router);
      for (const kind of ['reliable', 'lossy'] as const) {
        const { id } = await transport.engine.produceData({ streamId: sendStreams[kind], ...channels[kind] });
        this.#sources.set(id, { sender, isReliable: kind === 'reliable' });
        await hub.listen(id);
      }
    } catch (error) {
      if (this.#senders.get(peerId) === sender) this.#senders.delete(peerId);
      throw error;
    }
  }

  async #openReceiver(peerId: PeerId, transport: RoomTransport): Promise<Receiver['streams']> {
    let made = this.#made.get(transport);
    if (!made) {
      made = this.#makeReceiver(peerId, transport);
      this.#made.set(transport, made);
      made.catch(() => this.#made.delete(transport));
    }
    const receiver = await made;
    this.#receivers.set(peerId, receiver);
    return receiver.streams;
  }

  async #makeReceiver(peerId: PeerId, transport: RoomTransport): Promise<Receiver> {
    const hub = await this.#hubOf(transport.router);
    const subchannel = this.#nextSubchannel(transport);
    const consume = (dataProducerId: string, channel: (typeof channels)['reliable' | 'lossy']) =>
      transport.engine.consumeData({ dataProducerId, subchannel, ...channel });
    const reliable = await consume(hub.reliableId, channels.reliable);
    const lossy = await consume(hub.lossyId, channels.lossy);
    const streams = { reliable: reliable.streamId, lossy: lossy.streamId };
    return { peerId, transport, subchannel, streams };
  }

  #hubOf(router: EngineRouter): Promise<EngineDataHub> {
    const known = this.#hubs.get(router);
    if (known !== undefined) return known;
    const made = this.#createHub(router);
    this.#hubs.set(router, made);
    const forget = () => {
      if (this.#hubs.get(router) === made) this.#hubs.delete(router);
    };
    made.catch(forget);
    router.events.once('died', forget);
    return made;
  }

  async #createHub(router: EngineRouter): Promise<EngineDataHub> {
    const maxMessageBytes = this.#options.options.maxDataMessageBytes + bytesAroundPayload;
    const hub = await router.createDataHub({ maxMessageBytes });
    hub.events.on('message', ({ dataProducerId, data }) => this.#received(dataProducerId, data));
    return hub;
  }

  #received(dataProducerId: string, data: Uint8Array): void {
    const source = this.#sources.get(dataProducerId);
    if (!source || source.sender.transport.closed) return;
    const { clock, options } = this.#options;
    const { peerId, bucket } = source.sender;
    const nowMs = clock.monotonicMs();
    if (bucket.take(nowMs) > 0) {
      this.#counts.tooFast += 1;
      if (source.sender.dropBucket.take(nowMs) > 0) this.#endFlood(source.sender);
      return;
    }
    const message = readDataToServer(data, options.maxDataMessageBytes);
    if (!message) {
      this.#counts.malformed += 1;
      return;
    }
    this.#counts.received += 1;
    this.#deliver(peerId, message, source);
    this.#nodes?.send(peerId, message, source);
  }

  #deliver(
    fromPeerId: PeerId,
    { toPeerIds, topic, payload }: DataToServer,
    { isReliable }: Pick<Source, 'isReliable'>,
  ): void {
    const receivers = this.#receiversOf(fromPeerId, toPeerIds);
    if (receivers.length === 0) return;
    this.#counts.sent += receivers.length;
    this.#send(receivers, writeDataToClient({ fromPeerId, topic, payload }), isReliable);
  }

  #endFlood({ peerId, transport }: Sender): void {
    const { log, room } = this.#options;
    log.warn({ room, peerId }, 'a flood of data ended its transport');
    this.#onFlood(transport);
  }

  #receiversOf(from: PeerId, toPeerIds: readonly string[]): readonly Receiver[] {
    const named =
      toPeerIds.length === 0
        ? [...this.#receivers.values()]
        : [...new Set(toPeerIds)].flatMap((peerId) => this.#receivers.get(peerId as PeerId) ?? []);
    return named.filter(({ peerId, transport }) => peerId !== from && !transport.closed);
  }

  /** One message to each router, which brings it to those who are on it. */
  #send(receivers: readonly Receiver[], data: Uint8Array, reliable: boolean): void {
    const byRouter = new Map<EngineRouter, number[]>();
    for (const { transport, subchannel } of receivers) {
      const subchannels = byRouter.get(transport.router) ?? [];
      byRouter.set(transport.router, subchannels);
      subchannels.push(subchannel);
    }
    for (const [router, subchannels] of byRouter) {
      // It is there, and settled: they were opened through it. Then the order of messages is that of their coming.
      this.#hubs.get(router)?.then(
        (hub) => hub.send({ reliable, data, subchannels }),
        () => {},
      );
    }
  }

  #nextSubchannel(transport: RoomTransport): number {
    do {
      this.#lastSubchannel = this.#lastSubchannel >= maxSubchannel ? 1 : this.#lastSubchannel + 1;
    } while (this.#subchannels.has(this.#lastSubchannel));
    this.#subchannels.set(this.#lastSubchannel, transport);
    return this.#lastSubchannel;
  }

  /** What stood on a transport went with it; nobody tells of that. */
  #forgetClosed(): void {
    for (const [id, { sender }] of this.#sources) if (sender.transport.closed) this.#sources.delete(id);
    for (const [id, { transport }] of this.#receivers) if (transport.closed) this.#receivers.delete(id);
    for (const [subchannel, { closed }] of this.#subchannels) if (closed) this.#subchannels.delete(subchannel);
    this.#forgetHubs();
    // Its buckets are kept until they are full again: to open anew is not to begin anew.
    const nowMs = this.#options.clock.monotonicMs();
    for (const [id, { transport, bucket, dropBucket }] of this.#senders) {
      if (transport.closed && bucket.isFull(nowMs) && dropBucket.isFull(nowMs)) this.#senders.delete(id);
    }
  }

  /** A router closes when nobody is on it any more, and another one takes its place. */
  #forgetHubs(): void {
    if (this.#opening > 0) return;
    const inUse = new Set<EngineRouter>();
    for (const { transport } of [...this.#senders.values(), ...this.#receivers.values()]) {
      if (!transport.closed) inUse.add(transport.router);
    }
    for (const [router, made] of this.#hubs) {
      if (inUse.has(router)) continue;
      this.#hubs.delete(router);
      made.then((hub) => hub.close()).catch(() => {});
    }
  }
}
