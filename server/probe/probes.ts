import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { EngineRouter, EngineTransport, MediaEngine } from '../../media/engine.ts';
import { readSdp } from '../../media/sdp/read-sdp.ts';
import type { AnsweredSection, SdpDescription } from '../../media/sdp/types.ts';
import { writeAnswer } from '../../media/sdp/write-answer.ts';
import type { IceCandidate, IceParameters } from '../../proto/gen/types.ts';

export interface ProbeRequest {
  readonly identity: string;
  /** Candidates of this protocol only are answered. */
  readonly via: 'udp' | 'tcp';
  /** Which worker: each has a port of its own. */
  readonly place: number;
  /** A session description with one data section. */
  readonly offer: string;
}

export interface OpenProbe {
  readonly answer: string;
  readonly iceParameters: IceParameters;
  readonly candidates: readonly IceCandidate[];
}

/** Of the whole server and of one identity: a page tries several ways, one after the other. */
const maxProbes = 20;
const maxOfIdentity = 6;
/** The client has an answer or a verdict by then. */
const lifeMs = 15_000;

export interface ProbeStats {
  /** Open now. */
  readonly live: number;
  /** Opened since the start, by protocol. */
  readonly opened: Readonly<Record<'udp' | 'tcp', number>>;
  readonly refused: number;
}

interface LiveProbe {
  readonly identity: string;
  close(): void;
}

/**
 * Transports that carry nothing, so that a client can find out which way to the media ports is open without being in a
 * room. Each ends when the client closes its end, and after 15 s in any case.
 */
export class Probes {
  readonly #engine: MediaEngine;
  readonly #clock: Clock;
  readonly #live = new Set<LiveProbe>();
  /** Being opened; they count. */
  readonly #opening = new Set<Pick<LiveProbe, 'identity'>>();
  readonly #opened = { udp: 0, tcp: 0 };
  #refused = 0;

  constructor({ engine, clock }: { engine: MediaEngine; clock: Clock }) {
    this.#engine = engine;
    this.#clock = clock;
  }

  /** One for each worker. */
  get places(): readonly number[] {
    return this.#engine.places.map(({ place }) => place);
  }

  get announcedAddresses(): readonly string[] {
    return this.#engine.announcedAddresses;
  }

  /** @throws {AppError} SDP_REFUSED, NODE_OVERLOADED, MEDIA_UNAVAILABLE */
  async open({ identity, via, place, offer }: ProbeRequest): Promise<OpenProbe> {
    const description = readSdp(offer);
    const sections = answerData(description);
    const opening = this.#admit(identity);
    const router = await this.#engine.createRouter({ place }).finally(() => this.#opening.delete(opening));
    const probe = this.#keep(identity, router);
    try {
      const transport = await router.createTransport({ data: true });
      transport.events.on('connectivityChanged', ({ connectivity }) => connectivity === 'failed' && probe.close());
      await transport.connect(description.dtls);
      this.#opened[via] += 1;
      const candidates = transport.iceCandidates.filter(({ protocol }) => protocol === via);
      return describe(transport, candidates, (server) =>
        writeAnswer({ offer: description, server, sessionId: '1', version: 1, sections }),
      );
    } catch (error) {
      probe.close();
      throw error;
    }
  }

  stats(): ProbeStats {
    return { live: this.#live.size, opened: { ...this.#opened }, refused: this.#refused };
  }

  close(): void {
    for (const probe of [...this.#live]) probe.close();
  }

  #admit(identity: string): Pick<LiveProbe, 'identity'> {
    const taken = [...this.#live, ...this.#opening];
    const own = taken.filter((probe) => probe.identity === identity).length;
    if (own >= maxOfIdentity || taken.length >= maxProbes) {
      this.#refused += 1;
      throw new AppError('NODE_OVERLOADED', { what: 'probes' }, { retryAfterMs: lifeMs });
    }
    const opening = { identity };
    this.#opening.add(opening);
    return opening;
  }

  #keep(identity: string, router: EngineRouter): LiveProbe {
    const timer = this.#clock.after(lifeMs, () => probe.close());
    const probe: LiveProbe = {
      identity,
      close: () => {
        timer.cancel();
        this.#live.delete(probe);
        router.close();
      },
    };
    this.#live.add(probe);
    return probe;
  }
}

function describe(
  { iceParameters, dtlsParameters, sctpParameters: sctp }: EngineTransport,
  candidates: readonly IceCandidate[],
  write: (server: Parameters<typeof writeAnswer>[0]['server']) => string,
): OpenProbe {
  return {
    answer: write({ iceParameters, iceCandidates: candidates, dtlsParameters, sctp }),
    iceParameters,
    candidates,
  };
}

function answerData({ sections }: SdpDescription): AnsweredSection[] {
  if (!sections.some(({ kind, rejected }) => kind === 'application' && !rejected)) {
    throw new AppError('SDP_REFUSED', { problem: 'a probe needs a section of data (m=application)' });
  }
  return sections.map(({ kind }) => ({ kind: kind === 'application' ? 'data' : 'rejected' }));
}
