import type { types } from 'mediasoup';
import { Emitter } from '../../core/events.ts';
import type { Logger } from '../../core/log.ts';
import type { RtpCapabilities } from '../../proto/gen/types.ts';
import type {
  EngineDataHub,
  EngineNodePipe,
  EnginePipe,
  EngineRouter,
  EngineRouterEvents,
  EngineSource,
  EngineTap,
  EngineTransport,
  NodePipeListen,
  SourceOrigin,
  TapTarget,
} from '../engine.ts';
import type { MediaOptions } from '../media-options.ts';
import { fromRtpCapabilities, toRtpCapabilities } from './convert.ts';
import { createDataHub } from './data-hub.ts';
import { openNodePipe } from './node-pipe.ts';
import { Pipes } from './pipes.ts';
import { refusing, unavailable } from './refusals.ts';
import { createSource } from './source.ts';
import { Speakers } from './speakers.ts';
import { createTap } from './tap.ts';
import type { Traffic } from './traffic.ts';
import { wrapTransport } from './transport.ts';

/** What DataToServer adds to its payload: 64 peer ids, a topic, and the fields. */
const bytesAroundData = 8192;

export interface RouterContext {
  readonly options: Pick<MediaOptions, 'initialOutgoingBitrate' | 'maxIncomingBitrate' | 'maxDataMessageBytes'>;
  readonly log: Logger;
  readonly traffic: Traffic;
}

interface RouterOptions extends RouterContext {
  readonly router: types.Router;
  readonly workerPid: number;
  readonly place: number;
  readonly webRtcServer: types.WebRtcServer;
  readonly onClosed: () => void;
}

export class MediasoupRouter implements EngineRouter {
  readonly workerPid: number;
  readonly place: number;
  readonly events: Emitter<EngineRouterEvents>;
  readonly #options: RouterOptions;
  readonly #router: types.Router;
  readonly #pipes: Pipes;
  #speakers: Speakers | undefined;

  private constructor(options: RouterOptions) {
    this.#options = options;
    this.#router = options.router;
    this.#pipes = new Pipes(options.router);
    this.workerPid = options.workerPid;
    this.place = options.place;
    this.events = new Emitter(this.#onListenerError);
  }

  static async create(options: RouterOptions): Promise<MediasoupRouter> {
    const router = new MediasoupRouter(options);
    router.#speakers = await Speakers.observe(options.router, options.log, {
      onChanged: (producerId) => router.events.emit('speakerChanged', { producerId }),
      onVoices: (voices) => router.events.emit('voicesHeard', { voices }),
    });
    return router;
  }

  get rtpCapabilities(): RtpCapabilities {
    return toRtpCapabilities(this.#router.rtpCapabilities);
  }

  async createTransport({ data = false }: { readonly data?: boolean } = {}): Promise<EngineTransport> {
    const { options, traffic, webRtcServer } = this.#options;
    const create = async () => {
      const transport = await this.#router.createWebRtcTransport({
        webRtcServer,
        // TCP is for networks that let nothing else out; a packet lost there holds up all behind it.
        preferUdp: true,
        initialAvailableOutgoingBitrate: options.initialOutgoingBitrate,
        // An association costs memory and a longer start: only where it is wanted.
        enableSctp: data,
        maxSctpMessageSize: options.maxDataMessageBytes + bytesAroundData,
      });
      await transport.setMaxIncomingBitrate(options.maxIncomingBitrate);
      return transport;
    };
    const transport = await refusing(create, unavailable);
    return wrapTransport(transport, {
      traffic,
      onListenerError: this.#onListenerError,
      onSound: (producerId) => this.#speakers?.add(producerId),
    });
  }

  canConsume(producerId: string, rtpCapabilities: RtpCapabilities): boolean {
    return this.#router.canConsume({ producerId, rtpCapabilities: fromRtpCapabilities(rtpCapabilities) });
  }

  async pipe(producerId: string, to: EngineRouter): Promise<EnginePipe> {
    if (!(to instanceof MediasoupRouter)) throw new Error('routers of two engines cannot be joined');
    return this.#pipes.carry(producerId, to.#router);
  }

  openNodePipe(listen: NodePipeListen): Promise<EngineNodePipe> {
    const onSound = (producerId: string) => this.#speakers?.add(producerId);
    return openNodePipe(this.#router, listen, { traffic: this.#options.traffic, onSound });
  }

  createTap(target: TapTarget): Promise<EngineTap> {
    return createTap(this.#router, target);
  }

  createSource(from: SourceOrigin): Promise<EngineSource> {
    const onSound = (producerId: string) => this.#speakers?.add(producerId);
    return createSource(this.#router, from, { traffic: this.#options.traffic, onSound });
  }

  createDataHub(options: { readonly maxMessageBytes: number }): Promise<EngineDataHub> {
    return createDataHub(this.#router, options, this.#onListenerError);
  }

  close(): void {
    this.#router.close();
    this.#options.onClosed();
  }

  readonly #onListenerError = (error: unknown, event: string) => {
    this.#options.log.error({ err: error, event }, 'a listener of the media engine failed');
  };
}
