import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { MediaEngine } from '../engine.ts';
import type { RoomMedia } from '../media.ts';
import { MixerPool } from '../mixer/pool/mixer-pool.ts';
import { MixerFailure, type MixerThread, mixerEntry } from '../mixer/pool/mixer-thread.ts';
import { PortPairs } from '../mixer/rtp/port-pairs.ts';
import type { LegSettings } from '../mixer/thread/mixer-calls.ts';
import { mediaUnavailable } from '../unavailable.ts';
import { createRtpSession, type LegSession } from './leg-session.ts';
import { MixerPhoneLeg } from './mixer-phone-leg.ts';
import type { PhoneLeg, PhoneLegOptions, PhoneMedia, PhoneMediaStats } from './phone-media.ts';
import { PhoneRoom } from './phone-room.ts';
import { WebRtcSession } from './webrtc/web-rtc-session.ts';

export interface PhoneMediaOptions {
  /** Mixer threads; 0: one per core less one, at least one. */
  readonly threads: number;
  /** What the sockets of legs listen on. */
  readonly listenIp: string;
  readonly portMin: number;
  readonly portMax: number;
  /** New legs are refused where ticks are later than that, at the 99th percentile of the last five seconds. */
  readonly maxLateMs: number;
  /** Legs are `silent` where no RTP came for so long while it should. Comfort noise and RTCP count as well. */
  readonly silenceTimeoutMs: number;
}

interface PhoneMediaParts {
  readonly options: PhoneMediaOptions;
  readonly clock: Clock;
  readonly log: Logger;
  /** For phones in browsers; undefined: they cannot call. */
  readonly engine?: MediaEngine | undefined;
  /** The thread's file; another one in tests of threads that die. */
  readonly entry?: URL;
}

/** Ports that others have may stand in the range; so many are tried. */
const maxPortTries = 20;
const host = '127.0.0.1';

/** Starts the mixer threads. @throws {Error} when one does not start. */
export async function createPhoneMedia(parts: PhoneMediaParts): Promise<PhoneMedia> {
  const { options, clock, log, engine, entry = mixerEntry } = parts;
  const legs = new Map<number, MixerPhoneLeg>();
  const rooms = new Map<RoomMedia, PhoneRoom>();
  const ports = new PortPairs({ minPort: options.portMin, maxPort: options.portMax });
  let lastId = 0;
  let legFailures = 0;
  let closed = false;
  const pool = await MixerPool.start({
    size: options.threads || Math.max(1, availableParallelism() - 1),
    maxLateMs: options.maxLateMs,
    entry,
    clock,
    log,
    onEvent: (leg, event) => {
      if (event.name === 'failed') legFailures += 1;
      legs.get(leg)?.take(event);
    },
    onDied: (thread) => {
      for (const leg of [...legs.values()]) if (leg.thread === thread) leg.died();
      for (const [room, phones] of rooms) {
        if (phones.thread !== thread) continue;
        rooms.delete(room);
        phones.close();
      }
    },
  });

  function nextId(): number {
    lastId += 1;
    return lastId;
  }

  function openRoom(room: RoomMedia, thread: MixerThread): PhoneRoom {
    const known = rooms.get(room);
    if (known) return known;
    const made = new PhoneRoom({
      id: nextId(),
      room,
      thread,
      clock,
      log,
      onEmpty: () => {
        if (rooms.get(room) === made) rooms.delete(room);
        made.close();
      },
    });
    rooms.set(room, made);
    return made;
  }

  /** @throws {AppError} MEDIA_UNAVAILABLE */
  async function bind(thread: MixerThread, number: number, legOptions: PhoneLegOptions): Promise<LegSettings> {
    for (let tries = 0; tries < maxPortTries; tries += 1) {
      const port = ports.take(clock.monotonicMs());
      if (port === undefined) break;
      // What a browser's phone says comes from a worker of this machine.
      const listenIp = legOptions.webrtc ? host : options.listenIp;
      const ssrc = randomInt(1, 2 ** 32);
      const { inBandDtmf, levelControl, noiseGate, comfortNoise, signalledFrom } = legOptions;
      const settings = {
        listenIp,
        port,
        inBandDtmf,
        levelControl,
        noiseGate,
        comfortNoise,
        silenceTimeoutMs: options.silenceTimeoutMs,
        signalledFrom,
        ssrc,
        cname: `leg-${number}`,
      };
      try {
        await thread.call('openLeg', number, settings);
        return settings;
      } catch (error) {
        ports.release(port, clock.monotonicMs());
        const isTaken = error instanceof MixerFailure && (error.code === 'EADDRINUSE' || error.code === 'EACCES');
        if (!isTaken) throw error instanceof MixerFailure ? mediaUnavailable(error) : error;
        log.debug({ port }, 'a port for a phone is in use');
      }
    }
    log.warn({ portMin: options.portMin, portMax: options.portMax, legs: legs.size }, 'no port is free for a phone');
    throw mediaUnavailable();
  }

  function createSession(
    legOptions: PhoneLegOptions,
    { listenIp, port, ssrc }: LegSettings,
    onLost: () => void,
  ): LegSession {
    if (legOptions.webrtc && engine && ssrc !== undefined) return new WebRtcSession({ engine, port, ssrc, onLost });
    const { announced, codecs, srtp, comfortNoise, ptimeMs } = legOptions;
    const address = announced;
    return createRtpSession({ address, listenIp, port, rtcpPort: port + 1, codecs, srtp, comfortNoise, ptimeMs });
  }

  return {
    async openLeg(legOptions): Promise<PhoneLeg> {
      if (closed) throw mediaUnavailable();
      if (legOptions.webrtc && !engine) throw mediaUnavailable();
      const thread = pool.choose();
      const number = nextId();
      const settings = await bind(thread, number, legOptions);
      const leg: MixerPhoneLeg = new MixerPhoneLeg({
        number,
        options: legOptions,
        settings,
        thread,
        log,
        createSession: (onLost) => createSession(legOptions, settings, onLost),
        openRoom,
        onClosed: () => {
          legs.delete(number);
          ports.release(settings.port, clock.monotonicMs());
        },
      });
      legs.set(number, leg);
      // While its port was bound, its thread may have died, or all of it may have been closed.
      if (thread.isOver || closed) {
        leg.close();
        throw mediaUnavailable();
      }
      return leg;
    },
    stats(): PhoneMediaStats {
      return {
        threads: pool.threads.map(({ place, figures }) => ({ place, ...figures })),
        threadDeaths: pool.deaths,
        legFailures,
        legs: legs.size,
        refused: pool.refused,
      };
    },
    async close() {
      closed = true;
      for (const leg of [...legs.values()]) leg.close();
      for (const room of rooms.values()) room.close();
      rooms.clear();
      await pool.close();
    },
  };
}
