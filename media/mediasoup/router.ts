import type { types } from 'mediasoup';
import { Emitter } from '../../core/events.ts';
import type { Logger } from '../../core/log.ts';
import type { RtpCapabilities } from '../../proto/gen/types.ts';
import type { EngineRouter, EngineRouterEvents, EngineTransport } from '../engine.ts';
import type { MediaOptions } from '../media-options.ts';
import { fromRtpCapabilities, toRtpCapabilities } from './convert.ts';
import { refusing, unavailable } from './refusals.ts';
import { Speakers } from './speakers.ts';
import type { Traffic } from './traffic.ts';
import { wrapTransport } from './transport.ts';

export interface RouterContext {
  readonly options: Pick<MediaOptions, 'initialOutgoingBitrate' | 'maxIncomingBitrate'>;
  readonly log: Logger;
  readonly traffic: Traffic;
}

interface RouterOptions extends RouterContext {
  readonly router: types.Router;
  readonly workerPid: number;
  readonly webRtcServer: types.WebRtcServer;
  readonly onClosed: () => void;
}

export class MediasoupRouter implements EngineRouter {
  readonly workerPid: number;
  readonly events: Emitter<EngineRouterEvents>;
  readonly #options: RouterOptions;
  readonly #router: types.Router;
  #speakers: Speakers | undefined;

  private constructor(options: RouterOptions) {
    this.#options = options;
    this.#router = options.router;
    this.workerPid = options.workerPid;
    this.events = new Emitter(this.#onListenerError);
  }

  static async create(options: RouterOptions): Promise<MediasoupRouter> {
    const router = new MediasoupRouter(options);
    router.#speakers = await Speakers.observe(options.router, options.log, (producerId) => {
      router.events.emit('speakerChanged', { producerId });
    });
    return router;
  }

  get rtpCapabilities(): RtpCapabilities {
    return toRtpCapabilities(this.#router.rtpCapabilities);
  }

  async createTransport(): Promise<EngineTransport> {
    const { options, traffic, webRtcServer } = this.#options;
    const create = async () => {
      const transport = await this.#router.createWebRtcTransport({
        webRtcServer,
        // TCP is for networks that let nothing else out; a packet lost there holds up all behind it.
        preferUdp: true,
        initialAvailableOutgoingBitrate: options.initialOutgoingBitrate,
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

  close(): void {
    this.#router.close();
    this.#options.onClosed();
  }

  readonly #onListenerError = (error: unknown, event: string) => {
    this.#options.log.error({ err: error, event }, 'a listener of the media engine failed');
  };
}
