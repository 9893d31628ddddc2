import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Logger } from '../../core/log.ts';
import type { EngineRouter, EngineTap } from '../engine.ts';
import { audioLevelUri } from '../mixer/rtp/header-extensions.ts';
import type { RoomProducer } from '../room-objects.ts';
import type { LevelSource, OnLevel } from './level-source.ts';
import { levelReaderOf, type ReadLevel } from './rtp-level.ts';

/** Holds what comes while this process is busy for half a second, of 50 voices. */
const bufferBytes = 4 * 1024 * 1024;
const host = '127.0.0.1';

interface Watched {
  readonly read: ReadLevel;
  readonly onLevel: OnLevel;
}

interface RouterTap {
  readonly tap: Promise<EngineTap>;
  watching: number;
}

/**
 * Levels from copies of the packets themselves: the engine's own observers look a few times a second, which is too late for
 * the first syllable. One socket of the node takes those of all routers.
 */
export class LevelTap implements LevelSource {
  /** Copies that came. */
  packets = 0;
  readonly #log: Logger;
  readonly #watched = new Map<number, Watched>();
  readonly #taps = new Map<EngineRouter, RouterTap>();
  #socket: Promise<Socket> | undefined;
  #closed = false;

  constructor({ log }: { log: Logger }) {
    this.#log = log;
  }

  canRead({ rtpParameters }: Pick<RoomProducer, 'rtpParameters'>): boolean {
    return levelReaderOf(rtpParameters, { payloadType: 0, extensionId: 0 }) !== undefined;
  }

  async watch(
    { id, rtpParameters }: Pick<RoomProducer, 'id' | 'rtpParameters'>,
    router: EngineRouter,
    onLevel: OnLevel,
  ): Promise<() => void> {
    const routerTap = this.#tapOf(router);
    routerTap.watching += 1;
    const release = () => {
      routerTap.watching -= 1;
      if (routerTap.watching === 0) this.#closeTap(router, routerTap);
    };
    try {
      const tap = await routerTap.tap;
      const track = await tap.consume({ producerId: id, paused: false });
      const { codecs, encodings, headerExtensions } = track.rtpParameters;
      const read = levelReaderOf(rtpParameters, {
        payloadType: codecs[0]?.payloadType ?? 0,
        extensionId: headerExtensions.find(({ uri }) => uri === audioLevelUri)?.id,
      });
      const key = keyOf(tap.localPort, encodings[0]?.ssrc ?? 0);
      if (read) this.#watched.set(key, { read, onLevel });
      else onLevel('unknown');
      return () => {
        this.#watched.delete(key);
        track.close();
        release();
      };
    } catch (error) {
      release();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#watched.clear();
    const socket = await this.#socket?.catch(() => undefined);
    socket?.close();
  }

  #tapOf(router: EngineRouter): RouterTap {
    const existing = this.#taps.get(router);
    if (existing) return existing;
    const tap = this.#openSocket().then((socket) => router.createTap({ ip: host, port: socket.address().port }));
    const made: RouterTap = { tap, watching: 0 };
    this.#taps.set(router, made);
    return made;
  }

  #closeTap(router: EngineRouter, routerTap: RouterTap): void {
    if (this.#taps.get(router) === routerTap) this.#taps.delete(router);
    // Closing what went with its worker does nothing.
    routerTap.tap.then((tap) => tap.close()).catch(() => {});
  }

  #openSocket(): Promise<Socket> {
    this.#socket ??= this.#bind().catch((error: unknown) => {
      this.#socket = undefined;
      throw error;
    });
    return this.#socket;
  }

  async #bind(): Promise<Socket> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: bufferBytes });
    socket.on('message', (packet, { port }) => this.#receive(packet, port));
    socket.bind(0, host);
    await once(socket, 'listening');
    socket.on('error', (error) => this.#log.error({ err: error }, 'the socket for levels of voices failed'));
    socket.unref();
    if (this.#closed) socket.close();
    return socket;
  }

  #receive(packet: Buffer, port: number): void {
    if (packet.length < 12) return;
    const watched = this.#watched.get(keyOf(port, packet.readUInt32BE(8)));
    const level = watched?.read(packet);
    if (level === undefined) return;
    this.packets += 1;
    watched?.onLevel(level);
  }
}

/** Each router's tap has a port of its own, and an SSRC is of one track there. */
function keyOf(port: number, ssrc: number): number {
  return port * 0x1_0000_0000 + ssrc;
}
